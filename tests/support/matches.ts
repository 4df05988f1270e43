import { assertEquals } from "@std/assert";
import { holds, type Question } from "./trace.ts";

/** Words of a rule, the question, and whether the rule matches; `null` if unknown. */
export type Case = readonly [words: string, question: Question, expected: boolean | null];

/** A packet from an address that is known, to one of the machine's. */
export const KNOWN: Question = { from: "203.0.113.9", destination: "198.51.100.1" };

/** Makes a test: each rule with these words holds for the packet of its question, or does not. */
export function checkMatches(name: string, cases: readonly Case[]): void {
  Deno.test(name, () => {
    for (const [words, question, expected] of cases) {
      assertEquals(holds(words, question), expected, `${words} ${JSON.stringify(question)}`);
    }
  });
}
