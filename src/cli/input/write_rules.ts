// Writes a service in the kernel as a statement of a rules file.
import { formatAddress } from "../../firewall/address.ts";
import { printDuration } from "../../firewall/duration.ts";
import { printSteps } from "../../firewall/knock.ts";
import { formatPort } from "../../firewall/port.ts";
import { SEEN_NAMES } from "../../firewall/properties.ts";
import { formatRate, type KernelKnock, type Log, LOG_LEVELS } from "../../firewall/service.ts";
import { inDoubleQuotes } from "../../text/quoted.ts";
import type { ServiceView } from "../report/view.ts";

/** What is written, or why it cannot be. */
export type Written =
  | { readonly kind: "text"; readonly text: string; readonly notes: readonly string[] }
  | { readonly kind: "left out"; readonly why: string };

/**
 * Writes a service as a statement of a rules file, not yet in canonical form. Doors are not part of it.
 *
 * @param views the service as the kernel has it: one view for families that are alike
 * @param given how many families the machine has, and the knocks that the kernel hears for it
 */
export function writeRules(
  views: readonly ServiceView[],
  { familyCount, knocks }: {
    readonly familyCount: number;
    readonly knocks: readonly KernelKnock[];
  },
): Written {
  const [view, other] = views;
  if (view === undefined) return { kind: "left out", why: "there is no such service" };
  if (other !== undefined) return { kind: "left out", why: "IPv4 and IPv6 differ" };
  const { observed, families, restricted, overruled, others } = view;
  const { protocol, ports, policy } = observed;
  if (restricted.length > 0) {
    return { kind: "left out", why: `its jump has further matches (${restricted[0]?.text ?? ""})` };
  }
  if (protocol === null || ports.length === 0) {
    return { kind: "left out", why: "no jump in INPUT has its ports" };
  }
  const overrule = overruled[0]?.overrule;
  if (policy === null || overrule !== undefined) {
    const why = overrule === undefined
      ? "its chain has no policy at its end"
      : `rule ${overrule.at} of its chain decides in place of a policy (${overrule.text})`;
    return { kind: "left out", why };
  }
  const flags = SEEN_NAMES.filter((name) => observed[name] === true);
  const allowed = view.doors.filter(({ kind }) => kind === "allow");
  const text = [
    `service ${view.name} ${protocol} ${ports.map((range) => formatPort(range)).join(", ")}`,
    policy,
    ...flags,
    ...(families.length < familyCount ? families : []),
    ...(observed.interface === null ? [] : [`on ${inDoubleQuotes(observed.interface)}`]),
    ...(observed.log === null ? [] : [writeLog(observed.log)]),
    ...(allowed.length === 0
      ? []
      : [`allow ${allowed.map(({ address }) => formatAddress(address)).join(", ")}`]),
    ...knocks.map(writeKnock),
  ].join(" ");
  return { kind: "text", text, notes: others.map(({ text: rule }) => rule) };
}

function writeKnock({ steps, within, for: open, close }: KernelKnock): string {
  return [
    `knock ${printSteps(steps).join(", ")} within ${printDuration(within)} for ${
      printDuration(open)
    }`,
    ...(close === null ? [] : [`close ${printSteps(close).join(", ")}`]),
    "by kernel",
  ].join(" ");
}

function writeLog({ prefix, level, limit, burst }: Log): string {
  return [
    "log",
    ...(prefix === null ? [] : [`prefix ${inDoubleQuotes(prefix)}`]),
    `level ${LOG_LEVELS[level] ?? level}`,
    ...(limit === null ? [] : [`limit ${formatRate(limit)}`, `burst ${burst}`]),
  ].join(" ");
}
