import type { Address, Family } from "../firewall/address.ts";
import { type Host, type Network, parseNetwork } from "./network.ts";

/** The most addresses that are traced for a list: each is a packet through all rules. */
export const MAX_SAMPLES = 1024;

/** Dotted or with two colons, with a length or a mask. */
const ADDRESSES: Readonly<Record<Family, RegExp>> = {
  ipv4: /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:\/[\d.]+)?/g,
  ipv6: /(?<![\w.:])[0-9a-fA-F]*:[0-9a-fA-F.]*:[0-9a-fA-F:.]*(?:\/[0-9a-fA-F:.]+)?/g,
};
/** As `nft -j` writes a network. */
const JSON_NETWORK = /"addr":\s*"([^"]+)",\s*"len":\s*(\d+)/g;

/** All networks that rules name, in any form; some more than once. */
export function* networksIn(texts: readonly string[], family: Family): Generator<Network> {
  for (const text of texts) {
    const plain = text.match(ADDRESSES[family]) ?? [];
    const nft = [...text.matchAll(JSON_NETWORK)].map(([, address, length]) =>
      `${address}/${length}`
    );
    for (const word of new Set([...plain, ...nft])) {
      const network = parseNetwork(word, family);
      if (network !== null) yield network;
    }
  }
}

/**
 * The addresses at which the result of a match on the source can change: between two of them all sources
 * are the same to every match on networks and ranges.
 */
export class Borders {
  readonly #starts: readonly bigint[];
  /** Whether a mask has holes, so that addresses between two borders may differ. */
  readonly #hasHoles: boolean = false;

  /**
   * Reads all addresses in rules.
   *
   * @param texts rules in any form; additional addresses do no harm
   * @param family the family of the addresses
   */
  constructor(texts: readonly string[], readonly family: Family) {
    const starts = new Set<bigint>();
    for (const network of networksIn(texts, family)) {
      const first = numberOf(network.bytes);
      const size = 1n << BigInt(network.bytes.length * 8 - network.bits);
      if (numberOf(network.mask) + size !== 1n << BigInt(network.bytes.length * 8)) {
        this.#hasHoles = true;
      }
      starts.add(first).add(first + size);
    }
    this.#starts = [...starts].sort((a, b) => a < b ? -1 : a > b ? 1 : 0);
  }

  /**
   * One host for each kind of source among addresses: rules treat all others like one of these.
   *
   * @param addresses of this family; others are left out
   * @returns the hosts, for packetFrom(); `null` if they would be too many, or if no few
   * of them can represent a network
   */
  samples(addresses: readonly Address[]): string[] | null {
    const hosts = new Map<number | string, bigint>();
    for (const address of addresses) {
      if (address.family !== this.family) continue;
      const bytes = hostOf(address);
      const first = numberOf(bytes);
      const size = 1n << BigInt(bytes.length * 8 - address.prefix);
      if (size > 1n && this.#hasHoles) return null;
      let at = this.#behind(first);
      // A mask with holes separates even neighbours.
      const key = this.#hasHoles ? String(first) : at;
      if (!hosts.has(key)) hosts.set(key, first);
      for (; (this.#starts[at] ?? first + size) < first + size; at++) {
        const start = this.#starts[at] ?? first;
        if (start > first && !hosts.has(at + 1)) hosts.set(at + 1, start);
        if (hosts.size > MAX_SAMPLES) return null;
      }
      if (hosts.size > MAX_SAMPLES) return null;
    }
    const mapped = (host: bigint) => this.family === "ipv6" && host >> 32n === 0xffffn;
    // An IPv4-mapped address is IPv4 on the wire (RFC 4291, 2.5.5.2).
    return [...hosts.values()].filter((host) => !mapped(host)).map((host) => this.#format(host));
  }

  /** How many borders are at or below an address. */
  #behind(host: bigint): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0n) <= host) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #format(host: bigint): string {
    if (this.family === "ipv4") {
      return [24n, 16n, 8n, 0n].map((shift) => String((host >> shift) & 255n)).join(".");
    }
    const groups = host.toString(16).padStart(32, "0").match(/.{4}/g) ?? [];
    return groups.map((group) => group.replace(/^0{1,3}/, "")).join(":");
  }
}

function hostOf({ key }: Address): Host {
  return Array.from({ length: key.length - 1 }, (_, at) => key.charCodeAt(at));
}

/** The bytes of an address as one number. */
export function numberOf(bytes: Host): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
