// What is known of the lists of -m recent beside what rules do to them: who is on one, and since when.
import type { Host } from "./network.ts";

/** Of each address on a list, as `hostKey` names it, how many seconds ago it was last noted. */
export type KnownList = ReadonlyMap<string, number>;

/**
 * Finds a list by its name.
 *
 * @returns `undefined` where nothing is known of it
 */
export type KnownLists = (name: string) => KnownList | undefined;

/** Nothing is known of any list. */
export const NO_LISTS_KNOWN: KnownLists = () => undefined;

const EMPTY: KnownList = new Map();

/** The lists of kernel knocks where nobody has knocked. */
export const NOBODY_KNOCKED: KnownLists = (name) => name.startsWith("pk-") ? EMPTY : undefined;

/** Names an address for looking it up. */
export function hostKey(bytes: Host): string {
  return bytes.join(".");
}
