import type { AddressItem, WrittenAddress } from "../syntax/ast.ts";
import type { Program } from "./program.ts";

/** All address lists of a program: those of its defines, then those of its services. */
export function* addressItems(program: Program): Generator<AddressItem> {
  for (const define of program.defines) yield* define.items;
  for (const service of program.services) {
    for (const option of service.options) if (option.kind === "allow") yield* option.items;
  }
}

/** All addresses that are written in a program, in the same order. */
export function* writtenAddresses(program: Program): Generator<WrittenAddress> {
  for (const item of addressItems(program)) if (item.kind === "address") yield item;
}
