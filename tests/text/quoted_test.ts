import { assertEquals, assertThrows } from "@std/assert";
import { splitCommands } from "../../src/knockd/shell.ts";
import { quoteForShell } from "../../src/text/quoted.ts";

Deno.test("a word reads back from a shell's quotes as it was, and no line break gets in", () => {
  for (
    const word of ["/bin/x", "/a b/x", "/it's/x", '/"$HOME"`x`/\\', "a;b|c&d>e", "", "%IP%", "#x"]
  ) {
    const [words] = splitCommands(`x ${quoteForShell(word)} y`);
    assertEquals(words?.map(({ text }) => text), ["x", word, "y"]);
  }
  assertThrows(() => quoteForShell("a\nb"));
});
