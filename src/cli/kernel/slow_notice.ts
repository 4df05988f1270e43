import type { Context } from "../command.ts";

/** Milliseconds after which a person wants to know what takes so long. */
const SHORT = 1000;

/**
 * Waits for work, and says on a terminal what is waited for if it takes more than a second. Hooks,
 * whose standard error is no terminal, never see it.
 *
 * @param context where to say it
 * @param what what is waited for, as one line
 * @param work what it comes to
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
