import type { Family } from "../firewall/address.ts";
import { networksIn, numberOf } from "./borders.ts";
import { parseHost } from "./network.ts";

/** A range of addresses, as iptables, nft and its JSON write one: what lies within is named by no network. */
const RANGES = /"range":\s*\[\s*"[\da-f]*[.:]|[\da-f.:]-[\da-f]*[.:]/;

/**
 * Which hosts rules cannot tell apart by their addresses: those that lie in the same networks of all that the
 * rules name. Where rules name ranges, every host is of a kind of its own.
 */
export class Kinds {
  readonly #byMask = new Map<bigint, Set<bigint>>();
  readonly #hasRanges: boolean;

  /**
   * Reads all networks in rules.
   *
   * @param texts rules in whatever form; more addresses than they hold do no harm
   * @param family whose addresses are looked for
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
   * What hosts of one kind have in common: what rules do with one of them they do with all.
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
