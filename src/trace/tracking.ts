// Whether connection tracking is active.
import type { Stage } from "./stage.ts";

/**
 * What registers connection tracking in a network namespace and family (nf_ct_netns_get() in the kernel): a
 * match or target of xtables that uses it, and in nft an expression or a translation.
 */
const ASKS =
  /(?:^| )(?:-m (?:state|conn\w+|helper|cluster)|-j (?:CONN\w+|CT(?=$| (?!--notrack))|SYNPROXY|[SD]NAT|MASQUERADE|REDIRECT|NETMAP)|ct \w|[sd]nat |masquerade|redirect|synproxy)(?: |$|\w)/;

/** Whether a rule makes the kernel track connections. */
export function asksTracking(text: string): boolean {
  // A comment may look like a match.
  return ASKS.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '""'));
}

/**
 * Whether rules make the kernel track connections. Other reasons (IPVS, traffic control) are not checked.
 *
 * @param stages all of one family; other chains of their tables count as well
 */
export function tracksConnections(stages: readonly Stage[]): boolean {
  return stages.some(({ table }) =>
    [...table.chains.values()].some((chain) => {
      for (let at = 0; at < chain.length; at++) if (asksTracking(chain.text(at))) return true;
      return false;
    })
  );
}
