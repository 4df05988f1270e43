import type { Packet } from "./packet.ts";
import type { Stage } from "./stage.ts";
import type { Condition, State } from "./state.ts";
import type { Chain } from "./tables.ts";
import type { Verdict } from "./target.ts";

/** A rule, by its place. */
export interface Place {
  /** Which iptables, or `nft`; empty if there is only one. */
  readonly backend: string;
  /** For instance `filter`. */
  readonly table: string;
  /** For instance `INPUT`. */
  readonly chain: string;
  /** From 1; 0 is the chain's policy. */
  readonly number: number;
  /** The rule's words, or those of the policy. */
  readonly text: string;
}

/** The end of a way. */
export interface Outcome {
  /** The verdict. */
  readonly verdict: Verdict;
  /** Equal for two ends that are the same to the caller: verdict and destination. */
  readonly kind: string;
  /** How many unknown rules had to match for it. */
  readonly held: number;
  /** The rule or policy that decided; `null` if no table has a chain that the packet enters. */
  readonly by: Place | null;
  /** Why it is unknown, if no rule is the cause; otherwise `null`. */
  readonly reason: string | null;
  /** The rules that sent or changed it, in order, the deciding one last. */
  readonly path: readonly Place[];
  /** Its destination, if a rule has changed it. */
  readonly translated: { readonly address: string | null; readonly port: number | null } | null;
  /** Number of the rule of filter INPUT at or through which it was decided; `null` before or behind. */
  readonly top: number | null;
}

/** A rule that may or may not match, so that there are two ways from it. */
export interface Fork {
  /** The rule. */
  readonly place: Place;
  /** Its unknown matches. */
  readonly unknown: readonly Condition[];
  /** The rule of filter INPUT that it is in or behind. */
  readonly top: number | null;
  /** The way that led to it. */
  readonly from: Branch | null;
  /** The ends of the way if the rule matches, and if it does not. */
  readonly ends: { readonly holds: Set<string>; readonly not: Set<string> };
}

/** One of the two ways from a fork. */
export interface Branch {
  /** The rule that may match. */
  readonly fork: Fork;
  /** Whether it matches on this way. */
  readonly holds: boolean;
}

/** The return address of a jump. */
export interface Back {
  /** The chain that was left. */
  readonly chain: Chain;
  /** Index of the rule after the jump. */
  readonly index: number;
  /** The return address of that chain. */
  readonly back: Back | null;
  /** The nesting depth of jumps. */
  readonly depth: number;
}

/** A list that grows at its end and shares its beginning. */
export interface Trail {
  /** The last rule. */
  readonly place: Place;
  /** Those before it. */
  readonly before: Trail | null;
}

/** A packet on its way. */
export interface Way {
  /** The current packet. */
  state: State;
  /** Index of the stage it is in. */
  stage: number;
  /** The chain it is in. */
  chain: Chain;
  /** Index of the next rule there. */
  index: number;
  /** The return address of that chain; `null` in the stage's own. */
  back: Back | null;
  /** The assumptions about unknown conditions on this way. */
  assumed: Map<string, boolean>;
  /** The last fork, and the way taken there. */
  branch: Branch | null;
  /** The rules that sent or changed it. */
  trail: Trail | null;
  /** Number of the rule of the stage's own chain that it is at or behind. */
  top: number;
  /** The rule or policy that let it through so far. */
  accepted: { readonly by: Place; readonly weight: number } | null;
  /** The rule of filter INPUT at or through which it was let in. */
  decided: number | null;
}

/** A copy of a way that continues independently. */
export function copyWay(way: Way): Way {
  return { ...way, state: { ...way.state }, assumed: new Map(way.assumed) };
}

/** Describes a rule by the stage that it is in. */
export function placeOf(stage: Stage, chain: Chain, index: number): Place {
  return {
    backend: stage.backend,
    table: stage.table.name,
    chain: chain.name,
    number: index < 0 ? 0 : chain.number(index),
    text: chain.text(index),
  };
}

/** Describes the policy of a stage. */
export function policyOf(stage: Stage, chain: Chain): Place {
  const text = `policy ${chain.policy === "accepted" ? "ACCEPT" : "DROP"}`;
  return { ...placeOf(stage, chain, -1), number: 0, text };
}

/** The packet as a rule of table nat sees it: only the first of a connection passes there. */
export function asOpening(packet: Packet): Packet {
  return packet.established ? { ...packet, established: false } : packet;
}

/** The rules of a trail, first to last. */
export function placesOf(trail: Trail | null): Place[] {
  const places: Place[] = [];
  for (let at = trail; at !== null; at = at.before) places.push(at.place);
  return places.reverse();
}

/** The position of a way before it has entered a chain. */
export const NO_CHAIN: Chain = {
  name: "",
  policy: null,
  length: 0,
  rule: () => ({ conditions: [], target: { kind: "none" } }),
  text: () => "",
  number: () => 0,
};
