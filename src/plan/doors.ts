import type { Address } from "../firewall/address.ts";
import { chainOf, type Door } from "../firewall/service.ts";
import type { FilterTable } from "../firewall/table.ts";

/** Whether a timed door has expired: xt_time still matches in the second of its end. */
export function isExpired(until: number | null, now: number): boolean {
  return until !== null && until < Math.floor(now);
}

/** The later of two ends; `null`, no end, is the latest. */
export function laterEnd(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}

/**
 * The open door of an address; of several, the one that stays open longest. A door behind the end of the
 * chain opens nothing, and whether one behind a foreign rule does is unknown.
 *
 * @param table the family's table
 * @param door the service, the address and seconds since 1970
 * @returns the door, or `null` if there is none or it has expired
 */
export function findDoor(
  table: FilterTable,
  { name, address, now }: { name: string; address: Address; now: number },
): Door | null {
  let found: Door | null = null;
  for (const { rule } of table.reachedRules(chainOf(name))) {
    if (found !== null && (rule.kind === "foreign" || rule.kind === "jump")) return found;
    if (rule.kind !== "door" || rule.address.key !== address.key) continue;
    if (isExpired(rule.until, now)) continue;
    found = { address, until: found === null ? rule.until : laterEnd(found.until, rule.until) };
  }
  return found;
}

/** The doors of a service that no packet reaches: they are behind the end of its chain. */
export function deadDoors(
  table: FilterTable,
  { name, now }: { name: string; now: number },
): Door[] {
  const chain = chainOf(name);
  const end = table.endOf(chain)?.at ?? Infinity;
  return table.rules(chain).flatMap(({ rule }, at) =>
    at > end && rule.kind === "door" && !isExpired(rule.until, now) ? [rule] : []
  );
}
