/** Units that a duration may have. */
export type DurationUnit = "s" | "m" | "h" | "d";

/** Seconds in each unit. */
export const SECONDS_IN: Readonly<Record<DurationUnit, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
};

/** From the largest to the smallest. */
const UNITS: readonly DurationUnit[] = ["d", "h", "m", "s"];

/**
 * Reads a duration: a whole number and `s`, `m`, `h` or `d`.
 *
 * @param text for instance `90s` or `8h`
 * @returns seconds, or `null` if the text is not a duration or is 0
 */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,10})([smhd])$/.exec(text);
  const seconds = match === null ? 0 : Number(match[1]) * SECONDS_IN[match[2] as DurationUnit];
  return seconds > 0 ? seconds : null;
}

/**
 * Prints how long something lasts, in its two largest units.
 *
 * @param seconds whole seconds, not negative
 * @returns for instance `2h 5m`, `59s`, `3d`
 */
export function formatDuration(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.floor(seconds);
  for (const unit of UNITS) {
    const size = SECONDS_IN[unit];
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.length === 0 ? "0s" : parts.slice(0, 2).join(" ");
}

/**
 * Prints how long something lasts so that `parseDuration` reads exactly the same: in the largest unit
 * that leaves no remainder.
 *
 * @param seconds whole seconds, at least 1
 * @returns for instance `8h`, `90s`
 */
export function printDuration(seconds: number): string {
  const unit = UNITS.find((name) => seconds % SECONDS_IN[name] === 0) ?? "s";
  return `${seconds / SECONDS_IN[unit]}${unit}`;
}
