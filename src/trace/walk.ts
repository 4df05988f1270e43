import { type Host, parseHost } from "./network.ts";
import type { Packet } from "./packet.ts";
import { addEnd, held, relevant, type WalkOptions } from "./forks.ts";
import { readRuleAt } from "./match_rule.ts";
import { hasRival, type Stage, track } from "./stage.ts";
import { arrive, type Condition } from "./state.ts";
import type { Target, Translation, Verdict } from "./target.ts";
import { arrivalOf, isElsewhere, redirect } from "./translate.ts";
import {
  asOpening,
  copyWay,
  type Fork,
  NO_CHAIN,
  type Outcome,
  type Place,
  placeOf,
  placesOf,
  policyOf,
  type Way,
} from "./way.ts";

/** The most ways that are followed; beyond that the verdict is unknown. */
const MAX_WAYS = 64;
/** The most rules evaluated in one walk, against pathological chains. */
const MAX_STEPS = 2_000_000;
/** Jumps within jumps; the kernel allows fewer (NFT_JUMP_STACK_SIZE is 16). */
const MAX_DEPTH = 200;

/** All ends of all ways, and what they depend on. */
export interface Walked {
  /** The ends, each verdict by each rule once, in the order in which they were found. */
  readonly outcomes: readonly Outcome[];
  /** The rules that the ends depend on. */
  readonly forks: readonly Fork[];
  /** Whether there was only one way. */
  readonly sure: boolean;
}

/** Follows a packet through chains in the order of inOrder(). */
export function walk(stages: readonly Stage[], packet: Packet, options: WalkOptions = {}): Walked {
  return new Walk(stages, packet, options).run();
}

class Walk {
  readonly #outcomes = new Map<string, Outcome>();
  readonly #forks: Fork[] = [];
  readonly #waiting: Way[] = [];
  readonly #addresses: readonly Host[] | null;
  #ways = 1;
  #steps = 0;

  constructor(
    readonly stages: readonly Stage[],
    readonly packet: Packet,
    readonly options: WalkOptions,
  ) {
    this.#addresses = options.addresses?.map((text) => parseHost(text, packet.family))
      .filter((host) => host !== null) ?? null;
  }

