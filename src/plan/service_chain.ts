// The rules of a service's chain as a whole, which no hook changes.
import { chainRulesOf } from "../firewall/properties.ts";
import { isWritable } from "../firewall/quote.ts";
import { emitRule, type OwnRule, ruleKey } from "../firewall/rule.ts";
import { chainOf, type Service } from "../firewall/service.ts";
import type { FilterTable, ObservedRule } from "../firewall/table.ts";
import type { Ranked } from "./arrange.ts";
import { apartness, type ChainPlan, NONE, plan, survey } from "./chain.ts";
import { settle } from "./rank.ts";
import { endFor } from "./service_end.ts";

/** Whether a chain is what is wanted, letter by letter; then nothing of it has to be understood. */
function saysJust(rules: readonly ObservedRule[], wanted: readonly OwnRule[]): boolean {
  return rules.length === wanted.length &&
    wanted.every((rule, at) => rules[at]!.text === emitRule(rule));
}

/**
 * Plans the rules of a service's chain: everything that this tool understands becomes what the service
 * says; unexpired doors stay, and so do rules that it does not understand.
 *
 * @param table the family's table; a chain that does not exist is planned as an empty one
 * @param service what is wanted; its `allow` of `null` keeps the allowed addresses that are there
 * @param now seconds since 1970; `-Infinity` keeps expired doors
 * @param removed chains that go in the same transaction: jumps to them go as well
 * @param changing chains that others of the same transaction change: a jump to one ends nothing
 * @param revive whether rules of ours behind the end of the chain come to their place, doors among them;
 * without it they stay dead
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
    // Of a chain that is not there yet, no rule has to be compared.
    {
      rule,
      observed: standing.size === 0 ? null : standing.get(ruleKey(rule)) ?? null,
      counters: NONE,
    }
  ));
  const ranked = settle([...kept, ...wanted], apartness(rules, found.own, reached));
  return plan(table, { chain, ranked, found, end });
}
