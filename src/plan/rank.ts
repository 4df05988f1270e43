import { compareAddresses } from "../firewall/address.ts";
import { RANKS } from "../firewall/properties.ts";
import type { OwnRule } from "../firewall/rule.ts";
import type { Ranked } from "./arrange.ts";
import { laterEnd } from "./doors.ts";

/** Rank order: by kind, then by address; for one address the allowed one before the door. */
export function compareRank(a: OwnRule, b: OwnRule): number {
  // Nearly all rules of a long chain are doors.
  if (a.kind === "door" && b.kind === "door") return compareAddresses(a.address, b.address);
  if (a.kind === "knocked" && b.kind === "knocked") return compareLists(a.list, b.list);
  const byClass = RANKS[a.kind] - RANKS[b.kind];
  if (byClass !== 0 || !("address" in a) || !("address" in b)) return byClass;
  const byAddress = compareAddresses(a.address, b.address);
  if (byAddress !== 0) return byAddress;
  return a.kind === b.kind ? 0 : a.kind === "allow" ? -1 : 1;
}

/** The lists of a service differ in the number of their knock; the first has none. */
function compareLists(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/**
 * Sorts ranked rules, and keeps one of each rank; there may be several logs. Of two doors of one address the
 * one that stays open longer is kept; both are kept if foreign rules are between them and the first is not
 * the one.
 */
export function settle(ranked: Ranked[], isApart: (a: number, b: number) => boolean): Ranked[] {
  const isAfter = (one: Ranked, at: number) =>
    at === 0 || compareRank(ranked[at - 1]!.rule, one.rule) < 0;
  // Most chains are in order already, and sorting 65,000 rules takes longer than reading them.
  if (ranked.every(isAfter)) return ranked;
  const settled: Ranked[] = [];
  const byPlace = (a: Ranked, b: Ranked) =>
    (a.observed ?? Infinity) - (b.observed ?? Infinity) || 0;
  for (const next of ranked.sort((a, b) => compareRank(a.rule, b.rule) || byPlace(a, b))) {
    const last = settled.at(-1);
    const same = last !== undefined && compareRank(last.rule, next.rule) === 0;
    if (!same || next.rule.kind === "log") settled.push(next);
    else if (!outlives(next.rule, last.rule)) continue;
    else if (
      last.observed !== null && next.observed !== null && isApart(last.observed, next.observed)
    ) {
      settled.push(next);
    } else settled[settled.length - 1] = next;
  }
  return settled;
}

/** Inserts a rule of a new rank into sorted rules. */
export function insert(ranked: readonly Ranked[], one: Ranked): Ranked[] {
  let low = 0;
  let high = ranked.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareRank(ranked[middle]!.rule, one.rule) < 0) low = middle + 1;
    else high = middle;
  }
  return ranked.toSpliced(low, 0, one);
}

/** Whether a rule is a door that stays open longer than another one of the same address. */
function outlives(rule: OwnRule, other: OwnRule): boolean {
  return rule.kind === "door" && other.kind === "door" && rule.until !== other.until &&
    laterEnd(rule.until, other.until) === rule.until;
}
