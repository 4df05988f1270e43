import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { endsInQuotes, quoteWord, rewriteRule, splitWords } from "../../src/firewall/quote.ts";
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
      const words = ["--comment", text, "b"];
      assertEquals(splitWords(`--comment ${quoteWord(text)} b`), words);
      assertEquals(splitWords(`--comment ${saveString(text)} b`), words);
      assertEquals(splitLine(rewriteRule(`--comment ${saveString(text)} b`)), words);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a newline and NUL cannot be written into a payload, other characters can", () => {
  for (const char of ["\n", "\0"]) assertThrows(() => quoteWord(`a${char}b`));
  for (const char of ["\r", "\t", "\x1b", "\x7f", "\udce9"]) {
    assertEquals(splitLine(`-m ${quoteWord(`a${char}b`)} -j`), ["-m", `a${char}b`, "-j"]);
  }
});

Deno.test("an open quote is not a rule", () => {
  assertEquals(splitWords('--comment "b'), null);
  assertEquals(splitWords('--comment "b\\"'), null);
  assertEquals(splitWords("  a   b  "), ["a", "b"]);
  assertEquals(splitWords('--log-prefix ""'), ["--log-prefix", ""]);
});

Deno.test("a quote in a name is a character of it, for iptables-save does not quote names", () => {
  for (const rule of ['-i et"h -j ACCEPT', '-i "eth -j A"B', '--name a"b" --rcheck', '-i " -o "']) {
    assertEquals(splitWords(rule), rule.split(" "));
    assertEquals(splitLine(rewriteRule(rule)), rule.split(" "));
  }
  const mixed = '-i et"h -m comment --comment "a \\"b -i \\\\" -j "x';
  const words = ["-i", 'et"h', "-m", "comment", "--comment", 'a "b -i \\', "-j", '"x'];
  assertEquals(splitWords(mixed), words);
  assertEquals(splitLine(rewriteRule(mixed)), words);
});

Deno.test("the values that iptables-save quotes are one word, and a quote behind any other is a character", () => {
  // xtables_save_string() in libxt_comment, LOG, NFLOG, ULOG, string, helper, cgroup and SECMARK.
  for (
    const option of [
      ...["--comment", "--log-prefix", "--nflog-prefix", "--ulog-prefix", "--string"],
      ...["--hex-string", "--helper", "--path", "--selctx"],
    ]
  ) {
    const line = `-m x ${option} "a \\"b" -j c`;
    assertEquals(splitWords(line), ["-m", "x", option, 'a "b', "-j", "c"], option);
    assertEquals(endsInQuotes(line, 0, line.indexOf("b")), true, option);
    assertEquals(endsInQuotes(line, 0, line.length), false, option);
  }
  for (const option of ["--name", "-i", "--match-set", "-j"]) {
    assertEquals(splitWords(`${option} "a b"`), [option, '"a', 'b"'], option);
    assertEquals(endsInQuotes(`${option} "a b"`, 0, option.length + 3), false, option);
  }
});
