import type { ChainEnd, Verdict } from "../firewall/chain_end.ts";
import { chainOf, type Policy } from "../firewall/service.ts";
import type { FilterTable } from "../firewall/table.ts";

/** A rule, as a message names it. */
export interface NamedRule {
  /** Its number in the chain, from 1, as `iptables -L --line-numbers` counts. */
  readonly at: number;
  /** Its text, as iptables-save prints it. */
  readonly text: string;
}

/** Describes a rule of a chain by its index. */
function nameRule(table: FilterTable, chain: string, at: number): NamedRule {
  return { at: at + 1, text: table.rules(chain)[at]?.text ?? "" };
}

/** A foreign rule in a service's chain that decides every packet differently from the policy. */
export interface Overrule extends NamedRule {
  /** The service. */
  readonly name: string;
  /** What it does with the packets. */
  readonly verdict: Verdict;
}

/**
 * Finds the foreign rule that decides in place of a service's policy.
 *
 * @param policy the wanted policy; `null` for that of its chain; `end`: the end of its chain, if it is to
 * change
 * @returns `null` if the chain ends as wanted, or with a policy, which this tool can replace
 */
export function overruleOf(
  table: FilterTable,
  { name, policy, end = table.endOf(chainOf(name)) }: {
    name: string;
    policy: Policy | null;
    end?: ChainEnd | null;
  },
): Overrule | null {
  const chain = chainOf(name);
  if (end === null || end.isPolicy || end.verdict === policy) return null;
  if (policy === null && end.verdict !== "accept" && end.verdict !== "return") return null;
  return { ...nameRule(table, chain, end.at), name, verdict: end.verdict };
}
