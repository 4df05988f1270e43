import type { State } from "./state.ts";
import type { Chain, Ruleset, Table } from "./tables.ts";

/** The netfilter hook of a chain. */
export type Hook = "prerouting" | "input";

/** A base chain. All of them have to let a packet through. */
export interface Stage {
  /** Which iptables it belongs to, or `nft`. */
  readonly backend: string;
  /** Its table; if this has a problem, nothing is known about the stage. */
  readonly table: Table;
  /** The chain, or `null` if the table cannot be shown. */
  readonly chain: Chain | null;
  /** Its hook. */
  readonly hook: Hook;
  /** Lower ones come first within a hook (netfilter_ipv4.h, enum nf_ip_hook_priorities). */
  readonly priority: number;
  /** Whether it translates addresses: then only packets that open a connection enter it. */
  readonly nat: boolean;
}

/** Connection tracking sees a packet at this priority of prerouting. */
const CONNTRACK = -200;

/** Table, chain, hook and priority of iptables' own chains on the way to this machine. */
const CHAINS: readonly (readonly [table: string, chain: string, hook: Hook, priority: number])[] = [
  ["raw", "PREROUTING", "prerouting", -300],
  ["mangle", "PREROUTING", "prerouting", -150],
  ["nat", "PREROUTING", "prerouting", -100],
  ["mangle", "INPUT", "input", -150],
  ["filter", "INPUT", "input", 0],
  ["security", "INPUT", "input", 50],
];

/** A stage of which nothing is known, so that no rule of it is ever named. */
export function unknownStage(table: Table): Stage {
  return { backend: "", table, chain: null, hook: "prerouting", priority: -300, nat: false };
}

/** The chains that a packet to this machine passes in the tables of one iptables. */
export function stagesOf({ tables, backend, problem }: Ruleset): Stage[] {
  if (problem !== null) {
    return [unknownStage({ name: "filter", chains: new Map(), problem })];
  }
  return CHAINS.flatMap(([name, chain, hook, priority]): Stage[] => {
    const table = tables.get(name);
    if (table === undefined) return [];
    const found = table.chains.get(chain) ?? null;
    // An incomplete table may not show the chain.
    if (found === null && table.problem === null) return [];
    return [{ backend, table, chain: found, hook, priority, nat: name === "nat" }];
  });
}

const HOOKS: readonly Hook[] = ["prerouting", "input"];

/** Sorts stages into the order in which a packet passes them. */
export function inOrder(stages: readonly Stage[]): Stage[] {
  return [...stages].sort((a, b) =>
    HOOKS.indexOf(a.hook) - HOOKS.indexOf(b.hook) || a.priority - b.priority
  );
}

/** What connection tracking does before a stage, and what is certain after the translations. */
export function track(state: State, stage: Stage): void {
  const behind = stage.hook === "input" || stage.priority > CONNTRACK;
  if (behind && state.tracking === "none") state.tracking = "tracked";
  if (stage.hook === "input" && !state.mapped) state.translated ??= false;
}

/** Whether another table nat has the same priority: which is first depends on their age. */
export function hasRival(stages: readonly Stage[], index: number): boolean {
  const own = stages[index];
  return stages.some((stage, at) =>
    at > index && stage.nat && stage.priority === own?.priority && stage.chain?.length !== 0
  );
}
