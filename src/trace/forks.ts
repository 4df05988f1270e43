import type { Machine } from "./translate.ts";
import type { Branch, Fork } from "./way.ts";

/** Facts about the machine, and options. */
export interface WalkOptions extends Machine {
  /** Whether ends by different rules of filter INPUT are different; otherwise only the result counts. */
  readonly byRule?: boolean;
  /** A chain that accepts every packet that reaches it, as a door in it would. */
  readonly open?: string;
}

/** Records the end of a way at its last fork. */
export function addEnd(branch: Branch | null, kind: string): void {
  if (branch === null) return;
  branch.fork.ends[branch.holds ? "holds" : "not"].add(kind);
}

/** The forks whose two ways end differently; those after a fork belong to its way. */
export function relevant(forks: readonly Fork[]): Fork[] {
  for (const { from, ends } of [...forks].reverse()) {
    for (const kind of [...ends.holds, ...ends.not]) addEnd(from, kind);
  }
  return forks.filter(({ ends: { holds, not } }) =>
    holds.size !== not.size || [...holds].some((kind) => !not.has(kind))
  );
}

/** At how many forks of a way the rule was assumed to match. */
export function held(branch: Branch | null): number {
  let count = 0;
  for (let at = branch; at !== null; at = at.fork.from) if (at.holds) count++;
  return count;
}