  run(): Walked {
    const first = this.#enter({
      state: arrive(this.packet, this.options.lists),
      stage: -1,
      chain: NO_CHAIN,
      index: 0,
      back: null,
      assumed: new Map(),
      branch: null,
      trail: null,
      top: 0,
      accepted: null,
      decided: null,
    }, 0);
    if (first !== null) this.#waiting.push(first);
    for (let way = this.#waiting.pop(); way !== undefined; way = this.#waiting.pop()) {
      while (this.#step(way));
    }
    const outcomes = [...this.#outcomes.values()];
    return { outcomes, forks: relevant(this.#forks), sure: this.#forks.length === 0 };
  }

  /** Moves a way to the beginning of a stage, or of the next that it enters; `null` if it ended. */
  #enter(way: Way, index: number): Way | null {
    for (let at = index; at < this.stages.length; at++) {
      const stage = this.stages[at];
      if (stage === undefined) break;
      track(way.state, stage);
      // The first table nat with a rule for a packet is the last one evaluated (nf_nat_inet_fn()).
      if (stage.nat && (way.state.tracking !== "tracked" || way.state.mapped)) continue;
      if (stage.chain === null || stage.table.problem !== null) {
        const reason = `table ${stage.table.name} is not known: ${stage.table.problem}`;
        return this.#end(way, { verdict: "unknown", by: null, reason });
      }
      const packet = stage.nat ? asOpening(this.packet) : this.packet;
      if (way.state.packet !== packet) way.state = { ...way.state, packet };
      Object.assign(way, { stage: at, chain: stage.chain, index: 0, back: null, top: 0 });
      return way;
    }
    const by = way.accepted?.by ?? null;
    return this.#end(way, { verdict: "accepted", by, reason: null });
  }

  /** Moves a way one rule further; returns whether it continues. */
  #step(way: Way): boolean {
    if (++this.#steps > MAX_STEPS) return this.#giveUp(way, "too many rules to follow");
    if (way.index >= way.chain.length) return this.#leave(way);
    if (way.back === null && way.chain === this.#stage(way).chain) {
      way.top = way.chain.number(way.index);
    }
    if (way.chain.skips?.(way.index, way.state)) return ++way.index > 0;
    const rule = way.chain.rule(way.index);
    const { holds, unknown } = readRuleAt(rule, way);
    const index = way.index++;
    if (holds === false) return true;
    if (holds === true) return this.#apply(way, rule.target, index);
    if (rule.target.kind === "none") return true;
    const fork = this.#fork(way, index, unknown);
    this.#take(way, fork, index);
    way.branch = { fork, holds: false };
    const [only] = unknown;
    if (unknown.length === 1 && only !== undefined && !only.fickle) {
      way.assumed.set(only.key, only.inverted);
    }
    return true;
  }

  /** Follows the way on which the rule matches. */
  #take(way: Way, fork: Fork, index: number): void {
    const other = copyWay(way);
    other.branch = { fork, holds: true };
    for (const { key, inverted, fickle, interface: name } of fork.unknown) {
      if (!fickle) other.assumed.set(key, !inverted);
      if (name !== undefined) other.state.interface ??= name;
    }
    const { target } = way.chain.rule(index);
    if (!this.#apply(other, target, index)) return;
    if (++this.#ways > MAX_WAYS) this.#giveUp(other, `more than ${MAX_WAYS} ways to follow`);
    else this.#waiting.push(other);
  }

  /** Carries out a rule; returns whether the way continues. */
  #apply(way: Way, target: Target, index: number): boolean {
    switch (target.kind) {
      case "none":
        return true;
      case "return":
        this.#mark(way, index);
        return this.#leave(way, way.top);
      case "jump":
      case "goto":
        return this.#jump(way, target, index);
      case "change":
        this.#mark(way, index);
        target.change(way.state);
        way.assumed = new Map();
        return target.then === undefined || this.#apply(way, target.then, index);
      case "translate":
        return this.#translate(way, target.to, index);
      case "verdict": {
        const by = this.#mark(way, index);
        return target.verdict === "accepted"
          ? this.#accept(way, by)
          : this.#end(way, { verdict: target.verdict, by, reason: null }) !== null;
      }
    }
  }

  #jump(way: Way, target: Target & { kind: "jump" | "goto" }, index: number): boolean {
    const chain = this.#stage(way).table.chains.get(target.chain);
    const depth = (way.back?.depth ?? 0) + 1;
    if (chain === undefined || depth > MAX_DEPTH) {
      return this.#giveUp(way, `the jump to ${target.chain} cannot be followed`);
    }
    const by = this.#mark(way, index);
    if (target.chain === this.options.open) return this.#accept(way, by);
    if (target.kind === "jump") {
      way.back = { chain: way.chain, index: way.index, back: way.back, depth };
    }
    way.chain = chain;
    way.index = 0;
    return true;
  }

  /** The end of a chain, or RETURN, of rule `top`: back to the calling chain, otherwise the policy. */
  #leave(way: Way, top?: number): boolean {
    if (way.back !== null) {
      const { chain, index, back } = way.back;
      Object.assign(way, { chain, index, back });
      return true;
    }
    const stage = this.#stage(way);
    const chain = stage.chain ?? way.chain;
    way.top = top ?? (chain.length === 0 ? 1 : chain.number(chain.length - 1) + 1);
    const by = policyOf(stage, chain);
    if (chain.policy === "accepted") return this.#accept(way, by);
    const verdict = chain.policy ?? "unknown";
    const reason = verdict === "unknown" ? `the policy of ${chain.name} is not known` : null;
    return this.#end(way, { verdict, by, reason }) !== null;
  }

  /** A stage lets the packet through. Users want to see the rule of filter INPUT that did, if any. */
  #accept(way: Way, by: Place): boolean {
    const stage = this.#stage(way);
    const filters = stage.hook === "input" && !["mangle", "security"].includes(stage.table.name);
    const weight = (filters ? 2 : 0) + (by.number > 0 ? 1 : 0);
    if (stage.hook === "input" && weight >= (way.accepted?.weight ?? 0)) {
      way.accepted = { by, weight };
    }
    way.decided = this.#top(way) ?? way.decided;
    return this.#enter(way, way.stage + 1) !== null;
  }

  #translate(way: Way, to: Translation, index: number): boolean {
    const by = this.#mark(way, index);
    const { state } = way;
    const { family } = this.packet;
    const arrival = arrivalOf(to, state, { family, addresses: this.#addresses });
    if (arrival.where === "unknown") return this.#giveUp(way, arrival.reason);
    const port = to.port === undefined ? state.port : to.port;
    if (hasRival(this.stages, way.stage)) return this.#giveUp(way, "two tables nat hold rules");
    redirect(state, { host: arrival.host, port });
    way.assumed = new Map();
    const address = arrival.host === null ? null : to.address;
    const leaves = {
      verdict: "redirected",
      by,
      reason: null,
      translated: { address, port },
    } as const;
    if (arrival.where === "elsewhere") return this.#end(way, leaves) !== null;
    if (arrival.where === "either") {
      const fork = this.#fork(way, index, [isElsewhere(address ?? "")]);
      this.#end({ ...way, branch: { fork, holds: true } }, leaves);
      way.branch = { fork, holds: false };
    }
    return this.#enter(way, way.stage + 1) !== null;
  }

  #fork(way: Way, index: number, unknown: readonly Condition[]): Fork {
    const fork: Fork = {
      place: placeOf(this.#stage(way), way.chain, index),
      unknown,
      top: this.#top(way),
      from: way.branch,
      ends: { holds: new Set(), not: new Set() },
    };
    this.#forks.push(fork);
    return fork;
  }

  #mark(way: Way, index: number): Place {
    way.trail = { place: placeOf(this.#stage(way), way.chain, index), before: way.trail };
    return way.trail.place;
  }

  #stage(way: Way): Stage {
    return this.stages[way.stage] as Stage;
  }

  /** The rule of filter INPUT that a way is at. */
  #top(way: Way): number | null {
    const stage = this.stages[way.stage];
    return stage?.hook === "input" && stage.table.name === "filter" ? way.top : null;
  }

  #giveUp(way: Way, reason: string): false {
    this.#end(way, { verdict: "unknown", by: way.trail?.place ?? null, reason });
    return false;
  }

  #end(
    way: Way,
    end: {
      verdict: Verdict;
      by: Place | null;
      reason: string | null;
      translated?: Outcome["translated"];
    },
  ): null {
    const { state } = way;
    const moved = state.mapped && this.packet.port !== state.port;
    const translated = end.translated ?? (moved ? { address: null, port: state.port } : null);
    const top = end.verdict === "accepted" ? way.decided : this.#top(way);
    const kind = JSON.stringify([end.verdict, translated]);
    addEnd(way.branch, this.options.byRule === true ? `${kind}${top}` : kind);
    const key = JSON.stringify([kind, end.by, top]);
    if (!this.#outcomes.has(key)) {
      const path = placesOf(way.trail);
      this.#outcomes.set(key, { ...end, kind, translated, path, top, held: held(way.branch) });
    }
    return null;
  }
}
