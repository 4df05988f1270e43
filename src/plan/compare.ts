import {
  PROPERTIES,
  propertyOf,
  SEEN_NAMES,
  type SeenName,
  type SeenProperties,
} from "../firewall/properties.ts";
import { emitRule, jumpsOf, ruleKey } from "../firewall/rule.ts";
import type { Service } from "../firewall/service.ts";
import type { ObservedService } from "../firewall/survey.ts";

/** One difference between a service in the kernel and the wanted one. */
export interface Difference {
  /** The property, in the words of the command line: `policy`, `ports`, `log`, … */
  readonly what: string;
  /** What the kernel has, in the same words. */
  readonly now: string;
  /** What it would have after the change. */
  readonly wanted: string;
}

/**
 * Compares a service in the kernel with the wanted one. Properties that the kernel's rules do not show (the
 * ports of a service whose jump is missing) are not a difference: writing them is a repair.
 */
export function compareService(observed: ObservedService, wanted: Service): Difference[] {
  const differences = SEEN_NAMES.flatMap((property): Difference[] => {
    const { label, inJump } = PROPERTIES[property];
    if (inJump === true && observed.protocol === null) return [];
    const [now, want] = [print(property, observed), print(property, wanted)];
    return now === null || now === want ? [] : [{ what: label, now, wanted: want ?? "" }];
  });
  return differences.length > 0 ? differences : compareJumps(observed, wanted);
}

/** Jumps that the service would not have: someone added them, so they are not silently removed. */
function compareJumps(observed: ObservedService, wanted: Service): Difference[] {
  const jumps = jumpsOf(wanted);
  const keys = new Set(jumps.map(ruleKey));
  return observed.jumps.filter(({ key }) => !keys.has(key)).map(({ text }) => ({
    what: "jump",
    now: text,
    wanted: jumps.map(emitRule).join(" and "),
  }));
}

function print<K extends SeenName>(name: K, of: SeenProperties): string | null {
  const property = propertyOf(name);
  return property.print(of[name]);
}
