import type { Family } from "../firewall/address.ts";
import { outsider, type Packet, type PacketOptions, type Service } from "./packet.ts";
import { inOrder, type Stage, stagesOf } from "./stage.ts";
import type { Condition } from "./state.ts";
import type { Ruleset } from "./tables.ts";
import type { Verdict } from "./target.ts";
import type { Machine } from "./translate.ts";
import { walk } from "./walk.ts";
import type { Outcome, Place } from "./way.ts";

/** Something that the answer depends on. */
export interface Dependence {
  /** The rule; `null` where it is no rule's doing. */
  readonly place: Place | null;
  /** Its matches of which nobody knows whether they hold, or why else it cannot be known. */
  readonly on: readonly string[];
}

/** What a packet meets. */
export interface Trace {
  /** `unknown` where the ways do not end alike. */
  readonly verdict: Verdict;
  /** How it most likely ends: the way on which no rule holds of which that is not known. */
  readonly end: Outcome;
  /** All ends, each verdict by each rule once. */
  readonly outcomes: readonly Outcome[];
  /** What an unknown verdict depends on; empty for any other. */
  readonly depends: readonly Dependence[];
  /** Whether nothing on the way was unknown, not even what makes no difference. */
  readonly sure: boolean;
}

/**
 * What a packet meets in all the chains that it enters on its way to this machine.
 *
 * @param stages see stagesOf() and nftStages(), in any order
 * @param packet what arrives
 * @param machine what else is known
 */
export function traceStages(
  stages: readonly Stage[],
  packet: Packet,
  machine: Machine = {},
): Trace {
  const { outcomes, forks, sure } = walk(inOrder(stages), packet, machine);
  const [first] = outcomes;
  if (first === undefined) throw new Error("a walk has no end");
  const end = outcomes.reduce((best, outcome) => outcome.held < best.held ? outcome : best, first);
  const agreed = outcomes.every(({ kind }) => kind === first.kind);
  if (agreed && first.verdict !== "unknown") {
    return { verdict: first.verdict, end, outcomes, depends: [], sure };
  }
  const depends = [
    ...forks.map(({ place, unknown }) => ({ place, on: unknown.map(({ text }) => text) })),
    ...outcomes.filter(({ verdict }) => verdict === "unknown")
      .map(({ by, reason }) => ({ place: by, on: reason === null ? [] : [reason] })),
  ];
  return { verdict: "unknown", end, outcomes, depends, sure };
}

/**
 * What a packet meets in tables as iptables-save printed them.
 *
 * @param rulesets of the packet's family: one, or that of each backend
 */
export function traceTables(
  rulesets: readonly Ruleset[],
  packet: Packet,
  machine: Machine = {},
): Trace {
  return traceStages(rulesets.flatMap(stagesOf), packet, machine);
}

/** How sure it is that a rule of INPUT decides. */
export type Certainty =
  /** Nothing comes behind it. */
  | "surely"
  /** A rate lets some through or keeps some off, so that it decides for some (packet.md). */
  | "for some"
  /** It may; nobody knows. */
  | "unknown";

/** A rule of INPUT at or through which a packet may be decided. */
export interface Decider {
  /** Number of the rule, from 1; the policy's is one more than there are rules. */
  readonly number: number;
  /** Its words; those of the policy. */
  readonly text: string;
  /** Whether it decides. */
  readonly certainty: Certainty;
  /** What may become of the packet there. */
  readonly outcomes: readonly Outcome[];
  /** What it depends on, where it is not sure. */
  readonly depends: readonly Dependence[];
}

/** Who decides over an outsider's packet. */
export interface Deciders {
  /** The first rule of filter INPUT that decides, surely or for some; `null` if none is reached. */
  readonly first: Decider | null;
  /** The rules ahead of it that may decide. */
  readonly unknown: readonly Decider[];
  /** How it ends ahead of filter INPUT, if it may: in another table, or elsewhere. */
  readonly ahead: readonly Outcome[];
}

/**
 * Which rule of filter INPUT decides over an outsider's packet: who wants to decide as well has to stand
 * ahead of it. The policy counts as the last rule.
 *
 * @param ruleset the tables of one backend and family
 * @param to the service's protocol and port
 * @param options when, and on which interface
 */
export function decidersOf(
  ruleset: Ruleset,
  to: Omit<Service, "family">,
  options: PacketOptions & Machine,
): Deciders {
  const family: Family = ruleset.family;
  const stages = inOrder(stagesOf(ruleset));
  const { outcomes, forks } = walk(stages, outsider({ ...to, family }, options), options);
  const input = ruleset.tables.get("filter")?.chains.get("INPUT");
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
    const text = input === undefined || number > input.length ? "policy" : input.text(number - 1);
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
    ahead: outcomes.filter(({ top }) => top === null),
  };
}
