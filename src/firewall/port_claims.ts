import type { PortRange } from "./port.ts";

/** A run of ports and who was there first. */
export interface Claim<T> extends PortRange {
  /** Whoever claimed it first. */
  readonly owner: T;
}

/**
 * Who was the first to claim each port. Claims are kept as disjoint runs in order, so that a question
 * costs a binary search and not a walk over all that was claimed before.
 */
export class PortClaims<T> {
  readonly #claims: Claim<T>[] = [];

  /** The first run that is claimed within a range, or `null`. */
  find(range: PortRange): Claim<T> | null {
    const found = this.#claims[this.#indexOf(range.from)];
    return found !== undefined && found.from <= range.to ? found : null;
  }

  /** Claims what is still free of a range. */
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
