import type { Family } from "../firewall/address.ts";
import type { KnownLists } from "./lists.ts";
import { compareHosts, type Host, isLoopback, parseHost } from "./network.ts";
import type { Condition, State } from "./state.ts";
import type { Translation } from "./target.ts";

/** Facts about the machine besides its rules. */
export interface Machine {
  /** Its addresses, without prefix; without them the destination of a translated packet is unknown. */
  readonly addresses?: readonly string[];
  /** The entries of the lists of `-m recent`, if known. */
  readonly lists?: KnownLists;
}

/** The destination of a translation without an address. */
const HERE = "this machine";

/** Where a translated packet arrives. */
export type Arrival =
  /** On this machine; `null` for an unknown address of it. */
  | { readonly where: "here"; readonly host: Host | null }
  /** On another one; or unknown. */
  | { readonly where: "elsewhere" | "either"; readonly host: Host }
  | { readonly where: "unknown"; readonly reason: string };

/**
 * Where a translated packet arrives.
 *
 * @param to the destination in the rule
 * @param state the packet, not yet changed
 * @param known the family, and the machine's addresses; `null` if unknown
 */
export function arrivalOf(
  to: Translation,
  state: State,
  { family, addresses }: { family: Family; addresses: readonly Host[] | null },
): Arrival {
  if (to.address === HERE) return { where: "here", host: null };
  const host = parseHost(to.address ?? "", family);
  if (host === null) return { where: "unknown", reason: "its destination is unknown" };
  if (isLoopback(host)) {
    // net.ipv4.conf.*.route_localnet decides.
    return { where: "unknown", reason: "whether the kernel lets it in to lo is not known" };
  }
  const same = (one: Host | null) => one !== null && compareHosts(one, host) === 0;
  if (same(state.destination) || addresses?.some(same)) return { where: "here", host };
  return { where: addresses === null ? "either" : "elsewhere", host };
}

/**
 * Changes the destination of a packet. The same destination does not count as a translation: the kernel
 * compares them (nf_nat_core.c, nf_nat_setup_info()).
 */
export function redirect(
  state: State,
  { host, port }: { host: Host | null; port: number | null },
): void {
  const same = host === null || state.destination === null
    ? null // REDIRECT takes the first address of the interface.
    : compareHosts(host, state.destination) === 0;
  const samePort = port === state.port;
  const moved = same === false || port !== null && !samePort;
  state.translated = moved ? true : same === null || !samePort ? null : false;
  Object.assign(state, { mapped: true, destination: host, port });
}

/** The condition that an address of unknown owner belongs to another machine. */
export function isElsewhere(address: string): Condition {
  const text = `whether ${address} is an address of this machine`;
  return { text, key: text, inverted: false, fickle: false, rate: false, test: () => null };
}
