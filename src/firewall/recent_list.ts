// Reads the kernel's lists of -m recent, and the clock that they use.
/** An address on a list of xt_recent. */
export interface RecentEntry {
  /** A single host, IPv6 in its longest form. */
  readonly address: string;
  /** When it was last recorded, in ticks of the kernel's clock. */
  readonly lastSeen: number;
}

/**
 * Reads a list as /proc/net/xt_recent/NAME shows it (xt_recent.c, recent_seq_show()):
 * `src=192.0.2.7 ttl: 64 last_seen: 4298047591 oldest_pkt: 1 4298047591`. Other lines are skipped.
 *
 * @returns the entries in the order of the file
 */
export function parseRecentList(text: string): RecentEntry[] {
  return text.split("\n").flatMap((line) => {
    const [, address, ticks] = /^src=([\da-f.:]+) ttl: \d+ last_seen: (\d+) /.exec(line) ?? [];
    return address === undefined ? [] : [{ address, lastSeen: Number(ticks) }];
  });
}

/** The kernel's clock. */
export interface Ticks {
  /** Its current value, in ticks. */
  readonly now: number;
  /** Ticks per second (CONFIG_HZ). */
  readonly hz: number;
}

/** Possible values of CONFIG_HZ. */
const RATES = [100, 250, 300, 1000];
/** INITIAL_JIFFIES: the counter starts five minutes before it wraps at 32 bits. */
const HEAD_START = 300;
const WRAP = 2 ** 32;
/** Seconds by which the second-best rate must be worse; the two clocks are read at most 0.2 s apart. */
const CLEAR = 0.5;

/**
 * Reads the kernel's clock from /proc/timer_list, which shows the time since boot in nanoseconds and the
 * counter of ticks. The number of ticks per second is not shown: it is the rate at which both agree.
 *
 * @returns `null` if the text does not show it, or if several rates fit: five minutes after the start all
 * do, for some seconds
 */
export function parseTicks(text: string): Ticks | null {
  const nanoseconds = /^now at (\d+) nsecs$/m.exec(text)?.[1];
  const jiffies = /^jiffies: (\d+)$/m.exec(text)?.[1];
  if (nanoseconds === undefined || jiffies === undefined) return null;
  const [seconds, now] = [Number(nanoseconds) / 1e9, Number(jiffies)];
  const error = (hz: number): number => {
    const ticked = now - (WRAP - HEAD_START * hz);
    // A 32-bit counter has wrapped, perhaps more than once.
    if (now >= WRAP) return Math.abs(ticked / hz - seconds);
    const round = WRAP / hz;
    const difference = Math.abs((ticked + WRAP) % WRAP / hz - seconds % round);
    return Math.min(difference, round - difference);
  };
  const [best, second] = RATES.toSorted((a, b) => error(a) - error(b));
  if (best === undefined || second === undefined) return null;
  return error(second) - error(best) < CLEAR ? null : { now, hz: best };
}

/** How many seconds ago an entry was last recorded; never negative. */
export function secondsSince({ lastSeen }: RecentEntry, { now, hz }: Ticks): number {
  const ticks = now - lastSeen;
  // A 32-bit counter may have wrapped in between.
  return Math.max(0, ticks < -WRAP / 2 ? ticks + WRAP : ticks) / hz;
}
