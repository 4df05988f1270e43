// Columns of characters, compared with the table of @std/cli, which has Unicode 15.0.
import { assert, assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";
import { layOut } from "../../src/text/width.ts";
import { printable } from "../../src/text/printable.ts";

/** Wide since a later Unicode than that of the table: 15.1 added two rows, 16.0 widened the hexagrams. */
const WIDE_SINCE = /^[\u2ffc-\u2fff\u31ef\u4dc0-\u4dff]$/;

/** Whether the runtime knows characters of a later Unicode than its pinned version (U+0897: 16.0). */
const IS_LATER = !/\p{Cn}/u.test("\u0897");

function columns(text: string): number {
  return layOut(text).reduce((sum, { width }) => sum + width, 0);
}

Deno.test("every character that is assigned is as wide as @std/cli has it", () => {
  const wrong: string[] = [];
  let count = 0;
  for (let point = 0x20; point <= 0x10ffff; point++) {
    const character = String.fromCodePoint(point);
    if (/^[\p{Cn}\p{Cs}\p{Co}]$/u.test(character) || WIDE_SINCE.test(character)) continue;
    // What a terminal must not get is drawn as a picture, one column wide.
    const [width, expected] = printable(character) === character
      ? [columns(character), unicodeWidth(character)]
      : [columns(character), 1];
    count++;
    if (width !== expected) wrong.push(`U+${point.toString(16)}: ${width}, not ${expected}`);
  }
  // A later Unicode has some 5,000 more characters, which have the default width in the table.
  if (IS_LATER) assert(wrong.length < 200, wrong.join("\n"));
  else assertEquals(wrong, []);
  assert(count > 149_000, `only ${count} characters were compared`);
});

Deno.test("characters that are drawn as one are as wide as what is drawn", () => {
  const cases: readonly [text: string, columns: number][] = [
    ["e\u0301", 1],
    ["\ud55c", 2],
    ["\u1112\u1161\u11ab", 2],
    ["\u{1f1e9}\u{1f1ea}", 2],
    ["\u{1f1e9}", 1],
    ["\u2764\ufe0f", 2],
    ["\u2764", 1],
    ["1\ufe0f\u20e3", 2],
    ["#\ufe0f\u20e3", 2],
    ["*\ufe0f\u20e3", 2],
    ["1\ufe0f", 1],
    ["a\ufe0f\u20e3", 1],
    ["\u{1f469}\u200d\u{1f469}\u200d\u{1f467}", 2],
    ["a\u6f22b", 4],
  ];
  assertEquals(cases.map(([text]) => [text, columns(text)]), cases.map((one) => [...one]));
});

Deno.test("a tab reaches to the next of every four columns, behind wide characters too", () => {
  for (
    const [text, cells] of [
      ["\t", ["    "]],
      ["a\tb", ["a", "   ", "b"]],
      ["abc\t\t", ["a", "b", "c", " ", "    "]],
      ["abcd\t", ["a", "b", "c", "d", "    "]],
      ["\u6f22\tb", ["\u6f22", "  ", "b"]],
      ["e\u0301\t", ["e\u0301", "   "]],
    ] as const
  ) assertEquals(layOut(text).map((cell) => cell.text), [...cells]);
});

Deno.test("a cell says where it is in the text, and how wide", () => {
  assertEquals(layOut("a\t\u{1f600}e\u0301\x1bz"), [
    { text: "a", offset: 0, width: 1 },
    { text: "   ", offset: 1, width: 3 },
    { text: "\u{1f600}", offset: 2, width: 2 },
    { text: "e\u0301", offset: 4, width: 1 },
    { text: "\u241b", offset: 6, width: 1 },
    { text: "z", offset: 7, width: 1 },
  ]);
  assertEquals(layOut(""), []);
});
