import type { Address } from "../firewall/address.ts";
import type { ChainEnd } from "../firewall/chain_end.ts";
import { isWritable } from "../firewall/quote.ts";
import { emitRule, type OwnRule } from "../firewall/rule.ts";
import { chainOf, type Door } from "../firewall/service.ts";
import type { Counters, FilterTable, ObservedRule } from "../firewall/table.ts";
import { arrange, editChain, type Ranked } from "./arrange.ts";
import { isExpired } from "./doors.ts";
import { insert, settle } from "./rank.ts";
import type { Edit } from "./edit.ts";

/** A change to the doors of a chain. */
export interface DoorChange {
  /** A door to open, or to change to this end. */
  readonly open?: Door;
  /** An address whose door is to close. */
  readonly close?: Address;
}

/** The plan for one chain. */
export interface ChainPlan {
  /** The edits, in order; empty if the chain is as wanted. */
  readonly edits: readonly Edit[];
  /** Addresses of the expired doors that are removed. */
  readonly expired: readonly Address[];
}

/** The rules of a chain that this tool puts in order. */
export interface Survey {
  /** In rank order, each rank once, except logs. */
  readonly ranked: Ranked[];
  /** One for each rule of the chain that is ranked, or that duplicates a ranked one and is removed. */
  readonly own: Uint8Array;
  /** Addresses of the expired doors; none of them is ranked. */
  readonly expired: Address[];
}

/** What a new rule starts with. */
export const NONE: Counters = { packets: 0, bytes: 0 };

/** The logs directly ahead of the end; others were placed on purpose. */
function tailLogs(rules: readonly ObservedRule[], end: number): Set<number> {
  const logs = new Set<number>();
  for (let at = end - 1; rules[at]?.rule.kind === "log"; at--) {
    logs.add(at);
  }
  return logs;
}

/** Ranks the rules that `isOurs` accepts; of two doors of one address the longer-lived one stays. */
export function survey(
  rules: readonly ObservedRule[],
  { now, reached, isOurs }: {
    now: number;
    /** Index of the rule that ends the chain, or the number of rules. */
    reached: number;
    isOurs: (rule: OwnRule, index: number) => boolean;
  },
): Survey {
  const ranked: Ranked[] = [];
  const own = new Uint8Array(rules.length);
  const expired: Address[] = [];
  rules.forEach((counters, observed) => {
    const { rule } = counters;
    if (rule.kind === "foreign" || rule.kind === "jump" || !isOurs(rule, observed)) return;
    own[observed] = 1;
    if (rule.kind === "door" && isExpired(rule.until, now)) expired.push(rule.address);
    else ranked.push({ rule, observed, counters });
  });
  return { ranked: settle(ranked, apartness(rules, own, reached)), own, expired };
}

/**
 * Whether a foreign rule is between two that packets reach, so that they are not duplicates: it may decide
 * ahead of the second. Rules that this tool writes there, such as ESTABLISHED and logs, do not.
 */
export function apartness(
  rules: readonly ObservedRule[],
  own: Uint8Array,
  reached: number,
): (a: number, b: number) => boolean {
  const isApart = (at: number) => {
    const { kind } = rules[at]!.rule;
    return own[at] === 0 && (kind === "foreign" || kind === "jump");
  };
  return (a, b) => {
    if (b > reached) return false;
    for (let at = own.indexOf(0, a); at >= 0 && at < b; at = own.indexOf(0, at + 1)) {
      if (isApart(at)) return true;
    }
    return false;
  };
}

/** The edits that leave only the ranked ones of our rules, in their order. */
export function plan(
  table: FilterTable,
  { chain, ranked, found, end }: {
    chain: string;
    ranked: readonly Ranked[];
    found: Survey;
    end: ChainEnd | null;
  },
): ChainPlan {
  const rules = table.rules(chain);
  const isFixed = (index: number) => found.own[index] !== 1;
  const placed = arrange(rules, ranked, { isFixed, end });
  return { edits: editChain(chain, { observed: rules, placed }), expired: found.expired };
}

/**
 * Plans one change to the doors of a service and leaves its other rules in place. Expired doors are removed
 * in the same transaction, and doors out of order or duplicate ones are corrected. What is behind the end of
 * the chain stays there, except doors of the address that is opened or closed.
 *
 * @param table the family's table; the service's chain exists
 * @param change the door to open (replacing one of the same address) or to close; neither just sweeps
 * @param now seconds since 1970
 */
