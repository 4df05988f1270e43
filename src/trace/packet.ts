import type { Protocol } from "../firewall/service.ts";
import type { Family } from "../firewall/address.ts";
import { type Host, parseHost } from "./network.ts";

/** A source that no rule names: see {@link outsider}. */
export const ANYONE = "anyone";

/** Clients use ports from here up; those below need root (RFC 6056 section 3.2). */
export const FIRST_CLIENT_PORT = 1024;

/** A packet from outside to this machine, as far as it is known. */
export interface Packet {
  /** The family of both of its addresses. */
  readonly family: Family;
  /** Number of the protocol, as in /etc/protocols: 6 is TCP, 17 is UDP. */
  readonly protocol: number;
  /** Its source address. */
  readonly source: Host | typeof ANYONE;
  /** Its source port; `null` for some port from `FIRST_CLIENT_PORT` up. */
  readonly sourcePort: number | null;
  /** The address it is sent to; `null` for an unknown one of this machine. */
  readonly destination: Host | null;
  /** The port it is sent to; `null` if the protocol has none. */
  readonly port: number | null;
  /** The interface it arrives on; `null` if unknown. */
  readonly interface: string | null;
  /** Whether it belongs to an established connection; otherwise it opens one. */
  readonly established: boolean;
  /**
   * Whether connection tracking knows the established connection. It does, unless the first rule that uses it
   * is only being added: then it takes the next packet as the first of a new one (nf_conntrack_tcp_loose).
   */
  readonly known?: boolean;
  /** Type and code of an ICMP packet; `null` for others, or if unknown. */
  readonly icmp: { readonly type: number; readonly code: number } | null;
  /** When it arrives, in seconds since 1970 UTC. */
  readonly now: number;
}

/** TCP's number. */
export const TCP = 6;
/** UDP's number. */
export const UDP = 17;

/** Optional properties of a packet. */
export interface PacketOptions {
  /** Default: 0, which is 1970. */
  readonly now: number;
  /** Default: unknown. */
  readonly interface?: string | null;
  /** Address without a prefix. Default: one of the machine's own. */
  readonly destination?: string | null;
  /** Default: a client's. */
  readonly sourcePort?: number | null;
  /** Default: no. */
  readonly established?: boolean;
}

/** Protocol and port that a packet is sent to. */
export interface Service {
  /** TCP or UDP. */
  readonly protocol: Protocol;
  /** 1 to 65535. */
  readonly port: number;
  /** Whether iptables or ip6tables applies to it. */
  readonly family: Family;
}

/**
 * The outsider of packet.md: a packet that opens a connection, from an address that no rule names.
 *
 * @param to its destination
 * @param options when, and on which interface, if that is known
 */
export function outsider(to: Service, options: PacketOptions): Packet {
  return build(to, ANYONE, options);
}

/**
 * A packet from a known address.
 *
 * @param to its destination
 * @param from an IPv4 or IPv6 address of that family, without a prefix
 * @param options when, and what else is known
 * @returns the packet, or `null` if an address is not of that family
 */
export function packetFrom(to: Service, from: string, options: PacketOptions): Packet | null {
  const source = parseHost(from, to.family);
  if (source === null) return null;
  const packet = build(to, source, options);
  return options.destination != null && packet.destination === null ? null : packet;
}

function build(to: Service, source: Packet["source"], options: PacketOptions): Packet {
  const { destination = null } = options;
  return {
    family: to.family,
    protocol: to.protocol === "tcp" ? TCP : UDP,
    source,
    sourcePort: options.sourcePort ?? null,
    destination: destination === null ? null : parseHost(destination, to.family),
    port: to.port,
    interface: options.interface ?? null,
    established: options.established ?? false,
    icmp: null,
    now: options.now,
  };
}
