// Rules that other programs added to a service's chain while its new rules were unconfirmed.
import type { FilterTable, ObservedRule } from "../firewall/table.ts";
import { readJump } from "../firewall/unconfirmed.ts";
import type { Placed } from "./arrange.ts";

/** A rule of a planned chain, and its origin. */
export interface Part {
  /** The new rule, or the current place of an existing one. */
  readonly placed: Placed;
  /** The resulting rule. */
  readonly rule: ObservedRule;
}

/**
 * Rules that another program put into the old chain while the new one was unconfirmed. The program did not know
 * the new one, and no rules file removes foreign rules. Those behind the end stay dead, and are removed.
 *
 * @param given the old chain, which of its rules are in the new one, and the services that are unconfirmed
 * @returns the rules and their places
 */
export function lateRules(
  table: FilterTable,
  { old, twins, ours }: {
    old: string;
    twins: ReadonlySet<number | undefined>;
    ours: ReadonlySet<string>;
  },
): Part[] {
  const rules = table.rules(old);
  const end = rules.findIndex(({ rule }) => rule.kind === "policy");
  return rules.flatMap((rule, at): Part[] => {
    const jump = readJump(rule.text);
    const isMarker = jump !== null && jump.isNew && ours.has(jump.name);
    if (rule.rule.kind !== "foreign" || isMarker || twins.has(at) || at >= end && end >= 0) {
      return [];
    }
    return [{ placed: at, rule }];
  });
}

/**
 * Puts them among the rules of the new chain: they keep their places beside the rules that stay, those at the
 * top stay there, and all go ahead of the end.
 */
export function putLate(
  parts: readonly Part[],
  late: readonly Part[],
): Part[] {
  const waiting = [...late];
  const all: Part[] = [];
  for (let top = 0; waiting[0]?.placed === top; top++) all.push(waiting.shift()!);
  const end = parts.findIndex(({ rule }) => rule.rule.kind === "policy");
  parts.forEach((part, at) => {
    // No number is less than what is no place.
    const isAhead = ({ placed }: Part) => at === end || placed < part.placed;
    while (waiting[0] !== undefined && isAhead(waiting[0])) all.push(waiting.shift()!);
    all.push(part);
  });
  return [...all, ...waiting];
}
