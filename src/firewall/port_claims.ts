import type { PortRange } from "./port.ts";

/** A run of ports and its first owner. */
export interface Claim<T> extends PortRange {
  /** The one that claimed it first. */
  readonly owner: T;
}

/**
 * The first owner of each port. Claims are kept as sorted disjoint runs, so that a lookup is a binary search
 * and not a walk over all earlier claims.
 */
export class PortClaims<T> {
  readonly #claims: Claim<T>[] = [];

  /** The first run that is claimed within a range, or `null`. */
  find(range: PortRange): Claim<T> | null {
    const found = this.#claims[this.#indexOf(range.from)];
    return found !== undefined && found.from <= range.to ? found : null;
  }

  /** Claims the free ports of a range. */
  add(range: PortRange, owner: T): void {
    let index = this.#indexOf(range.from);
    let from = range.from;
    while (from <= range.to) {
      const next = this.#claims[index];
      const free = next === undefined ? range.to : Math.min(range.to, next.from - 1);
      if (free >= from) {
        this.#claims.splice(index, 0, { from, to: free, owner });
        index += 1;
      }
      if (next === undefined) return;
      from = next.to + 1;
      index += 1;
    }
  }

  /** Index of the first run that does not end before a port. */
  #indexOf(port: number): number {
    let [low, high] = [0, this.#claims.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#claims[middle]?.to ?? 0) < port) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
