import { err, type Result } from "../result.ts";

/** A wrong command line: one sentence, and a suggestion. */
export interface UsageProblem {
  /** What is wrong, as one sentence without a full stop. */
  readonly message: string;
  /** What to write instead; `null` if there is nothing to suggest. */
  readonly help: string | null;
  /** Index of the word in the line that it is about; absent if it is not about a single word. */
  readonly at?: number;
}

/** What was parsed from a command line, or its problem. */
export type Parse<T> = Result<T, UsageProblem>;

/**
 * Refuses a command line.
 *
 * @param at index of the word in the line that it is about
 */
export function wrong(
  message: string,
  help: string | null = null,
  at?: number,
): { ok: false; problem: UsageProblem } {
  return err({ message, help, ...(at === undefined ? {} : { at }) });
}
