import { type KnownLists, NO_LISTS_KNOWN } from "./lists.ts";
import type { Host } from "./network.ts";
import type { Packet } from "./packet.ts";

/** The number of entries of an address on a list of `-m recent`. */
export interface Seen {
  /** The least number. */
  readonly least: number;
  /** The greatest number. */
  readonly exact: boolean;
}

/** The state in connection tracking: `none` before it, in table raw. */
export type Tracking = "none" | "tracked" | "untracked";

/**
 * The packet on one way through the rules, with all changes so far. Values are replaced, never changed in
 * place, so that a copy is cheap.
 */
export interface State {
  /** As it arrived. */
  readonly packet: Packet;
  /** Its current destination; `null` for an unknown address of this machine. */
  destination: Host | null;
  /** Its current destination port; `null` if there is none, or a rule has chosen one of several. */
  port: number | null;
  /** The interface; known once a way assumes that a match on an unknown one is true. */
  interface: string | null;
  /** The state in connection tracking. */
  tracking: Tracking;
  /** Whether a rule of table nat has set its destination, even to the same one. */
  mapped: boolean;
  /** Whether its destination has changed; `null` if unknown. */
  translated: boolean | null;
  /** The packet's mark; `null` if an unknown rule has set it. */
  mark: number | null;
  /** The connection's mark; `null` if unknown. */
  connectionMark: number | null;
  /** Changes to the lists of `-m recent` by the rules of this way. */
  recent: ReadonlyMap<string, Seen>;
  /** Known entries of those lists before the rules of this way. */
  readonly lists: KnownLists;
  /** Sets that a rule on this way has added to. */
  sets: ReadonlySet<string>;
}

const NO_LISTS: ReadonlyMap<string, Seen> = new Map();
const NO_SETS: ReadonlySet<string> = new Set();

/** The incoming packet, before all tables. */
export function arrive(packet: Packet, lists: KnownLists = NO_LISTS_KNOWN): State {
  return {
    packet,
    destination: packet.destination,
    port: packet.port,
    interface: packet.interface,
    tracking: "none",
    mapped: false,
    translated: packet.established ? null : false,
    mark: 0,
    connectionMark: packet.established ? null : 0,
    recent: NO_LISTS,
    lists,
    sets: NO_SETS,
  };
}

/** Yes, no, or `null` for unknown. */
export type Truth = boolean | null;

/** A condition on a packet, parsed as far as possible. */
export type Test = (state: State, at: Moment) => Truth;

/** A side effect on the way's state, which some matches have (`recent --set`). */
export interface Moment {
  /** Updates what is known about an address on a list. */
  remember(list: string, seen: Seen): void;
}

/** One match of a rule. */
export interface Condition {
  /** As iptables-save prints it, for people. */
  readonly text: string;
  /** Equal for two conditions that are equivalent. */
  readonly key: string;
  /** Whether it is the negation of the others of its key. */
  readonly inverted: boolean;
  /** Whether the same text may give another result a moment later: then nothing is concluded from it. */
  readonly fickle: boolean;
  /** Whether it is a rate, which lets some packets through for certain (packet.md). */
  readonly rate: boolean;
  /** The input interface if the condition matches and names a single one. */
  readonly interface?: string;
  /** Whether it holds. */
  readonly test: Test;
}

/** Negates a result; unknown stays unknown. */
export function invert(truth: Truth, inverted: boolean): Truth {
  return truth === null ? null : truth !== inverted;
}

/** Whether all match: false as soon as one certainly does not. */
export function every(truths: Iterable<Truth>): Truth {
  let all: Truth = true;
  for (const truth of truths) {
    if (truth === false) return false;
    if (truth === null) all = null;
  }
  return all;
}

/** Whether at least one matches. */
export function some(truths: Iterable<Truth>): Truth {
  let any: Truth = false;
  for (const truth of truths) {
    if (truth === true) return true;
    if (truth === null) any = null;
  }
  return any;
}
