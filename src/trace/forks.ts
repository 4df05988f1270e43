import type { Machine } from "./translate.ts";
import type { Branch, Fork } from "./way.ts";

/** What is known of the machine, and what is asked. */
export interface WalkOptions extends Machine {
  /** Whether ends by different rules of filter INPUT are different ends; else what they come to counts. */
  readonly byRule?: boolean;
  /** A chain that lets every packet in that comes to it, as a door in it would. */
  readonly open?: string;
}

/** Notes at the last fork of a way what the way ends in. */
export function addEnd(branch: Branch | null, kind: string): void {
  if (branch === null) return;
  branch.fork.ends[branch.holds ? "holds" : "not"].add(kind);
}

/** The forks whose two ways do not end alike; those behind a fork belong to its way. */
export function relevant(forks: readonly Fork[]): Fork[] {
  for (const { from, ends } of [...forks].reverse()) {
    for (const kind of [...ends.holds, ...ends.not]) addEnd(from, kind);
  }
  return forks.filter(({ ends: { holds, not } }) =>
    holds.size !== not.size || [...holds].some((kind) => !not.has(kind))
  );
}

/** On how many forks of a way the rule was taken to hold. */
export function held(branch: Branch | null): number {
  let count = 0;
  for (let at = branch; at !== null; at = at.fork.from) if (at.holds) count++;
  return count;
}
