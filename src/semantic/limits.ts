import type { Duration, WrittenRate } from "../syntax/ast.ts";

/** What the limit match lets through at once where nothing else is said (iptables-extensions(8)). */
export const DEFAULT_BURST = 5;

/** The largest burst that iptables takes. */
export const MAX_BURST = 10_000;

/** Seconds that a knock may take where nothing else is said; knockd's own default is 25. */
export const DEFAULT_WITHIN = 15;

const SECONDS: Readonly<Record<Duration["unit"], number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

const PER_DAY: Readonly<Record<WrittenRate["unit"], number>> = {
  second: 86_400,
  minute: 1440,
  hour: 24,
  day: 1,
};

/** A duration in seconds. */
export function secondsOf(duration: Duration): number {
  return duration.count * SECONDS[duration.unit];
}

/**
 * The largest burst that every kernel can keep at a rate: what it lets through in a day. xt_limit
 * counts credits in 32 bits, which hold a day's worth whatever HZ the kernel was built with
 * (MAX_CPJ in xt_limit.c); with iptables-legacy a larger burst fails with ERANGE.
 */
export function burstsADay(rate: WrittenRate): number {
  return rate.count * PER_DAY[rate.unit];
}
