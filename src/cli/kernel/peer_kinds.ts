// Groups connected clients that rules cannot distinguish.
import type { Family } from "../../firewall/address.ts";
import type { Connection } from "../../system/system.ts";
import { Kinds } from "../../trace/kinds.ts";
import { hostKey, type KnownLists } from "../../trace/lists.ts";
import { parseHost } from "../../trace/network.ts";
import { listNamesIn } from "./known_lists.ts";

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
 * @param given all rules as text, the machine's own addresses, and who has knocked `by kernel`
 * @returns names a peer's kind
 */
export function kindsOf(
  peers: readonly Peer[],
  { family, texts, own, lists }: {
    family: Family;
    texts: readonly string[];
    own: readonly string[];
    lists: KnownLists;
  },
): (peer: Peer) => string {
  const kinds = peers.length < 2 ? null : new Kinds(texts, family);
  const noted = kinds === null ? [] : listNamesIn(texts).flatMap((name) => lists(name) ?? []);
  const isNoted = (peer: string) => {
    const host = parseHost(peer, family);
    return host !== null && noted.some((list) => list.has(hostKey(host)));
  };
  // Rules may match on the machine's own addresses (addrtype), and so does the tracer if it does not know
  // the interface.
  return ({ connection: { peer }, interface: name }) =>
    kinds === null || name === null || own.includes(peer) || isNoted(peer)
      ? peer
      : kinds.kindOf(peer);
}
