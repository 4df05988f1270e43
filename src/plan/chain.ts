import type { Address } from "../firewall/address.ts";
import { chainRulesOf, emitRule, type OwnRule, ruleKey } from "../firewall/rule.ts";
import { chainOf, type Door, type Service } from "../firewall/service.ts";
import type { Counters, FilterTable, SeenRule } from "../firewall/table.ts";
import { arrange, editChain, type Ranked } from "./arrange.ts";
import type { Edit } from "./edit.ts";

/** What the doors of a chain are to be, as a change to those that stand there. */
export interface DoorChange {
  /** A door to open, or to give this end. */
  readonly open?: Door;
  /** An address whose door is to close. */
  readonly close?: Address;
}

/** What is planned for one chain. */
export interface ChainPlan {
  /** What to do to the chain, in order; empty if it is as it should be. */
  readonly edits: readonly Edit[];
  /** Addresses of the timed doors whose time was over and that go. */
  readonly expired: readonly Address[];
}

/** The rules of a chain that this tool ranks, by rank; and which of them the chain's end is. */
interface Survey {
  readonly ranked: Map<string, Ranked>;
  /** Indexes of all rules that are ranked, or that double a ranked one and are to go. */
  readonly own: Set<number>;
  readonly expired: Address[];
}

const NONE: Counters = { packets: 0, bytes: 0 };

/** Ranks from the top of a chain to its end, as behaviour.md orders them. */
function rankOf(rule: OwnRule): string {
  switch (rule.kind) {
    case "established":
      return "0";
    case "allow":
      return `1${rule.address.key}0`;
    case "door":
      return `1${rule.address.key}1`;
    case "log":
      return "2";
    case "policy":
    case "jump":
      return "3";
  }
}

/** Whether a timed door is over: xt_time still matches in the second that it names. */
export function isExpired(until: number | null, now: number): boolean {
  return until !== null && until < Math.floor(now);
}

/** The later of two ends; `null`, no end, is the latest. */
function laterEnd(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

/**
 * The policy that ends a chain: its first rule that takes every packet. `null` where there is none, so
 * that packets fall through to the rules behind the jump.
 */
export function endOf(rules: readonly SeenRule[]): (OwnRule & { kind: "policy" }) | null {
  for (const { rule } of rules) if (rule.kind === "policy") return rule;
  return null;
}

/**
 * The door that stands open for an address, of several the one that stays open longest.
 *
 * @param rules a service's chain
 * @returns the door, or `null` if there is none or its time is over
 */
export function findDoor(
  rules: readonly SeenRule[],
  { address, now }: { address: Address; now: number },
): Door | null {
  let found: Door | null = null;
  for (const { rule } of rules) {
    if (rule.kind !== "door" || rule.address.key !== address.key) continue;
    if (isExpired(rule.until, now)) continue;
    found = { address, until: found === null ? rule.until : laterEnd(found.until, rule.until) };
  }
  return found;
}

/** The logs that stand directly ahead of the end; others were put where they are on purpose. */
function tailLogs(rules: readonly SeenRule[]): Set<number> {
  const end = rules.findIndex(({ rule }) => rule.kind === "policy");
  const logs = new Set<number>();
  for (let at = (end < 0 ? rules.length : end) - 1; rules[at]?.rule.kind === "log"; at--) {
    logs.add(at);
  }
  return logs;
}

/** Ranks the rules for which `isOurs` says so; of two doors of one address the longer-lived one stays. */
function survey(
  rules: readonly SeenRule[],
  { now, isOurs }: { now: number; isOurs: (rule: OwnRule, index: number) => boolean },
): Survey {
  const ranked = new Map<string, Ranked>();
  const longest = new Map<string, number | null>();
  const own = new Set<number>();
  const expired: Address[] = [];
  rules.forEach(({ rule, text, packets, bytes }, seen) => {
    if (rule.kind === "foreign" || rule.kind === "jump" || !isOurs(rule, seen)) return;
    own.add(seen);
    if (rule.kind === "door" && isExpired(rule.until, now)) {
      expired.push(rule.address);
      return;
    }
    const rank = rankOf(rule);
    if (rule.kind === "door") {
      const known = longest.get(rank);
      if (known !== undefined && laterEnd(known, rule.until) === known) return;
      longest.set(rank, rule.until);
    } else if (ranked.has(rank) && rule.kind !== "log") return;
    const unique = rule.kind === "log" ? `${rank}${String(seen).padStart(9, "0")}` : rank;
    ranked.set(unique, { rank: unique, seen, text, counters: { packets, bytes } });
  });
  return { ranked, own, expired };
}

function plan(chain: string, rules: readonly SeenRule[], found: Survey): ChainPlan {
  const wanted = [...found.ranked.values()].sort((a, b) => a.rank < b.rank ? -1 : 1);
  const placed = arrange(rules, wanted, (index) => !found.own.has(index));
  return { edits: editChain(chain, { seen: rules, placed }), expired: found.expired };
}

/**
 * Plans one change to the doors of a service and leaves its other rules where they are. Doors whose
 * time is over go in the same transaction; doors out of order, doubled or behind the end are put right.
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
  const logs = tailLogs(rules);
  const found = survey(rules, {
    now,
    isOurs: (rule, index) =>
      rule.kind === "door" || rule.kind === "allow" || rule.kind === "policy" || logs.has(index),
  });
  if (change.close !== undefined) found.ranked.delete(`1${change.close.key}1`);
  if (change.open !== undefined) openDoor(found, rules, change.open);
  return plan(chainOf(name), rules, found);
}

/** Puts the wanted door among the ranked rules; one of the same address hands on comment and counters. */
function openDoor(found: Survey, rules: readonly SeenRule[], { address, until }: Door): void {
  const rank = `1${address.key}1`;
  const known = found.ranked.get(rank);
  const old = known === undefined ? undefined : rules[known.seen ?? -1]?.rule;
  if (old?.kind === "door" && old.until === until) return;
  const comment = old?.kind === "door" ? old.comment : null;
  const text = emitRule({ kind: "door", address, until, comment });
  found.ranked.set(rank, { rank, seen: null, text, counters: known?.counters ?? NONE });
}

/**
 * Plans the rules of a service's chain: everything that this tool understands becomes what the service
 * says; unexpired doors stay, and so do rules that it does not understand.
 *
 * @param table the family's table; a chain that does not exist is planned as an empty one
 * @param service what is wanted; its `allow` of `null` keeps the allowed addresses that are there
 * @param now seconds since 1970
 */
export function planChain(
  table: FilterTable,
  { service, now }: { service: Service; now: number },
): ChainPlan {
  const rules = table.rules(chainOf(service.name));
  const found = survey(rules, { now, isOurs: () => true });
  for (const [rank, { seen }] of found.ranked) {
    const kind = rules[seen ?? -1]?.rule.kind;
    if (kind !== "door" && (kind !== "allow" || service.allow !== null)) found.ranked.delete(rank);
  }
  const standing = new Map<string, number>();
  for (const at of found.own) {
    const key = rules[at]?.key ?? "";
    if (!standing.has(key)) standing.set(key, at);
  }
  for (const rule of chainRulesOf(service, table.family)) {
    const rank = rankOf(rule);
    const seen = standing.get(ruleKey(rule)) ?? null;
    found.ranked.set(rank, { rank, seen, text: emitRule(rule), counters: NONE });
  }
  return plan(chainOf(service.name), rules, found);
}
