import type { ChainEnd } from "../firewall/chain_end.ts";
import { emitRule, type OwnRule } from "../firewall/rule.ts";
import type { Counters, ObservedRule } from "../firewall/table.ts";
import type { Edit } from "./edit.ts";

/** A rule of a chain as it is to be: one that is there now, or a new one. */
export type Placed =
  /** Index of a rule that is in the chain and stays where it is. */
  | number
  /** One that is in the chain and comes to stand elsewhere. */
  | { readonly moved: number }
  | ({ readonly text: string } & Counters);

/** A rule whose place among its like is given by an order: an address, a log, a policy. */
export interface Ranked {
  /** What it says. */
  readonly rule: OwnRule;
  /** Index of the rule in the chain now, if it is there. */
  readonly observed: number | null;
  /** Counters that a new rule starts with. */
  readonly counters: Counters;
  /** Of a new rule that takes the place of another one the index of that. */
  readonly instead?: number | null;
}

/**
 * Finds the longest run of rules that are already in order and can stay; all others have to move.
 *
 * @param places the chain indexes of the rules, in the order in which they should stand
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

/** What of a chain stays where it is. */
export interface Fixed {
  /** Tells the rules that stay; a rule that is neither fixed nor wanted goes. */
  readonly isFixed: (index: number) => boolean;
  /** The first rule that takes every packet; `null` if there is none. */
  readonly end: ChainEnd | null;
}

/**
 * Puts ranked rules in order around the rules of a chain that must not move. No rule crosses one of others:
 * an ACCEPT that came to be ahead of someone's DROP would let in whom it keeps out. So the order is
 * that of each part between two foreign rules. Doors come to be ahead of the first rule that takes
 * every packet. Where that is a foreign rule, a policy and its log stay behind it or go to the end of
 * the chain: it must not lose its effect without a word.
 *
 * @param observed the chain as it is
 * @param wanted the ranked rules it is to have, in rank order
 * @returns the chain as it is to be: a new rule comes directly ahead of the next one that is in place, so
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
  /** The wanted rules that stand or come to be in it. */
  readonly wanted: Ranked[];
  /** Where it ends: the index of the next foreign rule, or of the end of the whole. */
  readonly until: number;
}

/** Sorts wanted rules into the parts of a chain: each stays in its own, a new one joins its next in order. */
function partsOf(
  wanted: readonly Ranked[],
  { isFixed, to }: { isFixed: (index: number) => boolean; to: number },
): Part[] {
  const parts: Part[] = [];
  const partAt = new Int32Array(to); // of each rule the part that it is in
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

/** Weaves wanted rules into a part of a chain: those that are not in place are ahead of `end`. */
function weave(
  { wanted, isFixed, from, end, to }: {
    wanted: readonly Ranked[];
    isFixed: (index: number) => boolean;
    /** Where the part starts, and where it ends. */
    from: number;
    to: number;
    /** Where the rules go that no wanted one in place is behind. */
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
 * @param placed its rules as they are to be; those of `observed` that are missing are deleted
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

/** What is to be written of a rule: its text and its counters. */
function sourceOf(
  rule: Placed,
  observed: readonly ObservedRule[],
): { readonly text: string } & Counters {
  if (typeof rule === "number") return observed[rule]!;
  return "moved" in rule ? observed[rule.moved]! : rule;
}

/** How the network of every address is written; iptables-save leaves it out. */
const EVERYBODY = /^-s (0\.0\.0\.0|::)\/0 /;

/**
 * Which rules of the chain need no edit. `-D` takes away the first rule that is like its text: where a rule goes
 * and an equal one ahead of it stays, that one has to be written anew, or the wrong place would stay.
 * The same holds for a rule that is written behind an equal one, or it could not be taken back.
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
 * What `-D` looks at. ip6tables-nft (1.8.9) does not compare prefix lengths: told to delete
 * 2001:db8::/48 it deletes 2001:db8::/32 where that stands ahead, and ::/64 is the same to it as no
 * address. So IPv6 addresses count without their lengths; at worst a rule is written anew for nothing.
 */
function likeness(text: string): string {
  if (!text.includes(":")) return text; // no IPv6 address; asked of 65,000 rules
  return text.replaceAll(/(-[sd] [0-9a-f]*:[0-9a-f:.]*)\/\d+/g, "$1").replaceAll(/-[sd] :: /g, "");
}
