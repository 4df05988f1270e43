// Which of those who are connected rules can tell apart.
import type { Family } from "../../firewall/address.ts";
import type { Connection } from "../../system/system.ts";
import { Kinds } from "../../trace/kinds.ts";
import { hostKey, type KnownLists } from "../../trace/lists.ts";
import { parseHost } from "../../trace/network.ts";
import { listNamesIn } from "./known_lists.ts";

/** The same connection as far as rules can tell. */
export interface Peer {
  /** One of those that are alike. */
  readonly connection: Connection;
  /** By which his packets come; `null` where that is not known. */
  readonly interface: string | null;
}

/**
 * Which peers no rule tells apart: a packet of one of them is enough.
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
  // Rules may ask whether an address is the machine's own (addrtype), and so does the tracer where it does
  // not know the interface.
  return ({ connection: { peer }, interface: name }) =>
    kinds === null || name === null || own.includes(peer) || isNoted(peer)
      ? peer
      : kinds.kindOf(peer);
}
