import { chainOf } from "../../firewall/service.ts";
import type { Overrule } from "../../plan/overrule.ts";

/** Describes what a foreign rule in a service's chain does with its packets. */
export function describeOverrule({ name, at, text, verdict }: Overrule): string {
  const rule = `rule ${at} of ${chainOf(name)} (${text})`;
  switch (verdict) {
    case "accept":
      return `${name} is open to everyone: ${rule} accepts every packet`;
    case "return":
      return `${name} decides nothing: ${rule} returns every packet to the calling chain`;
    case "queue":
      return `${rule} queues every packet to a program, ahead of the policy of ${name}`;
    case "elsewhere":
      return `${rule} sends every packet elsewhere, ahead of the policy of ${name}`;
    default:
      return `${rule} decides every packet by ${verdict}, ahead of the policy of ${name}`;
  }
}

/** Describes doors that no packet reaches. */
export function describeDead(name: string, count: number): string {
  const doors = count === 1 ? "1 door is" : `${count} doors are`;
  return `${name}: ${doors} behind the end of ${chainOf(name)} and ${
    count === 1 ? "opens" : "open"
  } nothing`;
}
