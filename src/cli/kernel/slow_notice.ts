import type { Context } from "../command.ts";

/** Milliseconds after which the notice appears. */
const SHORT = 1000;

/**
 * Waits for work, and prints a notice on a terminal if it takes more than a second. Hooks, whose standard
 * error is not a terminal, never print it.
 *
 * @param context where to print it
 * @param what the notice, one line
 * @param work the work
 * @returns what the work returns
 */
export async function withSlowNotice<T>(
  { report }: Context,
  { what, work }: { readonly what: string; readonly work: Promise<T> },
): Promise<T> {
  if (!report.console.errIsTerminal) return await work;
  const timer = setTimeout(() => report.note(what), SHORT);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
