import ipaddr from "ipaddr.js";
import { err, ok, type Result } from "../result.ts";

/** The two address families that iptables and ip6tables keep apart. */
export type Family = "ipv4" | "ipv6";

/** Both families, in the order in which they are read and written. */
export const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

/** An IPv4 or IPv6 network; a single host is a network of full length. */
export interface Address {
  /** An IPv4-mapped IPv6 address is of family `ipv4`. */
  readonly family: Family;
  /** Length of the network part in bits: 0-32 or 0-128. */
  readonly prefix: number;
  /**
   * The address bytes and the prefix length, each as one character. Comparing keys as text is address
   * order: by number, a shorter prefix first. Equal keys mean equal networks. Not for printing.
   */
  readonly key: string;
}

/** Why a text is not an address. */
export type AddressProblem =
  | { readonly kind: "syntax" }
  | { readonly kind: "prefix"; readonly max: number }
  /** Bits are set behind the prefix; the two things that may have been meant. */
  | { readonly kind: "host-bits"; readonly host: Address; readonly network: Address };

/** No address is longer: a full IPv6 address with an embedded IPv4 one and a prefix has 49 characters. */
const MAX_LENGTH = 49;

/**
 * Reads an IPv4 or IPv6 address with an optional `/length`. An IPv4-mapped IPv6 address
 * (`::ffff:a.b.c.d`, RFC 4291 section 2.5.5.2) is the IPv4 address it holds, because that is what the
 * kernel sees on the wire.
 *
 * @param text the address, without surrounding space; octal, hexadecimal and short IPv4 forms, zone
 * identifiers and non-ASCII digits are refused
 * @returns the address, or why the text is not one
 *
 * @example
 * ```ts
 * const office = parseAddress("203.0.113.0/24");
 * if (office.ok) console.log(formatAddress(office.value)); // 203.0.113.0/24
 * ```
 */
export function parseAddress(text: string): Result<Address, AddressProblem> {
  if (text.length > MAX_LENGTH || !/^[0-9A-Fa-f:.]+(\/\d{1,3})?$/.test(text)) {
    return err({ kind: "syntax" });
  }
  const slash = text.indexOf("/");
  const host = slash < 0 ? text : text.slice(0, slash);
  let bytes = parseBytes(host);
  if (bytes === null) return err({ kind: "syntax" });
  let max = bytes.length * 8;
  const digits = slash < 0 ? String(max) : text.slice(slash + 1);
  let prefix = Number(digits);
  if (prefix > max || String(prefix) !== digits) return err({ kind: "prefix", max });
  if (bytes.length === 16 && prefix >= 96 && isMapped(bytes)) {
    bytes = bytes.slice(12);
    max = 32;
    prefix -= 96;
  }
  if (prefix === max || bytes.every((byte, at) => (byte & ~maskByte(prefix, at)) === 0)) {
    return ok(fromBytes(bytes, prefix));
  }
  const network = bytes.map((byte, at) => byte & maskByte(prefix, at));
  return err({
    kind: "host-bits",
    host: fromBytes(bytes, max),
    network: fromBytes(network, prefix),
  });
}

function parseBytes(text: string): number[] | null {
  const colon = text.lastIndexOf(":");
  if (colon < 0) return parseDotted(text);
  let hex = text;
  if (text.includes(".")) {
    // A dotted tail must be plain decimal too: invalid address `::ffff:010.0.0.1`. It is written out,
    // because ipaddr.js takes `::203.0.113.9`, as glibc prints ::cb00:7109, for a mapped address.
    const tail = text.slice(colon + 1);
    const bytes = parseDotted(tail);
    if (bytes === null) return null;
    const [a = 0, b = 0, c = 0, d = 0] = bytes;
    const words = [a * 256 + b, c * 256 + d].map((word) => word.toString(16));
    hex = `${text.slice(0, colon + 1)}${words.join(":")}`;
  }
  return ipaddr.IPv6.isValid(hex) ? ipaddr.IPv6.parse(hex).toByteArray() : null;
}

/** Four decimal bytes, without leading zeros: some programs take those for octal. */
function parseDotted(text: string): number[] | null {
  // Checked by the library, taken apart here: a rules file may hold 65,536 of them.
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? text.split(".").map(Number) : null;
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
}

/** The part of byte `index` that a prefix of `prefix` bits covers, as a bit mask. */
function maskByte(prefix: number, index: number): number {
  const bits = Math.min(8, Math.max(0, prefix - index * 8));
  return (0xff << (8 - bits)) & 0xff;
}

function fromBytes(bytes: readonly number[], prefix: number): Address {
  const key = String.fromCharCode(...bytes, prefix);
  return { family: bytes.length === 4 ? "ipv4" : "ipv6", prefix, key };
}

/** The host of an IPv4 address given as its four bytes, each 0 to 255. */
export function hostOf(a: number, b: number, c: number, d: number): Address {
  return { family: "ipv4", prefix: 32, key: String.fromCharCode(a, b, c, d, 32) };
}

/** The bytes of an address, read back from its key. */
function toBytes(address: Address): number[] {
  const { key } = address;
  return Array.from({ length: key.length - 1 }, (_, at) => key.charCodeAt(at));
}

/**
 * Prints an address from its bytes, always with its prefix length, as iptables-save does.
 *
 * @param address the address to print
 * @returns for instance `203.0.113.9/32` or `2001:db8::/48`
 */
export function formatAddress(address: Address): string {
  const { family, key, prefix } = address;
  if (family === "ipv6") return `${ipaddr.fromByteArray(toBytes(address)).toString()}/${prefix}`;
  const byte = (at: number) => key.charCodeAt(at);
  return `${byte(0)}.${byte(1)}.${byte(2)}.${byte(3)}/${prefix}`;
}

/**
 * Address order: by number, a shorter prefix before a longer one at the same number.
 *
 * @returns negative, zero or positive, as `Array.prototype.sort` wants it
 */
export function compareAddresses(a: Address, b: Address): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/**
 * Whether every host of `inner` is a host of `outer`. A network covers itself; families never cover
 * each other.
 */
export function coversAddress(outer: Address, inner: Address): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
  if (outer.prefix === inner.prefix) return outer.key === inner.key;
  for (let index = 0; index < outer.key.length - 1; index++) {
    const byte = inner.key.charCodeAt(index) & maskByte(outer.prefix, index);
    if (byte !== outer.key.charCodeAt(index)) return false;
  }
  return true;
}
