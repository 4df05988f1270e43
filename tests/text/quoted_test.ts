import { assertEquals, assertThrows } from "@std/assert";
import { splitCommands } from "../../src/knockd/shell.ts";
import { inDoubleQuotes, quoteForShell } from "../../src/text/quoted.ts";

Deno.test("a word reads back from a shell's quotes as it was, and no line break gets in", () => {
  for (
    const word of ["/bin/x", "/a b/x", "/it's/x", '/"$HOME"`x`/\\', "a;b|c&d>e", "", "%IP%", "#x"]
  ) {
    const [words] = splitCommands(`x ${quoteForShell(word)} y`);
    assertEquals(words?.map(({ text }) => text), ["x", word, "y"]);
  }
  for (const control of "\n\0\x1f\x7f") {
    assertThrows(() => quoteForShell(`a${control}b`));
  }
});

Deno.test("a word that a shell takes as it is has no quotes", () => {
  for (const word of ["a", "Z9", "a.b_c,d:e+f/g@h%i-j", "203.0.113.9"]) {
    assertEquals(quoteForShell(word), word);
  }
  const odd = " !\"#$&'()*;<=>?[\\]^`{|}~é";
  for (const word of ["", ...odd, ...[...odd].flatMap((one) => [`${one}a`, `a${one}`])]) {
    assertEquals(quoteForShell(word), `'${word.replace("'", "'\\''")}'`);
  }
  assertEquals(quoteForShell("'a'b"), "''\\''a'\\''b'");
});

Deno.test("in double quotes a quote and a backslash have a backslash ahead, each of them", () => {
  assertEquals(inDoubleQuotes('a "b" \\ c\\"'), '"a \\"b\\" \\\\ c\\\\\\""');
  assertEquals(inDoubleQuotes(""), '""');
});
