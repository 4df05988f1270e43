import type { Address } from "../firewall/address.ts";
import type { AddressItem, Service, WrittenAddress } from "../syntax/ast.ts";
import type { Program } from "../program/program.ts";
import { type DefineTable, MAX_ADDRESSES } from "./define_table.ts";

/** The way from an item of an `allow` down to one address, from the end upwards. */
export interface Trail {
  /** The item at this end. */
  readonly item: AddressItem;
  /** The item of whose list it is one; `null` for an item of the `allow` itself. */
  readonly up: Trail | null;
}

/** One address that an `allow` lets in, with where it comes from. */
export interface ExpandedAddress {
  /** What it means. */
  readonly address: Address;
  /** Where it is written. */
  readonly written: WrittenAddress;
  /** How the `allow` comes to it. */
  readonly trail: Trail;
}

/** All addresses of a service, in the order of the text; doubled ones included. */
export type Expansion = readonly ExpandedAddress[];

/** The addresses of all services. */
export interface Expansions {
  /** Of each service, up to the one where they became too many. */
  readonly byService: ReadonlyMap<Service, Expansion>;
  /** The item with which all services together had more than `MAX_ADDRESSES`. */
  readonly overflow: AddressItem | null;
}

/** Expands every `allow`, and stops before it becomes more than can be kept. */
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

/** The addresses that an item stands for, in the order of the text; none where it cannot be read. */
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
 * Lists of one name are stepped over (`same`), so every list that is opened has two parts at least
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
