import { rewriteRule } from "../firewall/quote.ts";
import { CHAIN_PREFIX, chainOf, serviceOf } from "../firewall/service.ts";
import { type Counters, FilterTable, type ObservedRule, PrintedRule } from "../firewall/table.ts";
import {
  readJump,
  readUndatedJump,
  UNCONFIRMED_PREFIX,
  unconfirmedChainOf,
  unconfirmedServiceOf,
} from "../firewall/unconfirmed.ts";
import { editChain, longestAscending } from "./arrange.ts";
import type { Edit } from "./edit.ts";
import { lateRules, type Part, putLate } from "./late_rules.ts";

/** The unconfirmed rules of a family's table. */
export interface Unconfirmed {
  /** The last second in which packets meet the new rules, in seconds since 1970. */
  readonly until: number;
  /** The services that have new rules or are removed, by name. */
  readonly names: readonly string[];
  /** Those of them whose new rules another program deleted: they are lost. */
  readonly flushed: readonly string[];
  /** Those whose new rules no packet reaches any more: another program deleted the jumps. */
  readonly cutOff: readonly string[];
}

/** A table in which nothing is unconfirmed, and how the kernel's is made like it. */
export interface Settled {
  /** The table. */
  readonly table: FilterTable;
  /** The edits that make the kernel's table like it. */
  readonly edits: readonly Edit[];
}

/** Whether packets no longer meet the new rules: xt_time still matches in the second of their end. */
export function isOver({ until }: Unconfirmed, now: number): boolean {
  return until < Math.floor(now);
}

/**
 * Finds the unconfirmed rules of a table, which are recognized from the table alone: all jumps to a chain
 * `pk.NAME` have an end.
 *
 * @returns `null` if there are none
 */
export function findUnconfirmed(table: FilterTable): Unconfirmed | null {
  const chains = table.unconfirmedChains;
  if (chains.length === 0) return null;
  const ends: number[] = [];
  const foreign = new Set<string>();
  const called = new Set<string>(); // only the old chain of a removed service names it
  for (const chain of table.chainNames) {
    if (unconfirmedServiceOf(chain) !== null) continue;
    for (const { text } of table.rules(chain)) {
      const jump = readJump(text);
      if (jump === null || !jump.isNew) continue;
      if (jump.stop === null) foreign.add(unconfirmedChainOf(jump.name));
      else {
        ends.push(jump.stop);
        if (chain !== chainOf(jump.name)) called.add(jump.name);
      }
    }
  }
  if (ends.length === 0) return null;
  const names = chains.filter((chain) => !foreign.has(chain)).map((chain) =>
    chain.slice(UNCONFIRMED_PREFIX.length)
  );
  if (names.length === 0) return null;
  const flushed = names.filter((name) =>
    called.has(name) && table.countRules(unconfirmedChainOf(name)) === 0
  );
  const cutOff = names.filter((name) =>
    !called.has(name) && table.countRules(unconfirmedChainOf(name)) > 0 &&
    !isCalledBeside(table, name)
  );
  return { until: Math.min(...ends), names: names.sort(), flushed, cutOff };
}

/** Whether the new rules of another service lead to those of this one. */
function isCalledBeside(table: FilterTable, name: string): boolean {
  return table.unconfirmedChains.some((chain) =>
    table.rules(chain).some(({ text }) => {
      const jump = readJump(text);
      return jump !== null && jump.isNew && jump.name === name;
    })
  );
}

/** The old rules alone, as they were before `load --confirm`. */
export function takeBack(table: FilterTable, { until, names }: Unconfirmed): Settled {
  const ours = new Set(names);
  const chains = new Map<string, Part[]>();
  for (const chain of table.chainNames) {
    if (isNewChain(chain, ours)) continue;
    chains.set(
      chain,
      table.rules(chain).flatMap((rule, at): Part[] => {
        const jump = readJump(rule.text);
        if (jump === null || !ours.has(jump.name)) return [{ placed: at, rule }];
        if (jump.isNew) return [];
        if (jump.start !== until + 1) return [{ placed: at, rule }];
        if (jump.isCopy) return [];
        return [rewrite(table, { rule, text: jump.plain, counters: rule })];
      }),
    );
  }
  const edits = [...editAll(table, chains), ...dropChains(table, names.map(unconfirmedChainOf))];
  return { table: assemble(table, chains), edits };
}

/**
 * The new rules alone, as they are once confirmed. Each chain has the rules of `pk.NAME` in the same places,
 * plus those that another program added to `pk-NAME` meanwhile: packets meet these only from then on.
 *
 * @param options `late` whether these are among them. Default: no
 */
export function makePermanent(
  table: FilterTable,
  { names }: Unconfirmed,
  { late = false }: { readonly late?: boolean } = {},
): Settled {
  const ours = new Set(names);
  const chains = new Map<string, Part[]>();
  const create: Edit[] = [];
  const going: string[] = [];
  for (const chain of table.chainNames) {
    const name = serviceOf(chain);
    if (isNewChain(chain, ours) || name !== null && ours.has(name)) continue;
    chains.set(chain, replaceJumps(table, { chain, ours }));
  }
  for (const name of names) {
    const [old, fresh] = [chainOf(name), unconfirmedChainOf(name)];
    // No service has an empty chain: it stands for a removed one, whose packets pass its old jump.
    if (table.countRules(fresh) === 0) {
      if (table.hasChain(old)) going.push(old);
      continue;
    }
    if (!table.hasChain(old)) create.push({ op: "create-chain", chain: old });
    chains.set(old, mergeRules(table, { old, fresh, ours, late }));
  }
  const gone = [...names.map(unconfirmedChainOf), ...going];
  const edits = [...create, ...editAll(table, chains), ...dropChains(table, gone)];
  return { table: assemble(table, chains), edits };
}

