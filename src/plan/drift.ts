import { formatAddress } from "../firewall/address.ts";
import { chainRulesOf } from "../firewall/properties.ts";
import { jumpsOf, ruleKey } from "../firewall/rule.ts";
import { chainOf, type Service } from "../firewall/service.ts";
import { observeService } from "../firewall/survey.ts";
import type { FilterTable, ObservedRule } from "../firewall/table.ts";
import { isExpired } from "./doors.ts";
import { compareService } from "./compare.ts";
import type { Edit } from "./edit.ts";
import { planKnocks } from "./knock_chains.ts";
import { isRestricted, revivableDoors } from "./service_end.ts";

/** The most addresses that one message names; the rest is counted. */
const NAMED = 3;

/**
 * Describes how a service in the kernel differs from its rules file.
 *
 * @param table the family's table; the service's chain exists
 * @param service the service of the file
 * @param edits what is planned for it: if nothing else explains them, its rules are out of order
 * @returns at least one reason where there is an edit
 */
export function describeDrift(
  table: FilterTable,
  { service, now, edits }: { service: Service; now: number; edits: readonly Edit[] },
): string[] {
  const isFlushed = table.countRules(chainOf(service.name)) === 0;
  const inside = isFlushed ? ["its chain was flushed"] : [
    ...describeChain(table, service),
    ...describeAllow(table, service),
    ...describeDoors(table, { service, now }),
    ...describeKnocks(table, service),
  ];
  const reasons = [...inside, ...describeJumps(table, { service, edits })];
  return reasons.length > 0 || edits.length === 0 ? reasons : ["its rules are out of order"];
}

function describeChain(table: FilterTable, service: Service): string[] {
  const rules = table.rules(chainOf(service.name));
  const observed = observeService(table, service.name);
  if (observed === null) return [];
  const differences = compareService(observed, service).filter(({ what }) => what !== "jump")
    .map(({ what, now, wanted }) => `${what} ${now} -> ${wanted}`);
  const hasPolicy = rules.some(({ rule }) => rule.kind === "policy");
  const end = hasPolicy ? [] : ["the policy at its end is missing"];
  const count = (kind: "policy" | "log") => rules.filter(({ rule }) => rule.kind === kind).length;
  const doubled = [
    ...(count("policy") > 1 ? ["duplicate policy"] : []),
    ...(count("log") > 1 && service.log !== null ? ["duplicate log"] : []),
  ];
  const reset = service.policy === "reject" && observed.policy === "reject" &&
      !rules.some(({ key }) => key === ruleKey(policyOf(service)))
    ? ["different type of reject"]
    : [];
  return [...differences, ...end, ...doubled, ...reset];
}

function policyOf({ policy, protocol }: Service) {
  return { kind: "policy", policy, protocol } as const;
}

function describeJumps(
  table: FilterTable,
  { service, edits }: { service: Service; edits: readonly Edit[] },
): string[] {
  const jumps = table.jumpsTo(chainOf(service.name));
  if (jumps.length === 0) return ["the jump in INPUT is missing"];
  const wanted = new Set(jumpsOf(service).map(ruleKey));
  const keys = jumps.map(({ key }) => key);
  const reasons: string[] = [];
  if (new Set(keys).size < keys.length) reasons.push("duplicate jump in INPUT");
  // The ports agree, but a jump has a form that this tool would not write, or one of several is missing.
  const same = compareService({ ...observeService(table, service.name)!, jumps: [] }, service);
  const isGoing = ({ text }: ObservedRule) =>
    edits.some((edit) => edit.op === "delete" && edit.chain === "INPUT" && edit.text === text);
  const isOther = (jump: ObservedRule) =>
    isRestricted(jump) ? isGoing(jump) : !wanted.has(jump.key);
  if (same.length === 0 && jumps.some(isOther)) {
    reasons.push("a jump in INPUT has other matches");
  }
  return reasons;
}

function describeAllow(table: FilterTable, service: Service): string[] {
  if (service.allow === null) return [];
  const wanted = new Map(
    service.allow.filter(({ family }) => family === table.family)
      .map((address) => [address.key, formatAddress(address)]),
  );
  const seen = new Set<string>();
  const gone: string[] = [];
  const doubled: string[] = [];
  for (const { rule } of table.rules(chainOf(service.name))) {
    if (rule.kind !== "allow") continue;
    if (seen.has(rule.address.key)) doubled.push(formatAddress(rule.address));
    else if (!wanted.delete(rule.address.key)) gone.push(formatAddress(rule.address));
    seen.add(rule.address.key);
  }
  return [
    ...(wanted.size > 0 ? [`allow + ${shorten([...wanted.values()])}`] : []),
    ...(gone.length > 0 ? [`allow - ${shorten(gone)}`] : []),
    ...(doubled.length > 0 ? [`duplicate allow ${shorten(doubled)}`] : []),
  ];
}

function shorten(texts: readonly string[]): string {
  const rest = texts.length - NAMED;
  return texts.slice(0, NAMED).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}

/** Describes how the knocks that the kernel hears differ from those of the file. */
function describeKnocks(table: FilterTable, service: Service): string[] {
  const { chains, inside, remove } = planKnocks(table, { services: [service], remove: [] });
  const doors = chainRulesOf(service, table.family).filter(({ kind }) => kind === "knocked")
    .map(ruleKey);
  const observed = table.rules(chainOf(service.name)).flatMap(({ rule, key }) =>
    rule.kind === "knocked" ? [key] : []
  );
  const jumps = chains.filter(({ chain }) => table.jumpsTo(chain).length === 0);
  // A chain that is new has new rules.
  if (inside.length === 0 && remove.length === 0 && doors.join() === observed.join()) {
    return jumps.length > 0 ? ["the jump of its knock in INPUT is missing"] : [];
  }
  if (observed.length === 0) return ["knock + by kernel"];
  return [doors.length === 0 ? "knock - by kernel" : "different knock by kernel"];
}

function describeDoors(
  table: FilterTable,
  { service, now }: { service: Service; now: number },
): string[] {
  const doors = table.rules(chainOf(service.name)).flatMap(({ rule }) =>
    rule.kind === "door" ? [rule] : []
  );
  const dead = revivableDoors(table, { service, now }).length;
  const over = doors.filter(({ until }) => isExpired(until, now)).length;
  const open = doors.filter(({ until }) => !isExpired(until, now));
  const doubled = open.length - new Set(open.map(({ address }) => address.key)).size;
  return [
    ...(over > 0 ? [`${over} ${over === 1 ? "door" : "doors"} expired`] : []),
    ...(dead > 0 ? [`${dead} ${dead === 1 ? "door is" : "doors are"} behind the end`] : []),
    ...(doubled > 0 ? [`${doubled} duplicate ${doubled === 1 ? "door" : "doors"}`] : []),
  ];
}
