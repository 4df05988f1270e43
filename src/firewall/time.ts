/**
 * Prints a moment as xt_time's `--datestop` takes and prints it: UTC, without zone.
 *
 * @param seconds since 1970 UTC
 */
export function formatDate(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

/**
 * Reads a moment that iptables-save printed after `--datestop`.
 *
 * @returns seconds since 1970 UTC, or `null` if the text is not such a moment
 */
export function parseDate(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) return null;
  const milliseconds = Date.parse(`${text}Z`);
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000;
}
