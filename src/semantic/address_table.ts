import { type Address, type AddressProblem, parseAddress } from "../firewall/address.ts";
import type { Result } from "../firewall/result.ts";
import type { AddressItem } from "../syntax/ast.ts";
import type { Program } from "./program.ts";

/** An address as written in a list. */
export type WrittenAddress = Extract<AddressItem, { kind: "address" }>;

/** What each written address means, or why it means nothing; in load order, defines first. */
export type AddressTable = ReadonlyMap<WrittenAddress, Result<Address, AddressProblem>>;

/** All address lists of a program: those of its defines, then those of its services. */
export function* addressItems(program: Program): Generator<AddressItem> {
  for (const define of program.defines) yield* define.items;
  for (const service of program.services) {
    for (const option of service.options) if (option.kind === "allow") yield* option.items;
  }
}

/** Reads every written address once. */
export function readAddresses(program: Program): AddressTable {
  const table = new Map<WrittenAddress, Result<Address, AddressProblem>>();
  for (const item of addressItems(program)) {
    if (item.kind === "address") table.set(item, parseAddress(item.text));
  }
  return table;
}
