import type { AddressItem, WrittenAddress } from "../syntax/ast.ts";
import type { DefineTable } from "./define_table.ts";
import type { Program } from "../program/program.ts";

/** All address lists of a program: those of its defines, of its services, and of its expectations. */
export function* addressItems(program: Program): Generator<AddressItem> {
  for (const define of program.defines) yield* define.items;
  for (const service of program.services) {
    for (const option of service.options) if (option.kind === "allow") yield* option.items;
  }
  for (const { from } of program.expects) {
    if (from !== null && from.kind !== "anyone") yield from;
  }
}

/** All literal addresses of a program, in the same order. */
export function* writtenAddresses(program: Program): Generator<WrittenAddress> {
  for (const item of addressItems(program)) if (item.kind === "address") yield item;
  for (const { to } of program.expects) if (to !== null) yield to;
}

/**
 * The addresses that some service lets in: those written in its `allow`, and those of the defines that
 * this names, also through others. Each is reported once; one that is only in an unused `define` is not.
 */
export function* allowedAddresses(
  program: Program,
  defines: DefineTable,
): Generator<WrittenAddress> {
  const opened = new Set<string>();
  const lists = program.services.flatMap(({ options }) =>
    options.flatMap((option) => option.kind === "allow" ? [option.items] : [])
  );
  for (let items = lists.pop(); items !== undefined; items = lists.pop()) {
    for (const item of items) {
      if (item.kind === "address") yield item;
      else if (!opened.has(item.name)) {
        opened.add(item.name);
        lists.push(defines.byName.get(item.name)?.items ?? []);
      }
    }
  }
}
