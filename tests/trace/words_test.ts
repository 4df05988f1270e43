// Which words a rule has, as iptables-save prints it: quotes only where iptables itself puts them.
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { splitRule } from "../../src/trace/words.ts";

/** The words of a rule, those that were in quotes in angle brackets. */
function words(text: string): string[] | null {
  return splitRule(text)?.map((word) => word.quoted ? `<${word.text}>` : word.text) ?? null;
}

Deno.test("words are parted by any number of blanks", () => {
  const parted: readonly (readonly [text: string, words: readonly string[]])[] = [
    ["", []],
    ["  ", []],
    ["-j DROP", ["-j", "DROP"]],
    [" -p  tcp   -j DROP  ", ["-p", "tcp", "-j", "DROP"]],
    ['  --comment  "a  b"   -j  DROP ', ["--comment", "<a  b>", "-j", "DROP"]],
  ];
  for (const [text, expected] of parted) assertEquals(words(text), expected, text);
});

Deno.test("a backslash in quotes stands for what is behind it, whatever that is", () => {
  const read: readonly (readonly [text: string, word: string])[] = [
    ['"a"', "<a>"],
    ['""', "<>"],
    ['"say \\"hello\\""', '<say "hello">'],
    ['"it\\\'s"', "<it's>"],
    ['"a\\\\"', "<a\\>"],
    ['"\\\\\\""', '<\\">'],
    ['"a\\\nb"', "<a\nb>"],
    ['"\\a\\b"', "<ab>"],
  ];
  for (const [text, word] of read) {
    assertEquals(words(text), [word], text);
    assertEquals(words(`-m comment --comment ${text} -j DROP`), [
      ...["-m", "comment", "--comment", word, "-j", "DROP"],
    ], text);
  }
});

Deno.test("a quote that is not closed, or not by the end of a word, leaves no words at all", () => {
  for (const text of ['"', '"a', '"a\\"', '"a\\', '"a"b', '"a""b"', '-j DROP "', '"a" "b']) {
    assertEquals(words(text), null, text);
    assertEquals(words(`--comment ${text}`), null, text);
  }
});

Deno.test("a quote within a word, or in a name that iptables prints as it is, is part of it", () => {
  assertEquals(words('a"b "c d" e"'), ['a"b', "<c d>", 'e"']);
  const asItIs = "-i -o -j -g --name --hashlimit-name --match-set --add-set --del-set --map-set " +
    "--physdev-in --physdev-out --helper --nfacct-name --label --rateest-name --rateest1 " +
    "--rateest2 --led-trigger-id --timeout";
  for (const option of asItIs.split(" ")) {
    assertEquals(words(`${option} "a -j DROP`), [option, '"a', "-j", "DROP"], option);
    assertEquals(words(`${option} "a" "b"`), [option, '"a"', "<b>"], option);
  }
  // What is in quotes is no option, whatever it says.
  assertEquals(words('--comment "-j" "a b"'), ["--comment", "<-j>", "<a b>"]);
  assertEquals(words('--comment "a" --log-prefix "b c"'), [
    ...["--comment", "<a>", "--log-prefix", "<b c>"],
  ]);
});

Deno.test("what iptables-save quotes is read as what it quoted", () => {
  // xtables_save_string() quotes what is no plain word, with a backslash ahead of `"`, `\` and `'`.
  const quote = (text: string) => `"${text.replace(/["\\']/g, "\\$&")}"`;
  const plain = fc.stringMatching(/^[a-z0-9:,./-]{1,8}$/).filter((word) => !word.startsWith("-"));
  const given = fc.array(
    fc.record({ option: fc.constantFrom("--comment", "--string", "-p"), value: fc.string() }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(given, plain, (options, last) => {
      const text = options.map(({ option, value }) => `${option} ${quote(value)}`).join(" ");
      const expected = options.flatMap(({ option, value }) => [option, `<${value}>`]);
      assertEquals(words(`${text} ${last}`), [...expected, last]);
    }),
    { numRuns: 200 },
  );
});
