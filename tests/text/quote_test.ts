import { assertEquals } from "@std/assert";
import { quote } from "../../src/text/quote.ts";

Deno.test("a quoted word cannot control the terminal and is shortened", () => {
  assertEquals(quote("a\x1b[2J\n\u202eb\x9b"), "`a\\u{1b}[2J\\u{a}\\u{202e}b\\u{9b}`");
  for (const length of [59, 60]) {
    assertEquals(quote("x".repeat(length)), `\`${"x".repeat(length)}\``);
  }
  for (const length of [61, 99]) assertEquals(quote("x".repeat(length)), `\`${"x".repeat(60)}…\``);
});
