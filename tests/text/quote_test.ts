import { assertEquals } from "@std/assert";
import { quote } from "../../src/text/quote.ts";

Deno.test("a shown word cannot write to the terminal and is not endless", () => {
  assertEquals(quote("a\x1b[2J\n\u202eb\x9b"), "`a\\u{1b}[2J\\u{a}\\u{202e}b\\u{9b}`");
  assertEquals(quote("x".repeat(99)).length, 63);
});