export function planDoors(
  table: FilterTable,
  { name, change, now }: { name: string; change: DoorChange; now: number },
): ChainPlan {
  const rules = table.rules(chainOf(name));
  const edits = editTidy(chainOf(name), { rules, change, now });
  return edits === null ? arrangeDoors(table, { name, change, now }) : { edits, expired: [] };
}

/**
 * The edit of a chain that is as this tool leaves it: open doors in order, behind them those of the
 * kernel's knocks, and the policy.
 * Nearly all chains are, above all the long ones, so nothing is built that is not needed.
 *
 * @returns `null` if the chain is not like that, or a door has to change: then all of it has to be arranged
 */
export function editTidy(
  chain: string,
  { rules, change: { open, close }, now }: {
    rules: readonly ObservedRule[];
    change: DoorChange;
    now: number;
  },
): Edit[] | null {
  const key = (open?.address ?? close)?.key ?? "";
  let end = rules.length - 1;
  if (open !== undefined && close !== undefined) return null;
  if (rules[end]?.rule.kind !== "policy") return null;
  while (rules[end - 1]?.rule.kind === "knocked") end--;
  let last = "";
  let ahead = 0; // doors of lower addresses
  for (let at = 0; at < end; at++) {
    const { rule } = rules[at]!;
    if (rule.kind !== "door" || rule.address.key <= last || isExpired(rule.until, now)) return null;
    last = rule.address.key;
    if (last < key) ahead = at + 1;
  }
  const { rule, text, packets, bytes } = rules[ahead]!;
  const isThere = rule.kind === "door" && rule.address.key === key;
  const place = { chain, index: ahead + 1, last: false };
  if (open !== undefined) {
    const door = emitRule({ kind: "door", ...open, comment: null });
    return isThere ? null : [{ op: "insert", ...place, text: door, ...NONE, isOwn: true }];
  }
  if (!isThere) return [];
  // To `-D` an IPv6 address may be the same as that of another door.
  return text.includes(":") ? null : [{ op: "delete", ...place, text, packets, bytes }];
}

/** The kinds of rules that a change of a door puts in order. */
const DOORS: ReadonlySet<OwnRule["kind"]> = new Set(["door", "allow", "knocked", "policy"]);

/** Plans a change to the doors of any chain. */
export function arrangeDoors(
  table: FilterTable,
  { name, change, now }: { name: string; change: DoorChange; now: number },
): ChainPlan {
  const chain = chainOf(name);
  const rules = table.rules(chain);
  const end = table.endOf(chain)?.at ?? rules.length;
  const logs = tailLogs(rules, end);
  const { close, open } = change;
  const isDead = (rule: OwnRule) =>
    rule.kind === "door" && !isExpired(rule.until, now) &&
    rule.address.key !== (open?.address ?? close)?.key;
  const found = survey(rules, {
    now,
    reached: end,
    isOurs: (rule, index) =>
      table.isFrozen && rule.kind !== "policy" && rule.kind !== "log"
        ? rule.kind === "door" && !isDead(rule)
        : index <= end
        ? DOORS.has(rule.kind) || logs.has(index)
        : rule.kind === "door" && !isDead(rule),
  });
  const isDoorOf = (rule: OwnRule, { key }: Address) =>
    rule.kind === "door" && rule.address.key === key;
  let { ranked } = found;
  if (close !== undefined) ranked = ranked.filter(({ rule }) => !isDoorOf(rule, close));
  if (open !== undefined) {
    const known = ranked.find(({ rule }) => isDoorOf(rule, open.address));
    const others = ranked.filter(({ rule }) => !isDoorOf(rule, open.address));
    ranked = insert(others, openDoor(open, known));
  }
  return plan(table, { chain, ranked, found, end: table.endOf(chain) });
}

/** The wanted door; one of the same address stays if it has that end, or passes on comment and counters. */
function openDoor({ address, until }: Door, known: Ranked | undefined): Ranked {
  const old = known?.rule;
  if (known !== undefined && old?.kind === "door" && old.until === until) return known;
  const said = old?.kind === "door" ? old.comment : null;
  const comment = said !== null && isWritable(said) ? said : null;
  const rule = { kind: "door", address, until, comment } as const;
  const instead = known?.observed ?? null;
  return { rule, observed: null, instead, counters: known?.counters ?? NONE };
}
