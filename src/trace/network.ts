import { type Family, parseAddress } from "../firewall/address.ts";

/** The bytes of an address: 4 or 16. */
export type Host = readonly number[];

/** Addresses that are equal under a mask; iptables allows masks with holes. */
export interface Network {
  /** The bytes under the mask. */
  readonly bytes: Host;
  /** As many bytes. */
  readonly mask: Host;
  /** Bits of the mask that are set. */
  readonly bits: number;
}

const PLAIN_IPV4 = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/;
const LENGTH: Readonly<Record<Family, number>> = { ipv4: 4, ipv6: 16 };

/**
 * Reads one address. An IPv4-mapped IPv6 address is of family IPv4, as on the wire.
 *
 * @param text without a prefix length
 * @returns its bytes, or `null` if it is not an address of that family
 */
export function parseHost(text: string, family: Family): Host | null {
  if (family === "ipv4" && PLAIN_IPV4.test(text)) {
    // The library takes ten times as long, and a table may hold 65,536 of them.
    const bytes = text.split(".").map(Number);
    return bytes.every((byte) => byte <= 255) ? bytes : null;
  }
  const read = text.includes("/") ? null : parseAddress(text);
  if (read === null || !read.ok || read.value.family !== family) return null;
  const { key } = read.value;
  return Array.from({ length: key.length - 1 }, (_, at) => key.charCodeAt(at));
}

/**
 * Reads an address with a prefix length or a mask, as `-s` and `-d` take it.
 *
 * @returns the network, or `null` for a name or anything that is not an address of the family
 */
export function parseNetwork(text: string, family: Family): Network | null {
  const slash = text.indexOf("/");
  const bytes = parseHost(slash < 0 ? text : text.slice(0, slash), family);
  if (bytes === null) return null;
  const mask = parseMask(slash < 0 ? String(LENGTH[family] * 8) : text.slice(slash + 1), family);
  if (mask === null) return null;
  const bits = mask.reduce((sum, byte) => sum + countBits(byte), 0);
  return { bytes: bytes.map((byte, at) => byte & (mask[at] ?? 0)), mask, bits };
}

function parseMask(text: string, family: Family): Host | null {
  const length = LENGTH[family];
  if (!/^\d{1,3}$/.test(text)) return parseHost(text, family);
  const prefix = Number(text);
  if (prefix > length * 8) return null;
  return Array.from(
    { length },
    (_, at) => (0xff << (8 - Math.min(8, Math.max(0, prefix - at * 8)))) & 0xff,
  );
}

function countBits(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}

/** Whether an address lies in a network of its family. */
export function covers(network: Network, host: Host): boolean {
  const { bytes, mask } = network;
  for (let at = 0; at < bytes.length; at++) {
    if (((host[at] ?? 0) & (mask[at] ?? 0)) !== bytes[at]) return false;
  }
  return true;
}

/** Order of two addresses of one family, as `Array.prototype.sort` wants it. */
export function compareHosts(a: Host, b: Host): number {
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Where outsiders are: unicast addresses of the internet, 2000::/3 in IPv6 (RFC 4291). */
const WIDEST: Readonly<Record<Family, number>> = { ipv4: 8, ipv6: 12 };

/**
 * Whether a source match matches an address that no rule names (packet.md): a network that covers the
 * internet does, one of ordinary size names its members and does not. One that is wider than a /8 (IPv6:
 * /12) but not everything is neither.
 *
 * @returns `null` if it matches some outsiders and not others
 */
export function holdsForOutsider(network: Network, family: Family): boolean | null {
  const [first = 0, mask = 0] = [network.bytes[0], network.mask[0]];
  if (network.bits === 0) return true;
  if (family === "ipv6") {
    // No address outside of 2000::/3 is on the internet: link-local, private and multicast.
    if ((first & 0xe0 & mask) !== (0x20 & mask)) return false;
    if (countBits(mask & 0xe0) === network.bits) return true;
  } else if (first >= 224) return false;
  return network.bits >= WIDEST[family] ? false : null;
}

/** Whether an address can be that of a packet to this machine alone, which came in from a network. */
export function cannotBeLocal(network: Network, family: Family): boolean {
  const first = network.bytes[0] ?? 0;
  if (family === "ipv4") return first === 127 || first >= 224;
  return first === 0xff || network.bits === 128 && isLoopback(network.bytes);
}

/** Whether an address belongs to this machine alone: 127.0.0.0/8 or ::1. */
export function isLoopback(host: Host): boolean {
  return host.length === 4
    ? host[0] === 127
    : host.every((byte, at) => byte === (at === 15 ? 1 : 0));
}
