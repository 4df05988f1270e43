import { allStages } from "./nft/stages.ts";
import { outsider, packetFrom, type PacketOptions, type Service } from "./packet.ts";
import { inOrder, type Stage } from "./stage.ts";
import type { Condition } from "./state.ts";
import type { Ruleset } from "./tables.ts";
import type { Machine } from "./translate.ts";
import type { Dependence } from "./verdict.ts";
import { walk } from "./walk.ts";
import type { Outcome } from "./way.ts";

/** How certain it is that a rule of INPUT decides. */
export type Certainty =
  /** No packet gets past it. */
  | "surely"
  /** A rate accepts or drops some packets, so that it decides for some (packet.md). */
  | "for some"
  /** Unknown. */
  | "unknown";

/** A rule of INPUT at or through which a packet may be decided. */
export interface Decider {
  /** Number of the rule, from 1; the policy's is one more than there are rules. */
  readonly number: number;
  /** Its text; or that of the policy. */
  readonly text: string;
  /** Whether it decides. */
  readonly certainty: Certainty;
  /** The possible verdicts there. */
  readonly outcomes: readonly Outcome[];
  /** What it depends on, if it is not certain. */
  readonly depends: readonly Dependence[];
}

/** The rules that decide an outsider's packet. */
export interface Deciders {
  /** The first rule of filter INPUT that decides, for all or some; `null` if none is reached. */
  readonly first: Decider | null;
  /** The rules ahead of it that may decide. */
  readonly unknown: readonly Decider[];
  /** How it may end without filter INPUT: in another table, or on another machine. */
  readonly elsewhere: readonly Outcome[];
}

/** Further input. */
export interface DecidersOptions extends PacketOptions, Machine {
  /** The output of `nft -j list ruleset`. Default: not read. */
  readonly nft?: string | null;
  /** An address of the family. Default, also for an invalid address: an outsider. */
  readonly source?: string;
}

/**
 * Which rule of filter INPUT decides an outsider's packet: another rule has to be ahead of it to decide.
 * The policy counts as the last rule.
 *
 * @param ruleset the tables of one backend and family
 * @param to the service's protocol and port
 * @param options when and on which interface, at least
 */
export function decidersOf(
  ruleset: Ruleset,
  to: Omit<Service, "family">,
  options: DecidersOptions,
): Deciders {
  const { family } = ruleset;
  const stages = inOrder(allStages([ruleset], options.nft ?? null));
  const service = { ...to, family };
  const { source } = options;
  const known = source === undefined ? null : packetFrom(service, source, options);
  const packet = known ?? outsider(service, options);
  const { outcomes, forks } = walk(stages, packet, { ...options, byRule: true });
  const isInput = (stage: Stage) => stage.table.name === "filter" && stage.hook === "input";
  const input = stages.find(isInput)?.chain ?? null;
  const tops = [...new Set(outcomes.map(({ top }) => top))].filter((top) => top !== null)
    .sort((a, b) => a - b);
  const last = tops.at(-1) ?? 0;
  const deciders = tops.map((number): Decider => {
    const open = forks.filter((fork) => fork.top === number);
    const conditions: Condition[] = open.flatMap(({ unknown }) => unknown);
    const ends = outcomes.filter(({ top }) => top === number);
    const certainty = ends.some(({ verdict }) => verdict === "unknown")
      ? "unknown"
      : number === last
      ? "surely"
      : conditions.every(({ rate }) => rate)
      ? "for some"
      : "unknown";
    const text = input === null || number > input.length ? "policy" : input.text(number - 1);
    const depends = certainty === "surely"
      ? []
      : open.map(({ place, unknown }) => ({ place, on: unknown.map(({ text }) => text) }));
    return { number, text, certainty, outcomes: ends, depends };
  });
  const first = deciders.find(({ certainty }) => certainty !== "unknown") ?? null;
  return {
    first,
    unknown: deciders.filter(({ number, certainty }) =>
      certainty === "unknown" && number < (first?.number ?? Infinity)
    ),
    elsewhere: outcomes.filter(({ top }) => top === null),
  };
}
