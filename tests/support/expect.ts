import { assert, assertEquals } from "@std/assert";
import { faults } from "./chains.ts";
import type { Box } from "./box.ts";
import { FAMILIES } from "./iptables_text.ts";
import type { Outcome } from "./process.ts";

/**
 * Fails unless a command ended with `code`; the failure shows all that it printed.
 *
 * @param outcome How the command ended.
 * @param code Exit status that behaviour.md gives for the case.
 * @returns The same outcome.
 */
export function expectStatus(outcome: Outcome, code: number): Outcome {
  assertEquals(
    outcome.code,
    code,
    `status ${outcome.code} instead of ${code}\n${outcome.stderr}${outcome.stdout}`,
  );
  return outcome;
}

/**
 * Runs a command that has to be refused: exit status `code`, one clear line or more on standard error
 * that hold each of `words`, nothing on standard output, no change in the kernel.
 *
 * @param box Where to run it.
 * @param args The command line.
 * @param expected Exit status and what the message has to name.
 */
export async function expectRefusal(
  box: Box,
  args: readonly string[],
  expected: { readonly code: number; readonly words?: readonly RegExp[] },
): Promise<void> {
  const before = await box.saveAll({ counters: true });
  const outcome = expectStatus(await box.pktables(...args), expected.code);
  assertEquals(outcome.stdout, "", args.join(" "));
  assert(outcome.stderr.trim() !== "", `no message for ${args.join(" ")}`);
  for (const word of expected.words ?? []) {
    assert(word.test(outcome.stderr), `${word} is not in: ${outcome.stderr}`);
  }
  assertEquals(await box.saveAll({ counters: true }), before, args.join(" "));
}

/**
 * Runs a command twice: the second time has to succeed, change nothing and say so.
 *
 * @param box Where to run it.
 * @param args The command line.
 */
export async function expectIdempotent(box: Box, args: readonly string[]): Promise<void> {
  expectStatus(await box.pktables(...args), 0);
  const once = await box.saveAll({ counters: true });
  const { stdout, stderr } = expectStatus(await box.pktables(...args), 0);
  assertEquals(await box.saveAll({ counters: true }), once, args.join(" "));
  assert(/already|nothing|no such|not open|unchanged/i.test(stdout + stderr), stdout + stderr);
}

/** Fails if a chain of ours, in either family, is unsorted, has no end, no jump or an address twice. */
export async function expectSound(box: Box, context = ""): Promise<void> {
  for (const family of FAMILIES) {
    const saved = await box.save(family);
    assertEquals(faults(saved), [], `${context}\n${saved}`);
  }
}

/** What a `filter` table with nothing but these chains and rules looks like, saved and normalized. */
export function filterTable(chains: readonly string[], rules: readonly string[]): string {
  return [
    "*filter",
    ":INPUT ACCEPT",
    ":FORWARD ACCEPT",
    ":OUTPUT ACCEPT",
    ...chains.map((chain) => `:${chain} -`),
    ...rules.map((rule) => `-A ${rule}`),
    "COMMIT",
    "",
  ].join("\n");
}
