import type { ChainEnd, Verdict } from "../firewall/chain_end.ts";
import { formatPort, type PortRange } from "../firewall/port.ts";
import { emitRule, jumpsOf, ruleKey } from "../firewall/rule.ts";
import {
  chainOf,
  formatRate,
  type Log,
  LOG_LEVELS,
  type Policy,
  printedRate,
  type Service,
} from "../firewall/service.ts";
import type { ObservedService } from "../firewall/survey.ts";
import type { FilterTable } from "../firewall/table.ts";

/** How a service as it stands differs from what is wanted, in one point. */
export interface Difference {
  /** The point, in the words of the command line: `policy`, `ports`, `log`, … */
  readonly what: string;
  /** What the kernel has, in the same words. */
  readonly now: string;
  /** What it would have after the change. */
  readonly wanted: string;
}

/**
 * Compares a service in the kernel with one that is wanted. Points that the kernel's rules do not tell
 * (the ports of a service whose jump is gone) are no difference: writing them is a repair.
 */
export function compareService(seen: ObservedService, wanted: Service): Difference[] {
  const points: [string, string | null, string][] = [
    ["protocol", seen.protocol, wanted.protocol],
    ["ports", seen.ports.length === 0 ? null : formatPorts(seen.ports), formatPorts(wanted.ports)],
    ["syn", seen.protocol === null ? null : yesNo(seen.syn), yesNo(wanted.syn)],
    [
      "interface",
      seen.protocol === null ? null : seen.interface ?? "any",
      wanted.interface ?? "any",
    ],
    ["policy", seen.policy, wanted.policy],
    ["established", yesNo(seen.established), yesNo(wanted.established)],
    ["log", formatLog(seen.log), formatLog(wanted.log)],
  ];
  const differences = points.flatMap(([what, now, want]) =>
    now === null || now === want ? [] : [{ what, now, wanted: want }]
  );
  return differences.length > 0 ? differences : compareJumps(seen, wanted);
}

/** Jumps that the service would not have: somebody put them there, so they do not go without a word. */
function compareJumps(seen: ObservedService, wanted: Service): Difference[] {
  const jumps = jumpsOf(wanted);
  const keys = new Set(jumps.map(ruleKey));
  return seen.jumps.filter(({ key }) => !keys.has(key)).map(({ text }) => ({
    what: "jump",
    now: text,
    wanted: jumps.map(emitRule).join(" and "),
  }));
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

/** Prints a port list as the command line and the language take it. */
export function formatPorts(ports: readonly PortRange[]): string {
  return ports.map((range) => formatPort(range)).join(",");
}

/** Prints a log in words; two logs that are the same to the kernel print the same. */
export function formatLog(log: Log | null): string {
  if (log === null) return "none";
  const words = log.prefix === null ? [] : [`prefix ${JSON.stringify(log.prefix)}`];
  words.push(`level ${LOG_LEVELS[log.level] ?? log.level}`);
  if (log.limit !== null) {
    words.push(`limit ${formatRate(printedRate(log.limit))}`, `burst ${log.burst}`);
  }
  return words.join(" ");
}

/** A rule, as a message names it. */
export interface NamedRule {
  /** Its number in the chain, from 1, as `iptables -L --line-numbers` counts. */
  readonly at: number;
  /** What iptables-save prints of it. */
  readonly text: string;
}

/** Names a rule of a chain by its index. */
function nameRule(table: FilterTable, chain: string, at: number): NamedRule {
  return { at: at + 1, text: table.rules(chain)[at]?.text ?? "" };
}

/** A rule of others in a service's chain that decides every packet, in another way than is wanted. */
export interface Overrule extends NamedRule {
  /** The service. */
  readonly name: string;
  /** What it does with the packets. */
  readonly verdict: Verdict;
}

/**
 * Finds the rule of others that decides in place of a service's policy.
 *
 * @param policy what the service is to do with packets that no door lets in; `null` for whatever its
 * chain says; `end`: the end of its chain, if another one is to come
 * @returns `null` where the chain ends as is wanted, or by a policy, which this tool can replace
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
