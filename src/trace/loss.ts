// What a change of the rules takes away from a sender whom they let through so far.
import type { Verdict } from "./target.ts";
import type { Trace } from "./verdict.ts";
import type { Outcome } from "./way.ts";

/** How sure it is that packets that came through no longer do. */
export type Certainty =
  /** Whatever is not known. */
  | "sure"
  /** Unless a rule of which nobody knows whether it holds lets them in. */
  | "likely"
  /** Only if a rule of which nobody knows whether it holds, holds. */
  | "possible";

/** What a sender loses. */
export interface Loss {
  /** How sure it is. */
  readonly certainty: Certainty;
  /** How his packets end. */
  readonly end: Outcome;
}

/** Ends behind which nothing comes through. */
const LOST: ReadonlySet<Verdict> = new Set<Verdict>(["dropped", "rejected"]);

const isLost = ({ verdict }: Outcome): boolean => LOST.has(verdict);

/**
 * Compares what a packet met before a change with what it meets afterwards. Who was kept out already loses
 * nothing. Of someone who is connected it is known that he came through: a foreign rule that may keep him
 * out (a list of banned addresses) did not before, and is no news where it is in both.
 *
 * @param before what the packet met
 * @param after what the same packet meets then
 * @returns `null` where nothing is lost, or nothing more than may have been lost before
 */
export function lossBetween(before: Trace, after: Trace): Loss | null {
  if (before.outcomes.every(isLost)) return null;
  const lost = after.outcomes.filter(isLost);
  const [first] = lost;
  if (first !== undefined && lost.length === after.outcomes.length) {
    return { certainty: "sure", end: isLost(after.end) ? after.end : first };
  }
  // By the rules as they were he was hardly let in: there is a rule that does it, and it is still there.
  if (isLost(before.end)) return null;
  if (isLost(after.end)) return { certainty: "likely", end: after.end };
  const known = new Set(before.outcomes.map(keyOf));
  const fresh = lost.find((outcome) => !known.has(keyOf(outcome)));
  if (fresh !== undefined) return { certainty: "possible", end: fresh };
  const open = after.outcomes.find(({ verdict }) => verdict === "unknown");
  if (open === undefined || before.verdict === "unknown") return null;
  return { certainty: "possible", end: open };
}

/** A rule by what it says and where, not by its number: that changes with the rules ahead of it. */
function keyOf({ by }: Outcome): string {
  return JSON.stringify([by?.backend, by?.table, by?.chain, by?.text]);
}