function isNewChain(chain: string, ours: ReadonlySet<string>): boolean {
  const name = unconfirmedServiceOf(chain);
  return name !== null && ours.has(name);
}

/** A rule that is rewritten with another text. */
function rewrite(
  table: FilterTable,
  { rule, text, counters }: { rule: ObservedRule; text: string; counters: Counters },
): Part {
  const { packets, bytes } = counters;
  const written = new PrintedRule(table.family, text, packets, bytes);
  written.isNative = rule.isNative === true;
  return { placed: { text: rewriteRule(text), packets, bytes }, rule: written };
}

/** Whether a rewritten rule keeps its counters: ip6tables-nft cannot set them. */
function keepsCounters({ family }: FilterTable): boolean {
  return family === "ipv4";
}

function sum(a: Counters, b: Counters): Counters {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}

/** The new jumps of a chain without their end, in place of the old ones; equal old ones stay. */
function replaceJumps(
  table: FilterTable,
  { chain, ours }: { chain: string; ours: ReadonlySet<string> },
): Part[] {
  const rules = table.rules(chain);
  const jumps = rules.map(({ text }) => {
    const jump = readJump(text);
    return jump !== null && ours.has(jump.name) ? jump : null;
  });
  let kept = -1; // the last old jump that stays: none may move ahead of it
  return rules.flatMap((rule, at): Part[] => {
    const jump = jumps[at]!;
    if (jump === null) return [{ placed: at, rule }];
    if (!jump.isNew) return [];
    let like = Math.max(at, kept) + 1;
    while (jumps[like] != null && rules[like]!.text !== jump.plain) like++;
    const twin = jumps[like] == null ? undefined : rules[like];
    const isCounted = rule.packets > 0 && keepsCounters(table);
    if (twin !== undefined && !isCounted) {
      kept = like;
      return [{ placed: like, rule: twin }];
    }
    return [rewrite(table, {
      rule,
      text: jump.plain,
      counters: twin === undefined ? rule : sum(rule, twin),
    })];
  });
}

/** The rules of a new chain under its old name; equal rules of the old chain stay. */
function mergeRules(
  table: FilterTable,
  { old, fresh, ours, late }: {
    old: string;
    fresh: string;
    ours: ReadonlySet<string>;
    late: boolean;
  },
): Part[] {
  const observed = table.rules(old);
  const places = new Map<string, number[]>();
  observed.forEach(({ text }, at) => {
    const known = places.get(text);
    if (known === undefined) places.set(text, [at]);
    else known.push(at);
  });
  const wanted = table.rules(fresh).map((rule) => {
    const jump = readUndatedJump(rule.text);
    const text = jump !== null && jump.isNew && ours.has(jump.name) ? jump.plain : rule.text;
    return { rule, text, twin: places.get(text)?.shift() };
  });
  const staying = new Set(
    longestAscending(wanted.flatMap(({ twin }) => twin === undefined ? [] : [twin])),
  );
  const parts = wanted.map(({ rule, text, twin }): Part => {
    const like = twin === undefined ? undefined : observed[twin];
    const isCounted = rule.packets > 0 && keepsCounters(table);
    if (twin !== undefined && like !== undefined && staying.has(twin) && !isCounted) {
      return { placed: twin, rule: like };
    }
    const counters = like === undefined ? rule : sum(rule, like);
    return rewrite(table, { rule, text, counters });
  });
  if (!late) return parts;
  const twins = new Set(wanted.map(({ twin }) => twin));
  return putLate(parts, lateRules(table, { old, twins, ours }));
}

function editAll(table: FilterTable, chains: ReadonlyMap<string, readonly Part[]>): Edit[] {
  const services: Edit[] = [];
  const others: Edit[] = [];
  for (const [chain, parts] of chains) {
    const observed = table.rules(chain);
    if (parts.length === observed.length && parts.every(({ placed }, at) => placed === at)) {
      continue;
    }
    const edits = editChain(chain, { observed, placed: parts.map(({ placed }) => placed) });
    const list = chain.startsWith(CHAIN_PREFIX) ? services : others;
    for (const edit of edits) list.push(edit);
  }
  return [...services, ...others];
}

/** All are flushed before the first is deleted: one may jump to another. */
function dropChains(table: FilterTable, chains: readonly string[]): Edit[] {
  return [
    ...chains.map((chain) => ({ op: "flush-chain", chain, rules: table.rules(chain) }) as const),
    ...chains.map((chain) => ({ op: "delete-chain", chain }) as const),
  ];
}

function assemble(table: FilterTable, chains: ReadonlyMap<string, readonly Part[]>): FilterTable {
  const rules = [...chains].map(([chain, parts]) =>
    [chain, parts.map(({ rule }) => rule)] as const
  );
  const settled = new FilterTable(table.family, new Map(rules));
  settled.isVerified = table.isVerified;
  settled.isFrozen = table.isFrozen;
  return settled;
}
