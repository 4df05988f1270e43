import { assert, assertEquals, assertMatch } from "@std/assert";
import { ALL_CODES, explain } from "../../src/diagnostics/codes.ts";

Deno.test("every code has a number of its own, in ascending order", () => {
  const codes = ALL_CODES.map(({ code }) => code);
  assertEquals(codes, [...new Set(codes)].sort());
  for (const code of codes) assertMatch(code, /^PK\d{3}$/);
});

Deno.test("help for a code says what it means and shows wrong and right", () => {
  for (const entry of ALL_CODES) {
    const page = explain(entry.code.toLowerCase());
    assert(page !== null);
    assert(page.startsWith(`${entry.code} (${entry.severity}): ${entry.title}\n`));
    for (const line of [...entry.wrong.split("\n"), ...entry.right.split("\n")]) {
      assert(page.includes(`\n    ${line}\n`), page);
    }
    assert(entry.text.length > 40, entry.code);
    assert(entry.wrong !== entry.right, entry.code);
    for (const line of page.split("\n")) assert(line.length <= 80, line);
  }
});

Deno.test("a code that does not exist has no help", () => {
  assertEquals(explain("PK999"), null);
  assertEquals(explain("syn"), null);
});
