// Reads the last line of a `deno test` run.

/** How many tests ended how. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

const SUMMARY = new RegExp(
  "^(?:ok|FAILED) \\| (\\d+) passed(?: \\(\\d+ steps?\\))?" +
    " \\| (\\d+) failed(?: \\(\\d+ steps?\\))?" +
    "(?: \\| (\\d+) ignored(?: \\(\\d+ steps?\\))?)?",
  "gm",
);

/**
 * The counts that `deno test` prints at its end: `ok | 3 passed (2 steps) | 0 failed | 1 ignored`.
 *
 * @param output What it wrote, without colours.
 * @returns The counts of its last summary; nothing if there is none, as after a crash.
 */
export function countsOf(output: string): Counts | undefined {
  const last = [...output.matchAll(SUMMARY)].at(-1);
  if (!last) return undefined;
  const [, passed = "0", failed = "0", ignored = "0"] = last;
  return { passed: Number(passed), failed: Number(failed), ignored: Number(ignored) };
}
