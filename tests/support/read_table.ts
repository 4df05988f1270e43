import type { Family } from "../../src/firewall/address.ts";
import { readSave } from "../../src/firewall/save_reader.ts";
import type { FilterTable } from "../../src/firewall/table.ts";

/**
 * Reads table `filter` from what iptables-save printed.
 *
 * @throws {Error} If it is not wholly a save
 */
export function readFilterTable(printed: string, family: Family): FilterTable {
  const read = readSave(printed, family);
  if (!read.ok) throw new Error(`${read.problem.message}: ${read.problem.line}`);
  return read.value.table;
}
