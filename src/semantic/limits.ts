import type { Duration } from "../syntax/ast.ts";

/** Seconds that a knock may take where nothing else is said; knockd's own default is 25. */
export const DEFAULT_WITHIN = 15;

const SECONDS: Readonly<Record<Duration["unit"], number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A duration in seconds. */
export function secondsOf(duration: Duration): number {
  return duration.count * SECONDS[duration.unit];
}
