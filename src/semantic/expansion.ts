import type { Address } from "../firewall/address.ts";
import type { AddressItem, Service, WrittenAddress } from "../syntax/ast.ts";
import type { Program } from "../program/program.ts";
import { type DefineTable, MAX_ADDRESSES } from "./define_table.ts";

/** The path from an item of an `allow` down to one address, from the end upwards. */
export interface Trail {
  /** The item at this end. */
  readonly item: AddressItem;
  /** The item whose list contains it; `null` for an item of the `allow` itself. */
  readonly up: Trail | null;
}

/** One address that an `allow` lets in, with its origin. */
export interface ExpandedAddress {
  /** What it means. */
  readonly address: Address;
  /** Its place in the source. */
  readonly written: WrittenAddress;
  /** The path from the `allow` to it. */
  readonly trail: Trail;
}

/** All addresses of a service, in the order of the text; with duplicates. */
export type Expansion = readonly ExpandedAddress[];

/** The addresses of all services. */
export interface Expansions {
  /** By service, up to the one where they became too many. */
  readonly byService: ReadonlyMap<Service, Expansion>;
  /** The item with which all services together had more than `MAX_ADDRESSES`. */
  readonly overflow: AddressItem | null;
}

/** Expands every `allow`, and stops at the limit. */
export function expandServices(
  program: Program,
  defines: DefineTable,
): Expansions {
  const byService = new Map<Service, Expansion>();
  let room = MAX_ADDRESSES;
  for (const service of program.services) {
    const into: ExpandedAddress[] = [];
    byService.set(service, into);
    for (const option of service.options) {
      if (option.kind !== "allow") continue;
      for (const item of option.items) {
        const size = item.kind === "name" ? defines.factsOf(item.name)?.size ?? 0 : 1;
        // Too large by itself: the define has its own message.
        if (size > MAX_ADDRESSES) continue;
        if (size > room) return { byService, overflow: item };
        room -= size;
        expandItem(item, { defines, into });
      }
    }
  }
  return { byService, overflow: null };
}

/** The addresses that an item expands to, in the order of the text; none if it cannot be read. */
export function expandAddress(item: AddressItem, defines: DefineTable): Address[] {
  const into: ExpandedAddress[] = [];
  expandItem(item, { defines, into });
  return into.map(({ address }) => address);
}

interface Target {
  readonly defines: DefineTable;
  readonly into: ExpandedAddress[];
}

/**
 * Lists of a single name are skipped (`same`), so every list that is opened has at least two parts
 * and the work is no more than twice the number of addresses.
 */
function expandItem(top: AddressItem, target: Target): void {
  const stack: Trail[] = [{ item: top, up: null }];
  for (let trail = stack.pop(); trail !== undefined; trail = stack.pop()) {
    const { item } = trail;
    if (item.kind === "address") {
      const { meaning } = item;
      if (meaning.ok) target.into.push({ address: meaning.value, written: item, trail });
      continue;
    }
    const named = target.defines.factsOf(item.name);
    const items = (named?.same ?? named)?.items ?? [];
    for (let index = items.length - 1; index >= 0; index--) {
      const next = items[index];
      if (next !== undefined) stack.push({ item: next, up: trail });
    }
  }
}
