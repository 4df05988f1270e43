// Groups connected clients that rules cannot distinguish.
import type { Family } from "../../firewall/address.ts";
import type { Connection } from "../../system/system.ts";
import { Kinds } from "../../trace/kinds.ts";

/** Connections that are the same to the rules. */
export interface Peer {
  /** One of the group. */
  readonly connection: Connection;
  /** The interface of its packets; `null` if unknown. */
  readonly interface: string | null;
}

/**
 * Groups peers that no rule distinguishes: one packet is enough for each group.
 *
 * @param given all rules as text, with the addresses that are on lists, and the machine's own addresses
 * @returns names a peer's kind
 */
export function kindsOf(
  peers: readonly Peer[],
  { family, texts, own }: {
    family: Family;
    texts: readonly string[];
    own: readonly string[];
  },
): (peer: Peer) => string {
  const kinds = peers.length < 2 ? null : new Kinds(texts, family);
  // Rules may match on the machine's own addresses (addrtype), and so does the tracer if it does not know
  // the interface.
  return ({ connection: { peer }, interface: name }) =>
    kinds === null || name === null || own.includes(peer) ? peer : kinds.kindOf(peer);
}
