import type { Family } from "../firewall/address.ts";
import type { Service } from "../firewall/service.ts";
import { FilterTable } from "../firewall/table.ts";
import { type Edit, emitEdit, emitPayload } from "./edit.ts";
import { printable } from "../text/printable.ts";
import { FAMILY_NAMES } from "../text/words.ts";
import { planTable } from "./service.ts";

/** What a payload is made from. */
export interface EmptyMachine {
  /** All services of the file; those that do not cover the family are left out. */
  readonly services: readonly Service[];
  /** The family of the payload. */
  readonly family: Family;
  /** The tool's version, for the first line. */
  readonly version: string;
  /** The name of the rules file, for the first line. */
  readonly source: string;
}

/**
 * Writes what `iptables-restore --noflush` (or `ip6tables-restore --noflush`) needs to make all services
 * of one family on a machine that has none: chains, their rules, then the jumps in the order of the
 * file. The same input gives the same text, at any time and on any machine.
 *
 * @param wanted services without errors, and what the first line says
 * @returns the payload, ended by a newline; without services it is an empty transaction
 */
export function emitEmptyMachine(wanted: EmptyMachine): string {
  const services = wanted.services.filter(({ families }) => families.includes(wanted.family));
  const table = new FilterTable(wanted.family, new Map());
  // There is no door whose end would have to be compared with the time.
  const { edits } = planTable(table, { services, remove: [], now: 0 });
  const title = `pktables ${wanted.version}, ${FAMILY_NAMES[wanted.family]} rules of`;
  // A file name may hold a newline, and what follows it would be a rule.
  return `# ${title} ${printable(wanted.source)}\n${emitPayload(edits, declareChain)}`;
}

/** Chains are declared, not created: iptables-restore without --noflush requires that, and so do old versions. */
function declareChain(edit: Edit): string {
  return edit.op === "create-chain" ? `:${edit.chain} - [0:0]` : emitEdit(edit);
}
