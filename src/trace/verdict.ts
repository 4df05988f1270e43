import type { Packet } from "./packet.ts";
import { inOrder, type Stage } from "./stage.ts";
import type { Verdict } from "./target.ts";
import type { Machine } from "./translate.ts";
import type { WalkOptions } from "./forks.ts";
import { walk } from "./walk.ts";
import type { Outcome, Place } from "./way.ts";

/** Something that the verdict depends on. */
export interface Dependence {
  /** The rule; `null` if no rule is the cause. */
  readonly place: Place | null;
  /** Its unknown matches, or another reason. */
  readonly on: readonly string[];
}

/** What a packet meets. */
export interface Trace {
  /** `unknown` if the ways have different ends. */
  readonly verdict: Verdict;
  /** The most likely end: that of the way on which no unknown rule matches. */
  readonly end: Outcome;
  /** All ends, each verdict by each rule once. */
  readonly outcomes: readonly Outcome[];
  /** What an unknown verdict depends on; empty for any other. */
  readonly depends: readonly Dependence[];
  /** Whether nothing on the way was unknown, not even something irrelevant. */
  readonly sure: boolean;
}

/**
 * Follows a packet through all the chains on its way to this machine.
 *
 * @param stages see stagesOf() and nftStages(), in any order
 * @param packet the packet
 * @param machine further facts; `open`: a chain that is treated as one that lets everyone in
 */
export function traceStages(
  stages: readonly Stage[],
  packet: Packet,
  machine: Machine & Pick<WalkOptions, "open"> = {},
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
  return { verdict: "unknown", end, outcomes, depends: once(depends), sure };
}

/** Each of them once: several ways may reach the same rule. */
function once(depends: readonly Dependence[]): Dependence[] {
  return [...new Map(depends.map((one) => [JSON.stringify(one), one])).values()];
}
