// What a sender loses by a change of the rules.
import type { Verdict } from "./target.ts";
import type { Trace } from "./verdict.ts";
import type { Outcome } from "./way.ts";

/** How certain it is that packets that got through no longer do. */
export type Certainty =
  /** Regardless of what is unknown. */
  | "sure"
  /** Unless a rule that may or may not match lets them in. */
  | "likely"
  /** Only if a rule that may or may not match does match. */
  | "possible";

/** What a sender loses. */
export interface Loss {
  /** How certain it is. */
  readonly certainty: Certainty;
  /** The end of its packets. */
  readonly end: Outcome;
}

/** Ends that let nothing through. */
const LOST: ReadonlySet<Verdict> = new Set<Verdict>(["dropped", "rejected"]);

const isLost = ({ verdict }: Outcome): boolean => LOST.has(verdict);

/**
 * Compares what a packet met before a change with what it meets afterwards. A sender that was kept out before
 * loses nothing. A connected one is known to have got through: a foreign rule that may keep it out (a list of
 * banned addresses) did not, and is no change if it is in both.
 *
 * @param before what the packet met
 * @param after what the same packet meets then
 * @returns `null` if nothing is lost, or nothing more than may have been lost before
 */
export function lossBetween(before: Trace, after: Trace): Loss | null {
  if (before.outcomes.every(isLost)) return null;
  const lost = after.outcomes.filter(isLost);
  const [first] = lost;
  if (first !== undefined && lost.length === after.outcomes.length) {
    return { certainty: "sure", end: isLost(after.end) ? after.end : first };
  }
  // The old rules hardly let it in: the rule that keeps it out is still there.
  if (isLost(before.end)) return null;
  if (isLost(after.end)) return { certainty: "likely", end: after.end };
  const known = new Set(before.outcomes.map(keyOf));
  const fresh = lost.find((outcome) => !known.has(keyOf(outcome)));
  if (fresh !== undefined) return { certainty: "possible", end: fresh };
  const open = after.outcomes.find(({ verdict }) => verdict === "unknown");
  if (open === undefined || before.verdict === "unknown") return null;
  return { certainty: "possible", end: open };
}

/** The key of a rule, by its text and place, not its number: that changes with the rules ahead of it. */
function keyOf({ by }: Outcome): string {
  return JSON.stringify([by?.backend, by?.table, by?.chain, by?.text]);
}
