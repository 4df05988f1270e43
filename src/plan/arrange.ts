import type { ChainEnd } from "../firewall/chain_end.ts";
import { emitRule, type OwnRule } from "../firewall/rule.ts";
import type { Counters, ObservedRule } from "../firewall/table.ts";
import type { Edit } from "./edit.ts";

/** A rule of a planned chain: an existing or a new one. */
export type Placed =
  /** Index of an existing rule that stays in place. */
  | number
  /** An existing rule that moves. */
  | { readonly moved: number }
  | ({ readonly text: string } & Counters);

/** A rule with a rank: an address, a log, a policy. */
export interface Ranked {
  /** Its meaning. */
  readonly rule: OwnRule;
  /** Current index of the rule, if it exists. */
  readonly observed: number | null;
  /** Initial counters of a new rule. */
  readonly counters: Counters;
  /** Index of the rule that a new one replaces. */
  readonly instead?: number | null;
}

/**
 * Finds the longest run of rules that are already in order and can stay; all others have to move.
 *
 * @param places the chain indexes of the rules, in the wanted order
 * @returns the indexes that stay, ascending
 */
export function longestAscending(places: readonly number[]): readonly number[] {
  if (places.every((place, at) => at === 0 || places[at - 1]! < place)) return places;
  const tails: number[] = []; // tails[k]: position in `places` that ends the best run of length k + 1
  const before = new Array<number>(places.length).fill(-1);
  const place = (position: number): number => places[position] ?? -1;
  for (let position = 0; position < places.length; position++) {
    let low = 0;
    let high = tails.length;
    const last = tails.at(-1);
    if (last !== undefined && place(last) < place(position)) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (place(tails[middle] ?? -1) < place(position)) low = middle + 1;
      else high = middle;
    }
    before[position] = tails[low - 1] ?? -1;
    tails[low] = position;
  }
  const run: number[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) run.push(place(at));
  return run.reverse();
}

/** The part of a chain that stays in place. */
export interface Fixed {
  /** Whether a rule is fixed; a rule that is neither fixed nor wanted is removed. */
  readonly isFixed: (index: number) => boolean;
  /** The first rule that takes every packet; `null` if there is none. */
  readonly end: ChainEnd | null;
}

/**
 * Puts ranked rules in order around the rules of a chain that must not move. No rule crosses a foreign one:
 * an ACCEPT moved ahead of someone's DROP would let in addresses that this keeps out. So each part between
 * two foreign rules is ordered by itself. Doors go ahead of the first rule that takes every packet. If that
 * is a foreign rule, a policy and its log stay behind it or go to the end of the chain: the foreign rule
 * must not silently lose its effect.
 *
 * @param observed the chain as it is
 * @param wanted the ranked rules it is to have, in rank order
 * @returns the planned chain: a new rule goes directly ahead of the next one that is in place, so
 * that foreign rules ahead of the doors stay ahead of them
 */
export function arrange(
  observed: readonly ObservedRule[],
  wanted: readonly Ranked[],
  { isFixed, end }: Fixed,
): Placed[] {
  const stop = end === null ? observed.length : end.at;
  const hasOwnEnd = end === null || end.isPolicy;
  const to = hasOwnEnd ? Math.min(stop + 1, observed.length) : stop;
  const isTail = ({ rule, observed: place }: Ranked) =>
    !hasOwnEnd && (rule.kind === "log" || rule.kind === "policy") && (place ?? stop) >= stop;
  const placed: Placed[] = [];
  let from = 0;
  const parts = partsOf(wanted.filter((one) => !isTail(one)), { isFixed, to });
  parts.forEach(({ wanted: some, until }, part) => {
    const isLast = part === parts.length - 1;
    for (
      const one of weave({ wanted: some, isFixed, from, end: isLast ? stop : until, to: until })
    ) {
      placed.push(one);
    }
    if (!isLast) placed.push(until); // the foreign rule that ends the part
    from = until + 1;
  });
  const tail = hasOwnEnd ? [] : wanted.filter(isTail);
  const rest = { wanted: tail, isFixed, from: to, end: observed.length, to: observed.length };
  for (const one of weave(rest)) placed.push(one);
  return placed;
}

/** A part of a chain between two foreign rules. */
interface Part {
  /** The wanted rules that are or will be in it. */
  readonly wanted: Ranked[];
  /** Its end: the index of the next foreign rule, or of the end of the chain. */
  readonly until: number;
}

/** Assigns wanted rules to the parts of a chain: each stays in its own, a new one joins its successor. */
function partsOf(
  wanted: readonly Ranked[],
  { isFixed, to }: { isFixed: (index: number) => boolean; to: number },
): Part[] {
  const parts: Part[] = [];
  const partAt = new Int32Array(to); // the part of each rule
  for (let at = 0; at < to; at++) {
    partAt[at] = parts.length;
    if (isFixed(at)) parts.push({ wanted: [], until: at });
  }
  parts.push({ wanted: [], until: to });
  const last = parts.length - 1;
  let next = last; // the part of the next rule in order that is in place
  const chosen = new Int32Array(wanted.length);
  for (let at = wanted.length - 1; at >= 0; at--) {
    const { observed, rule, instead = null } = wanted[at]!;
    const place = observed ?? instead;
    if (place !== null && place < to) next = partAt[place]!;
    else if (rule.kind === "log" || rule.kind === "policy") next = last;
    chosen[at] = next;
  }
  wanted.forEach((one, at) => parts[chosen[at]!]!.wanted.push(one));
  return parts;
}

