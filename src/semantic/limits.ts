import { SECONDS_IN } from "../firewall/duration.ts";
import type { Duration } from "../syntax/ast.ts";

/** Default seconds that a knock may take; knockd's own default is 25. */
export const DEFAULT_WITHIN = 15;

/** A duration in seconds. */
export function secondsOf(duration: Duration): number {
  return duration.count * SECONDS_IN[duration.unit];
}
