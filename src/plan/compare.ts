import { formatPort, type PortRange } from "../firewall/port.ts";
import { emitRule, jumpsOf, ruleKey } from "../firewall/rule.ts";
import {
  chainOf,
  formatRate,
  type Log,
  LOG_LEVELS,
  printedRate,
  type Service,
} from "../firewall/service.ts";
import type { SeenService } from "../firewall/survey.ts";
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
export function compareService(seen: SeenService, wanted: Service): Difference[] {
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
function compareJumps(seen: SeenService, wanted: Service): Difference[] {
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

/**
 * Whether INPUT ends ahead of a service's jump: a rule that takes every packet stands before it, so the
 * doors never see one.
 *
 * @returns the number of that rule, from 1, and its text; `null` if there is none
 */
export function blockerOf(table: FilterTable, name: string): { at: number; text: string } | null {
  const jump = table.jumpsTo(chainOf(name))[0];
  const end = endOfInput(table);
  const isAhead = jump !== undefined && end !== null && table.rules("INPUT").indexOf(jump) < end.at;
  return isAhead ? null : end;
}

/**
 * The first rule of INPUT that takes every packet: what stands behind it never sees one.
 *
 * @returns the number of that rule, from 1, and its text; `null` if there is none
 */
export function endOfInput(table: FilterTable): { at: number; text: string } | null {
  const at = table.rules("INPUT").findIndex(({ text }) =>
    /^-j (ACCEPT|DROP|REJECT( --reject-with [a-z0-9-]+)?)$/.test(text)
  );
  return at < 0 ? null : { at: at + 1, text: table.rules("INPUT")[at]?.text ?? "" };
}
