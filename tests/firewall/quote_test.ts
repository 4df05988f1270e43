import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { quoteWord, splitWords } from "../../src/firewall/quote.ts";
import { saveString, splitLine } from "../support/restore_words.ts";

const PRINTABLE = fc.string({ unit: "binary" }).filter((text) =>
  !/\p{Cc}/u.test(text) &&
  !/[\ud800-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ""))
);

Deno.test("a quoted word is one word to iptables-restore, whatever is in it", () => {
  for (
    const text of [
      "",
      "a",
      "a b",
      '"',
      '"" ""',
      "\\",
      '\\"',
      "'",
      "$(reboot)",
      "-j ACCEPT",
      "a\\ b",
      "x -j ACCEPT",
      "`id`",
      "#",
      "!",
    ]
  ) {
    assertEquals(splitLine(`-m ${quoteWord(text)} -j`), ["-m", text, "-j"], text);
  }
  fc.assert(
    fc.property(PRINTABLE, (text) => {
      assertEquals(splitLine(`a ${quoteWord(text)} b`), ["a", text, "b"]);
      assertEquals(splitWords(`a ${quoteWord(text)} b`), ["a", text, "b"]);
      assertEquals(splitWords(`a ${saveString(text)} b`), ["a", text, "b"]);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a control character cannot be written into a payload", () => {
  for (const char of ["\n", "\r", "\t", "\0", "\x1b", "\x7f"]) {
    assertThrows(() => quoteWord(`a${char}b`));
  }
});

Deno.test("an open quote is no rule", () => {
  assertEquals(splitWords('a "b'), null);
  assertEquals(splitWords('a "b\\"'), null);
  assertEquals(splitWords("  a   b  "), ["a", "b"]);
  assertEquals(splitWords('""'), [""]);
});
