// Plans the rules of a service's chain as a whole, which no hook changes.
import { chainRulesOf } from "../firewall/properties.ts";
import { isWritable } from "../firewall/quote.ts";
import { emitRule, type OwnRule, ruleKey } from "../firewall/rule.ts";
import { chainOf, type Service } from "../firewall/service.ts";
import type { FilterTable, ObservedRule } from "../firewall/table.ts";
import type { Ranked } from "./arrange.ts";
import { apartness, type ChainPlan, NONE, plan, survey } from "./chain.ts";
import { settle } from "./rank.ts";
import { endFor } from "./service_end.ts";

/**
 * Whether a chain is literally as wanted; then its rules do not have to be parsed. A rule of nft may match on
 * more than it says.
 */
function saysJust(rules: readonly ObservedRule[], wanted: readonly OwnRule[]): boolean {
  return rules.length === wanted.length &&
    wanted.every((rule, at) => {
      const { text, isNative } = rules[at]!;
      return isNative !== true && text === emitRule(rule);
    });
}

/**
 * Plans the rules of a service's chain: everything that this tool understands is made to match the service;
 * unexpired doors stay, and so do rules that it does not understand.
 *
 * @param table the family's table; a chain that does not exist is planned as an empty one
 * @param service the wanted service; an `allow` of `null` keeps the existing allowed addresses
 * @param now seconds since 1970; `-Infinity` keeps expired doors
 * @param removed chains that are removed in the same transaction, with all jumps to them
 * @param changing chains that others of the same transaction change: a jump to one ends nothing
 * @param revive whether our rules behind the end of the chain, including doors, move to their place; otherwise
 * they stay dead
 */
export function planChain(
  table: FilterTable,
  { service, now, removed = [], changing = removed, revive = false }: {
    service: Service;
    now: number;
    removed?: readonly string[];
    changing?: readonly string[];
    revive?: boolean;
  },
): ChainPlan {
  const chain = chainOf(service.name);
  const rules = table.rules(chain);
  const wantedRules = chainRulesOf(service, table.family);
  if (saysJust(rules, wantedRules)) return { edits: [], expired: [] };
  const end = endFor(table, service, changing);
  const reached = end?.at ?? rules.length;
  const hasOwnEnd = end === null || end.isPolicy;
  const isOurs = ({ kind }: OwnRule, at: number) => {
    if (at <= reached) return true;
    // Behind a foreign rule that ends the chain, policy and log wait for it to go.
    if (!hasOwnEnd && (kind === "policy" || kind === "log")) return true;
    // What cannot be written back cannot be moved; no door comes ahead of a foreign rule.
    return revive && isWritable(rules[at]!.text) && (hasOwnEnd || kind !== "door");
  };
  const found = survey(rules, { now, reached, isOurs });
  const kept = found.ranked.filter(({ rule }) =>
    rule.kind === "door" ||
    (rule.kind === "allow" || rule.kind === "knocked") && service.allow === null
  );
  rules.forEach(({ rule }, at) => {
    if (rule.kind === "jump" && removed.includes(rule.chain)) found.own[at] = 1;
  });
  const standing = new Map<string, number>();
  rules.forEach((one, at) => {
    if (found.own[at] !== 1 || one.rule.kind === "door") return;
    const { key } = one;
    if (!standing.has(key)) standing.set(key, at);
  });
  const wanted = wantedRules.map((rule): Ranked => (
    // A new chain has no rules to compare.
    {
      rule,
      observed: standing.size === 0 ? null : standing.get(ruleKey(rule)) ?? null,
      counters: NONE,
    }
  ));
  const ranked = settle([...kept, ...wanted], apartness(rules, found.own, reached));
  return plan(table, { chain, ranked, found, end });
}
