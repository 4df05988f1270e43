// The kernel's counters, and which of them the tracer says will move.
import type { Backend } from "../iptables_text.ts";
import type { Ruleset } from "../../../src/trace/tables.ts";
import type { Trace } from "../../../src/trace/verdict.ts";
import type { Place } from "../../../src/trace/way.ts";

/** Packets by rule or policy. */
export type Counts = ReadonlyMap<string, number>;

/** The rule that counts every packet. */
export const ALL = (backend: Backend): string => `${backend} raw PREROUTING 1`;

/** Names a rule. */
export function keyOf({ backend, table, chain, number }: Place): string {
  return `${backend} ${table} ${chain} ${number}`;
}

/** The rules that have to count a packet, and the policy if that decided. */
export function keysOf({ end }: Trace): string[] {
  const places = end.by?.number === 0 ? [...end.path, end.by] : end.path;
  return places.map(keyOf);
}

/** Reads what `iptables-save -c` printed. */
export function countsOf(text: string, backend: string): Counts {
  const counts = new Map<string, number>();
  let table = "";
  let number = 0;
  let last = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("*")) [table, last] = [line.slice(1), ""];
    const policy = /^:(\S+) \S+ \[(\d+):/.exec(line);
    if (policy !== null) counts.set(`${backend} ${table} ${policy[1]} 0`, Number(policy[2]));
    const rule = /^\[(\d+):\d+\] -A (\S+)/.exec(line);
    if (rule === null) continue;
    number = rule[2] === last ? number + 1 : 1;
    last = rule[2]!;
    counts.set(`${backend} ${table} ${last} ${number}`, Number(rule[1]));
  }
  return counts;
}

/** What was counted in between. */
export function difference(
  before: readonly { counts: Counts }[],
  after: readonly { counts: Counts }[],
): Map<string, number> {
  const moved = new Map<string, number>();
  after.forEach(({ counts }, at) => {
    for (const [key, count] of counts) {
      const more = count - (before[at]?.counts.get(key) ?? 0);
      if (more !== 0) moved.set(key, more);
    }
  });
  return moved;
}

/** The rules whose counters the tracer foretells: all that do something; and the policy of INPUT. */
export function deciding(rulesets: readonly Ruleset[]): Set<string> {
  const keys = new Set<string>();
  for (const { backend, tables } of rulesets) {
    for (const table of tables.values()) {
      for (const chain of table.chains.values()) {
        for (let at = 0; at < chain.length; at++) {
          const does = chain.rule(at).target.kind !== "none" && chain.name !== "POSTROUTING";
          if (does) keys.add(`${backend} ${table.name} ${chain.name} ${at + 1}`);
        }
      }
    }
    if (rulesets.length === 1) keys.add(`${backend} filter INPUT 0`);
  }
  return keys;
}
