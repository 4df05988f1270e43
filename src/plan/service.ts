import { emitRule, jumpsOf, type OwnRule, ruleKey } from "../firewall/rule.ts";
import { chainOf, knockedServiceOf, type Service } from "../firewall/service.ts";
import type { FilterTable } from "../firewall/table.ts";
import { editChain, type Placed } from "./arrange.ts";
import { planChain } from "./service_chain.ts";
import type { Edit } from "./edit.ts";
import { type KnockPlan, planKnocks } from "./knock_chains.ts";
import { isRestricted } from "./service_end.ts";

/** The wanted state of one family's table. */
export interface Wanted {
  /** Services to create or change, in the order of their jumps. */
  readonly services: readonly Service[];
  /** Names of services to remove; a missing one is ignored. */
  readonly remove: readonly string[];
  /** Seconds since 1970; `-Infinity` keeps expired doors. */
  readonly now: number;
  /**
   * Whether a jump with further matches (a source, a limit) is replaced by the service's own, which takes
   * more packets. Otherwise such a jump stays, and no other is added.
   */
  readonly replaceJumps?: boolean;
  /** Whether doors behind the end of their chain move ahead of it. */
  readonly revive?: boolean;
  /**
   * Of services whose jump is new the index of the rule of INPUT that it goes ahead of; others go to the
   * end. A jump that is there goes there as well, where it is behind that rule. Jumps to the chains of
   * knocks are named by `knockPlace`.
   */
  readonly places?: ReadonlyMap<string, number>;
}

/** The key in `places` of the jumps to a knock's chain; no service has this name. */
export function knockPlace(chain: string): string {
  return `.${chain}`;
}

/** The plan for one family. */
export interface TablePlan {
  /** All edits of the transaction, in order. */
  readonly edits: readonly Edit[];
  /** The edits of each service, by name; a service without an edit is absent. */
  readonly byService: ReadonlyMap<string, readonly Edit[]>;
}

/**
 * Plans the smallest transaction that gives one family the wanted state. A jump that exists keeps its place
 * even if its ports change; new ones go where `places` says, duplicate ones are removed.
 *
 * @param table the family's table as it is
 * @param wanted services that cover this family, and names to remove
 */
export function planTable(table: FilterTable, wanted: Wanted): TablePlan {
  const create: Edit[] = [];
  const inside: Edit[] = [];
  const removed = wanted.remove.map(chainOf).filter((chain) => table.hasChain(chain));
  // Chains that change in the same transaction end nothing that jumps to them.
  const changing = [...removed, ...wanted.services.map(({ name }) => chainOf(name))];
  for (const service of wanted.services) {
    const chain = chainOf(service.name);
    if (!table.hasChain(chain)) create.push({ op: "create-chain", chain });
    const plan = planChain(table, {
      service,
      now: wanted.now,
      removed,
      changing,
      revive: wanted.revive === true,
    });
    for (const edit of plan.edits) inside.push(edit);
  }
  const knocks = planKnocks(table, wanted);
  const gone = [...removed, ...knocks.remove];
  const jumps = planJumps(table, { ...wanted, knocks }, new Set(gone));
  // All are flushed before the first is deleted: one may jump to another, which could not be deleted.
  const remove: Edit[] = [
    ...gone.map((chain) => ({ op: "flush-chain", chain, rules: table.rules(chain) }) as const),
    ...gone.map((chain) => ({ op: "delete-chain", chain }) as const),
  ];
  const edits = [
    ...[...create, ...knocks.create],
    ...[...inside, ...knocks.inside],
    ...jumps,
    ...remove,
  ];
  let groups: ReadonlyMap<string, readonly Edit[]> | null = null;
  return {
    edits,
    // On demand: most verbs do not need it, and the text of every edit has to be read.
    get byService() {
      return groups ??= groupByService(edits);
    },
  };
}

/**
 * The jumps of all services at once: one transaction has one sequence of positions in INPUT. Those to the
 * chains of knocks come first: such a chain decides nothing, and a service ahead of it might.
 */