/** Merges wanted rules into a part of a chain: those that are not in place go ahead of `end`. */
function weave(
  { wanted, isFixed, from, end, to }: {
    wanted: readonly Ranked[];
    isFixed: (index: number) => boolean;
    /** Start and end of the part. */
    from: number;
    to: number;
    /** The place for rules with no wanted one in place behind them. */
    end: number;
  },
): Placed[] {
  const places: number[] = [];
  for (const { observed } of wanted) {
    if (observed !== null && observed >= from && observed < to) places.push(observed);
  }
  const staying = new Uint8Array(to); // one for each rule that stays
  for (const place of longestAscending(places)) staying[place] = 1;
  const placed: Placed[] = [];
  let at = from; // rules of the chain before this index are placed
  let pending: Placed[] = [];
  for (const rule of wanted) {
    if (rule.observed === null) {
      const { packets, bytes } = rule.counters;
      pending.push({ text: emitRule(rule.rule), packets, bytes });
    } else if (staying[rule.observed] !== 1) pending.push({ moved: rule.observed });
    else {
      for (; at < rule.observed; at++) if (isFixed(at)) placed.push(at);
      for (const one of pending) placed.push(one);
      placed.push(rule.observed);
      pending = [];
      at = rule.observed + 1;
    }
  }
  for (; at < end; at++) if (isFixed(at)) placed.push(at);
  for (const one of pending) placed.push(one);
  for (; at < to; at++) if (isFixed(at)) placed.push(at);
  return placed;
}

/**
 * The edits that turn a chain into another: first all deletions, then all insertions from the top.
 *
 * @param chain name of the chain
 * @param observed its rules now
 * @param placed its planned rules; those of `observed` that are missing are deleted
 */
export function editChain(
  chain: string,
  { observed, placed }: { observed: readonly ObservedRule[]; placed: readonly Placed[] },
): Edit[] {
  const kept = keptRules(observed, placed);
  const edits: Edit[] = [];
  let length = observed.length;
  let gone = 0;
  observed.forEach(({ text, packets, bytes }, at) => {
    if (kept[at] === 1) return;
    const index = at + 1 - gone;
    edits.push({ op: "delete", chain, index, last: index === length, text, packets, bytes });
    gone++;
    length--;
  });
  placed.forEach((rule, at) => {
    if (typeof rule === "number" && kept[rule] === 1) return;
    const source = sourceOf(rule, observed);
    const { text, packets, bytes } = source;
    edits.push({
      op: "insert",
      chain,
      index: at + 1,
      last: at === length,
      text,
      packets,
      bytes,
      ...(typeof rule === "number" || "moved" in rule ? {} : { isOwn: true }),
    });
    length++;
  });
  return edits;
}

/** What is written of a rule: its text and its counters. */
function sourceOf(
  rule: Placed,
  observed: readonly ObservedRule[],
): { readonly text: string } & Counters {
  if (typeof rule === "number") return observed[rule]!;
  return "moved" in rule ? observed[rule.moved]! : rule;
}

/** The network of all addresses; iptables-save omits it. */
const EVERYBODY = /^-s (0\.0\.0\.0|::)\/0 /;

/**
 * Which rules of the chain need no edit. `-D` deletes the first rule that is like its text: if a rule is
 * removed and an equal one ahead of it stays, that one is rewritten, or the wrong one would remain. The same
 * applies to a rule that is inserted behind an equal one, or it could not be taken back.
 */
function keptRules(observed: readonly ObservedRule[], placed: readonly Placed[]): Uint8Array {
  const kept = new Uint8Array(observed.length); // one for each rule that is kept
  if (observed.length === 0) return kept;
  for (const rule of placed) if (typeof rule === "number") kept[rule] = 1;
  const written = new Set<string>();
  for (let at = placed.length - 1; at >= 0; at--) {
    const rule = placed[at]!;
    if (typeof rule !== "number") written.add(sourceOf(rule, observed).text.replace(EVERYBODY, ""));
    else if (written.size > 0 && written.has(observed[rule]!.text)) kept[rule] = 0;
  }
  const going = new Set<string>();
  for (let at = observed.length - 1; at >= 0; at--) {
    if (kept[at] !== 1) going.add(likeness(observed[at]!.text));
    else if (going.size > 0 && going.has(likeness(observed[at]!.text))) kept[at] = 0;
  }
  return kept;
}

/**
 * What `-D` looks at. ip6tables-nft (1.8.9) does not compare prefix lengths: asked to delete
 * 2001:db8::/48 it deletes 2001:db8::/32 if that is ahead, and ::/64 is the same to it as no
 * address. So IPv6 addresses count without their lengths; at worst a rule is rewritten unnecessarily.
 */
function likeness(text: string): string {
  if (!text.includes(":")) return text; // no IPv6 address; called for 65,000 rules
  return text.replaceAll(/(-[sd] [0-9a-f]*:[0-9a-f:.]*)\/\d+/g, "$1").replaceAll(/-[sd] :: /g, "");
}
