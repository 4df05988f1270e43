import type { ChainEnd } from "../firewall/chain_end.ts";
import { emitRule, jumpsOf } from "../firewall/rule.ts";
import { isWritable } from "../firewall/quote.ts";
import { chainOf, type Door, type Service } from "../firewall/service.ts";
import type { FilterTable, ObservedRule } from "../firewall/table.ts";
import { isExpired } from "./doors.ts";

/** Whether a jump has matches that this tool does not write, so that it takes fewer packets. */
export function isRestricted({ rule }: ObservedRule): boolean {
  return rule.kind === "jump" && rule.match === null;
}

/**
 * The end of a service's chain once the service's own jumps are in INPUT: what all packets that reach the
 * chain have in common may change in the same transaction.
 *
 * @param removed chains that are removed in the same transaction, with all jumps to them
 * @returns `null` if packets may fall through the chain
 */
export function endFor(
  table: FilterTable,
  service: Service,
  removed: readonly string[] = [],
): ChainEnd | null {
  const chain = chainOf(service.name);
  const standing = table.jumpsTo(chain).filter(isRestricted).map(({ text }) => text);
  const own = jumpsOf(service).map((jump) =>
    emitRule(jump).replace("--syn", "--tcp-flags FIN,SYN,RST,ACK SYN")
  );
  return table.endWith(chain, [...standing, ...own], { protocol: service.protocol, removed });
}

/**
 * The doors behind the end of a service's chain that `load` moves ahead of it: those behind a policy. One
 * that is behind a foreign rule stays there, and so does one that cannot be written back.
 */
export function revivableDoors(
  table: FilterTable,
  { service, now }: { service: Service; now: number },
): Door[] {
  const end = endFor(table, service);
  if (end === null || !end.isPolicy) return [];
  return table.rules(chainOf(service.name)).flatMap(({ rule, text }, at) =>
    at > end.at && rule.kind === "door" && !isExpired(rule.until, now) && isWritable(text)
      ? [rule]
      : []
  );
}
