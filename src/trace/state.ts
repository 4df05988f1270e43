import { type KnownLists, NO_LISTS_KNOWN } from "./lists.ts";
import type { Host } from "./network.ts";
import type { Packet } from "./packet.ts";

/** How often an address is on a list of `-m recent`. */
export interface Seen {
  /** At least so many times. */
  readonly least: number;
  /** And not more often. */
  readonly exact: boolean;
}

/** How connection tracking sees the packet: `none` ahead of it, in table raw. */
export type Tracking = "none" | "tracked" | "untracked";

/**
 * The packet on one way through the rules: what rules have made of it so far. Values are replaced, never
 * changed in place, so that a copy is cheap.
 */
export interface State {
  /** As it arrived. */
  readonly packet: Packet;
  /** Where it goes now; `null` for an address of this machine that is not known. */
  destination: Host | null;
  /** The port it goes to now; `null` where there is none, or a rule has chosen one of several. */
  port: number | null;
  /** The interface; learnt where a way takes a match on an unknown one for true. */
  interface: string | null;
  /** What connection tracking knows. */
  tracking: Tracking;
  /** Whether a rule of table nat has said where it goes, be it where it went anyway. */
  mapped: boolean;
  /** Whether its destination is another than it was sent to; `null` where that is not known. */
  translated: boolean | null;
  /** The packet's mark; `null` where a rule not understood has set it. */
  mark: number | null;
  /** The connection's mark; `null` where it is not known. */
  connectionMark: number | null;
  /** What the rules of this way have made of the lists of `-m recent`. */
  recent: ReadonlyMap<string, Seen>;
  /** What is known of those lists ahead of the rules of this way. */
  readonly lists: KnownLists;
  /** Sets that a rule on this way has put something into. */
  sets: ReadonlySet<string>;
}

const NO_LISTS: ReadonlyMap<string, Seen> = new Map();
const NO_SETS: ReadonlySet<string> = new Set();

/** The packet as it comes in, ahead of every table. */
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

/** Yes, no, or `null` for what cannot be known. */
export type Truth = boolean | null;

/** What a rule asks of a packet, understood as far as it can be. */
export type Test = (state: State, at: Moment) => Truth;

/** Changes the way's state in passing, which some matches do (`recent --set`). */
export interface Moment {
  /** Says what is known of an address on a list from here on. */
  remember(list: string, seen: Seen): void;
}

/** One match of a rule. */
export interface Condition {
  /** As iptables-save prints it, for people. */
  readonly text: string;
  /** Equal for two conditions of which one holds exactly if the other does. */
  readonly key: string;
  /** Whether it holds exactly where the others of its key do not. */
  readonly inverted: boolean;
  /** Whether the same words may answer differently a moment later: then nothing is concluded from it. */
  readonly fickle: boolean;
  /** Whether it is a rate, which lets some packets through for certain (packet.md). */
  readonly rate: boolean;
  /** Interface that the packet came in on if the condition holds, where that is one name. */
  readonly interface?: string;
  /** Whether it holds. */
  readonly test: Test;
}

/** Negates what is known. */
export function invert(truth: Truth, inverted: boolean): Truth {
  return truth === null ? null : truth !== inverted;
}

/** Whether all hold: false as soon as one surely does not. */
export function every(truths: Iterable<Truth>): Truth {
  let all: Truth = true;
  for (const truth of truths) {
    if (truth === false) return false;
    if (truth === null) all = null;
  }
  return all;
}

/** Whether one holds at least. */
export function some(truths: Iterable<Truth>): Truth {
  let any: Truth = false;
  for (const truth of truths) {
    if (truth === true) return true;
    if (truth === null) any = null;
  }
  return any;
}
