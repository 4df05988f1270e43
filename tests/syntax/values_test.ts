// Words that stand for a value: what each means, or what is said of it.
import { assertEquals } from "@std/assert";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import {
  isPlainWord,
  readDuration,
  readInterface,
  readNumber,
  readRate,
  readString,
  type Report,
  type Word,
} from "../../src/syntax/values.ts";

/** What a word is read as, or the message, label, help and marked part of the refusal. */
function read<T>(reader: (word: Word, report: Report) => T | null, text: string): unknown {
  const told: Diagnostic[] = [];
  const span = { file: "rules.pk", start: 10, end: 10 + text.length };
  const value = reader({ text, span }, (diagnostic) => told.push(diagnostic));
  assertEquals(told.length, value === null ? 1 : 0, text);
  const [first] = told;
  if (first === undefined) return value;
  const { start, end, text: label } = { ...first.primary.span, text: first.primary.text };
  return [first.message, label, first.help, text.slice(start - 10, end - 10)];
}

Deno.test("a number has nine digits at most", () => {
  assertEquals(read(readNumber, "0"), 0);
  assertEquals(read(readNumber, "007"), 7);
  assertEquals(read(readNumber, "999999999"), 999_999_999);
  for (const text of ["1000000000", "0000000000"]) {
    assertEquals(read(readNumber, text), [
      `the number \`${text}\` is too long`,
      "expected at most 9 digits",
      null,
      text,
    ]);
  }
  const clipped = `${"1".repeat(39)}…`;
  assertEquals(
    (read(readNumber, "1".repeat(50)) as string[])[0],
    `the number \`${clipped}\` is too long`,
  );
});

Deno.test("a text ends with its quote, and knows two escapes", () => {
  for (
    const [text, value] of [
      ['""', ""],
      ['"a b"', "a b"],
      ['"\\""', '"'],
      ['"\\\\"', "\\"],
      ['"\\\\\\"x\\\\"', '\\"x\\'],
      ['"\'#é\t"', "'#é\t"],
    ] as const
  ) assertEquals(read(readString, text), value, text);
  for (const text of ['"', '"a', '"a\\"', '"\\', '"a\\\\\\"']) {
    assertEquals(read(readString, text), [
      "missing closing quote",
      'expected `"` on this line',
      null,
      text,
    ]);
  }
  for (
    const [text, escape] of [
      ['"\\n"', "\\n"],
      ['"\\\\\\t"', "\\t"],
      ['"ab\\"c\\x\\y"', "\\x"],
      ['"\\ "', "\\ "],
    ] as const
  ) {
    assertEquals(read(readString, text), [
      `unknown escape \`${escape}\``,
      'expected `\\"` or `\\\\`',
      "to write a backslash, double it",
      escape,
    ], text);
  }
});

Deno.test("a duration is a number and s, m, h or d, and other spellings are understood", () => {
  for (const unit of ["s", "m", "h", "d"] as const) {
    assertEquals(read(readDuration, `12${unit}`), { count: 12, unit });
    assertEquals(read(readDuration, `999999999${unit}`), { count: 999_999_999, unit });
  }
  const spellings = {
    s: ["S", "sec", "secs", "second", "seconds", "Sec"],
    m: ["M", "min", "mins", "minute", "minutes", "MIN"],
    h: ["H", "hr", "hrs", "hour", "hours", "Hours"],
    d: ["D", "day", "days", "DAY"],
  };
  const refused = (text: string, help: string | null) =>
    assertEquals(read(readDuration, text), [
      `\`${text}\` has an unknown unit`,
      "expected `s`, `m`, `h` or `d` after the number",
      help,
      text,
    ], text);
  for (const [unit, spelled] of Object.entries(spellings)) {
    for (const written of spelled) refused(`30${written}`, `did you mean \`30${unit}\`?`);
  }
  for (const text of ["30", "", "s30", "30y", "30ss", "30s5", "1.5h", "-3s"]) {
    if (text !== "") refused(text, null);
  }
  assertEquals(read(readDuration, "1000000000s"), [
    "the number `1000000000` is too long",
    "expected at most 9 digits",
    null,
    "1000000000s",
  ]);
});

Deno.test("a rate is a number, a slash and a unit, of which the start is understood", () => {
  for (const unit of ["second", "minute", "hour", "day"] as const) {
    assertEquals(read(readRate, `0/${unit}`), { count: 0, unit });
    assertEquals(read(readRate, `999999999/${unit}`), { count: 999_999_999, unit });
  }
  for (
    const [text, meant] of [
      ["5/s", "second"],
      ["5/sec", "second"],
      ["5/SECONDS", "second"],
      ["5/m", "minute"],
      ["5/mins", "minute"],
      ["5/h", "hour"],
      ["5/Hours", "hour"],
      ["5/d", "day"],
      ["5/days", "day"],
      ["5/minuet", "minute"],
      ["5/huor", "hour"],
      ["5/", null],
      ["5", null],
      ["5/fortnight", null],
      ["5/week", null],
    ] as const
  ) {
    assertEquals(read(readRate, text), [
      `\`${text}\` has an unknown unit`,
      "expected `second`, `minute`, `hour` or `day` after the slash",
      meant === null ? null : `did you mean \`5/${meant}\`?`,
      text,
    ], text);
  }
  assertEquals(
    (read(readRate, "1000000000/day") as string[])[0],
    "the number `1000000000` is too long",
  );
});

Deno.test("an interface stands without quotes where it is a plain word, with a + at its end", () => {
  for (const name of ["e", "eth0", "br-lan_1", "ppp+", "E+"]) {
    assertEquals([isPlainWord(name), read(readInterface, name)], [true, name], name);
  }
  for (const name of ["", "0eth", "_a", "-a", "eth0.1", "eth0:1", "a+b", "a++", "+", "é"]) {
    assertEquals(isPlainWord(name), false, name);
    if (name === "") continue;
    assertEquals(read(readInterface, name), [
      `the interface \`${name}\` needs quotes`,
      "expected a plain word or a text in double quotes",
      `write \`on "${name}"\``,
      name,
    ]);
  }
});
