// The known entries of the lists of -m recent, apart from what rules do to them: who is on one, since when.
import type { Host } from "./network.ts";

/** For each address on a list, by `hostKey`, how many seconds ago it was last recorded. */
export type KnownList = ReadonlyMap<string, number>;

/**
 * Finds a list by its name.
 *
 * @returns `undefined` if nothing is known about it
 */
export type KnownLists = (name: string) => KnownList | undefined;

/** Nothing is known of any list. */
export const NO_LISTS_KNOWN: KnownLists = () => undefined;

const EMPTY: KnownList = new Map();

/** Empty lists of kernel knocks. */
export const NOBODY_KNOCKED: KnownLists = (name) => name.startsWith("pk-") ? EMPTY : undefined;

/** The key of an address. */
export function hostKey(bytes: Host): string {
  return bytes.join(".");
}
