import type { Rule } from "./rule.ts";
import type { Condition, Moment, Seen, Truth } from "./state.ts";
import type { Way } from "./way.ts";

/** Whether a rule matches, and, if that is unknown, which of its matches are. */
export interface Read {
  /** `null` if it may. */
  readonly holds: Truth;
  /** Those of its matches that are unknown. */
  readonly unknown: readonly Condition[];
}

const HOLDS: Read = { holds: true, unknown: [] };
const DOES_NOT: Read = { holds: false, unknown: [] };

/** Records side effects of matches. After one that may not match, they may not have happened. */
class Passing implements Moment {
  sure = true;

  constructor(readonly way: Way) {}

  remember(list: string, seen: Seen): void {
    const { state } = this.way;
    const before = state.recent.get(list)?.least ?? 0;
    const known = this.sure ? seen : { least: Math.min(before, seen.least), exact: false };
    state.recent = new Map(state.recent).set(list, known);
  }
}

/**
 * Evaluates a rule's matches from left to right, as the kernel does, up to the first that does not match.
 *
 * @param way what the packet has met; assumptions about unknown matches stay valid for it
 */
export function readRuleAt(rule: Rule, way: Way): Read {
  const passing = new Passing(way);
  let unknown: Condition[] | null = null;
  for (const condition of rule.conditions) {
    let holds = condition.test(way.state, passing);
    if (holds === null && !condition.fickle) {
      const assumed = way.assumed.get(condition.key);
      if (assumed !== undefined) holds = assumed !== condition.inverted;
    }
    if (holds === false) return DOES_NOT;
    if (holds === null) {
      (unknown ??= []).push(condition);
      passing.sure = false;
    }
  }
  return unknown === null ? HOLDS : { holds: null, unknown };
}
