import type { Family } from "../firewall/address.ts";
import { networksIn, numberOf } from "./borders.ts";
import { parseHost } from "./network.ts";

/** A range of addresses, as iptables, nft and its JSON write one: its inside is not covered by networks. */
const RANGES = /"range":\s*\[\s*"[\da-f]*[.:]|[\da-f.:]-[\da-f]*[.:]/;

/**
 * Groups hosts that rules cannot distinguish by address: those that are in the same networks of all that the
 * rules name. If rules name ranges, every host is a kind of its own.
 */
export class Kinds {
  readonly #byMask = new Map<bigint, Set<bigint>>();
  readonly #hasRanges: boolean;

  /**
   * Reads all networks in rules.
   *
   * @param texts rules in any form; additional addresses do no harm
   * @param family the family of the addresses
   */
  constructor(texts: readonly string[], readonly family: Family) {
    this.#hasRanges = texts.some((text) => RANGES.test(text));
    if (this.#hasRanges) return;
    for (const { bytes, mask } of networksIn(texts, family)) {
      const key = numberOf(mask);
      const known = this.#byMask.get(key);
      if (known === undefined) this.#byMask.set(key, new Set([numberOf(bytes)]));
      else known.add(numberOf(bytes));
    }
  }

  /**
   * The key of a host's kind: rules treat all hosts of one kind alike.
   *
   * @param address of this family, without a length
   * @returns equal texts for hosts of one kind
   */
  kindOf(address: string): string {
    const bytes = this.#hasRanges ? null : parseHost(address, this.family);
    if (bytes === null) return address;
    const host = numberOf(bytes);
    const within: string[] = [];
    for (const [mask, networks] of this.#byMask) {
      const network = host & mask;
      if (networks.has(network)) within.push(`${network}/${mask}`);
    }
    return within.join();
  }
}
