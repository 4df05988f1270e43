import { chainOf } from "../../firewall/service.ts";
import type { Overrule } from "../../plan/overrule.ts";

/** Says what a rule of others in a service's chain makes of its packets. */
export function describeOverrule({ name, at, text, verdict }: Overrule): string {
  const rule = `rule ${at} of ${chainOf(name)} (${text})`;
  switch (verdict) {
    case "accept":
      return `${name} is open to everybody: ${rule} accepts every packet`;
    case "return":
      return `${name} decides nothing: ${rule} gives every packet back to the chain that it came from`;
    case "queue":
      return `${rule} gives every packet to a program, ahead of the policy of ${name}`;
    case "elsewhere":
      return `${rule} sends every packet elsewhere, ahead of the policy of ${name}`;
    default:
      return `${rule} ends every packet by ${verdict}, ahead of the policy of ${name}`;
  }
}

/** Says that doors stand where no packet comes. */
export function describeDead(name: string, count: number): string {
  const doors = count === 1 ? "1 door stands" : `${count} doors stand`;
  return `${name}: ${doors} behind the end of ${chainOf(name)} and ${
    count === 1 ? "opens" : "open"
  } nothing`;
}