function planJumps(
  table: FilterTable,
  { services, replaceJumps = false, places, knocks }: Wanted & { readonly knocks: KnockPlan },
  removed: ReadonlySet<string>,
): Edit[] {
  const edits: Edit[] = [];
  // The chains of services are planned as a whole, jumps to removed chains included.
  const planned = new Set(["INPUT", ...services.map(({ name }) => chainOf(name)), ...removed]);
  const wanted = [
    ...knocks.chains.map(({ chain, jumps }) => ({
      chain,
      jumps,
      at: places?.get(knockPlace(chain)),
    })),
    ...services.map((service) => (
      { chain: chainOf(service.name), jumps: jumpsOf(service), at: places?.get(service.name) }
    )),
  ];
  for (const from of table.chainNames) {
    if (planned.has(from) || removed.size === 0) continue;
    const rules = table.rules(from);
    const placed = rules.flatMap(({ rule }, observed): Placed[] =>
      rule.kind === "jump" && removed.has(rule.chain) ? [] : [observed]
    );
    for (const edit of editChain(from, { observed: rules, placed })) edits.push(edit);
  }
  const rules = table.rules("INPUT");
  const standing = new Map<string, number[]>();
  rules.forEach(({ rule }, index) => {
    if (rule.kind !== "jump") return;
    const known = standing.get(rule.chain);
    if (known === undefined) standing.set(rule.chain, [index]);
    else known.push(index);
  });
  const slots: Placed[][] = rules.map((_, observed) => [observed]);
  const ahead: Placed[][] = rules.map(() => []);
  const end: Placed[] = [];
  for (const chain of removed) for (const at of standing.get(chain) ?? []) slots[at] = [];
  for (const { chain, jumps, at } of wanted) {
    const known = standing.get(chain) ?? [];
    const home = at === undefined ? end : ahead[at] ?? end;
    placeJumps(jumps, { table, slots, end: home, standing: known, replaceJumps });
    if (at === undefined) continue;
    for (const jump of known.filter((jump) => jump >= at)) {
      home.push(...slots[jump]!.splice(0).map(move));
    }
  }
  const placed = [...slots.flatMap((slot, at) => [...ahead[at]!, ...slot]), ...end];
  const input = editChain("INPUT", { observed: rules, placed });
  return [...edits, ...input];
}

/** Puts a service's jumps into its existing slots, the rest behind the last of them. */
function placeJumps(
  jumps: readonly OwnRule[],
  { table, slots, end, standing: all, replaceJumps }: {
    table: FilterTable;
    slots: Placed[][];
    end: Placed[];
    standing: readonly number[];
    replaceJumps: boolean;
  },
): void {
  if (all.length === 0) {
    end.push(...jumps.map(placeNew));
    return;
  }
  const rules = table.rules("INPUT");
  const standing = replaceJumps ? all : all.filter((at) => !isRestricted(rules[at]!));
  if (standing.length === 0) return;
  const missing = new Map(jumps.map((jump) => [ruleKey(jump), jump]));
  const wrong = standing.filter((at) => !missing.delete(rules[at]?.key ?? ""));
  const fresh = [...missing.values()].map(placeNew);
  for (const at of wrong) slots[at] = fresh.splice(0, 1);
  (slots[standing.at(-1) ?? -1] ?? end).push(...fresh);
}

/** Marks an existing rule of INPUT as moved; a new one stays new. */
function move(placed: Placed): Placed {
  return typeof placed === "number" ? { moved: placed } : placed;
}

function placeNew(jump: OwnRule): Placed {
  return { text: emitRule(jump), packets: 0, bytes: 0 };
}

const JUMP_TARGET = / -[jg] (pk-\S+)$/;

/** Groups the edits of a transaction by service. */
function groupByService(edits: readonly Edit[]): Map<string, Edit[]> {
  const groups = new Map<string, Edit[]>();
  for (const edit of edits) {
    const target = "text" in edit ? JUMP_TARGET.exec(` ${edit.text}`)?.[1] : undefined;
    const chain = target ?? edit.chain;
    const name = knockedServiceOf(chain) ?? chain.slice(chainOf("").length);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [edit]);
    else group.push(edit);
  }
  return groups;
}
