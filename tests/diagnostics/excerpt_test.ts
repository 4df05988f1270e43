// Which part of a line is shown, and what is marked of it, at each width around that of the line.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Excerpt, excerptOf } from "../../src/diagnostics/excerpt.ts";
import { makeSource } from "../../src/source/source.ts";
import { layOut } from "../../src/text/width.ts";

/** The excerpt of the text from `start` to `end` where there is room for so many columns. */
function excerpt(text: string, [start, end, width]: readonly [number, number, number]): Excerpt {
  return excerptOf(makeSource("a", text), { span: { file: "a", start, end }, text: "" }, width);
}

/** The excerpt as it is drawn. */
function drawn(text: string, at: readonly [number, number, number]): [string, string] {
  const { text: shown, indent, length } = excerpt(text, at);
  return [shown, " ".repeat(indent) + "^".repeat(length)];
}

const LINE = "abcdefghijklmnopqrstuvwxyz0123456789ABCD";

Deno.test("a line is shown whole as long as it has room", () => {
  for (const width of [40, 41, 1000]) {
    for (const [start, end] of [[0, 1], [0, 40], [20, 22], [39, 40], [40, 40]] as const) {
      const mark = " ".repeat(start) + "^".repeat(Math.max(1, end - start));
      assertEquals(drawn(LINE, [start, end, width]), [LINE, mark]);
    }
  }
});

Deno.test("a line without room is shown around its mark, with dots where it is cut", () => {
  const cases: readonly [start: number, end: number, width: number, text: string, mark: string][] =
    [
      [0, 1, 39, "abcdefghijklmnopqrstuvwxyz0123456789A…", "^"],
      [0, 1, 20, "abcdefghijklmnopqr…", "^"],
      [0, 40, 39, "abcdefghijklmnopqrstuvwxyz0123456789A…", "^".repeat(37)],
      [0, 40, 20, "abcdefghijklmnopqr…", "^".repeat(18)],
      [18, 19, 39, "abcdefghijklmnopqrstuvwxyz0123456789A…", " ".repeat(18) + "^"],
      [19, 20, 39, "…bcdefghijklmnopqrstuvwxyz0123456789AB…", " ".repeat(19) + "^"],
      [21, 22, 39, "…defghijklmnopqrstuvwxyz0123456789ABCD", " ".repeat(19) + "^"],
      [20, 22, 39, "…defghijklmnopqrstuvwxyz0123456789ABCD", " ".repeat(18) + "^^"],
      [20, 22, 20, "…mnopqrstuvwxyz0123…", " ".repeat(9) + "^^"],
      [20, 22, 12, "…qrstuvwxyz…", " ".repeat(5) + "^^"],
      [20, 22, 11, "…rstuvwxyz…", " ".repeat(4) + "^^"],
      [20, 22, 10, "…rstuvwxy…", " ".repeat(4) + "^^"],
      [20, 22, 9, "…rstuvwxy…", " ".repeat(4) + "^^"],
      [10, 35, 20, "…ghijklmnopqrstuvwx…", " ".repeat(5) + "^".repeat(14)],
      [39, 40, 39, "…vwxyz0123456789ABCD", " ".repeat(19) + "^"],
      [39, 40, 20, "…56789ABCD", " ".repeat(9) + "^"],
      [40, 40, 20, "…56789ABCD", " ".repeat(10) + "^"],
    ];
  for (const [start, end, width, text, mark] of cases) {
    assertEquals(drawn(LINE, [start, end, width]), [text, mark], `${start} ${end} ${width}`);
  }
});

Deno.test("wide characters and tabs are cut as columns, not as characters", () => {
  const wide = "漢".repeat(20);
  for (const width of [20, 21]) {
    assertEquals(drawn(wide, [10, 11, width]), [`…${"漢".repeat(9)}…`, " ".repeat(9) + "^^"]);
  }
  assertEquals(drawn(wide, [10, 11, 40]), [wide, " ".repeat(20) + "^^"]);
  assertEquals(drawn("a\tb\tc\td\te\tf\tg", [6, 7, 20]), [
    "…b   c   d   e   f…",
    " ".repeat(9) + "^",
  ]);
});

Deno.test("a very long line is cut alike, wherever in it the mark stands", () => {
  for (const before of [19, 39, 40, 41, 100, 5000]) {
    const text = `${"x".repeat(before)}y${"z".repeat(5000)}`;
    assertEquals(drawn(text, [before, before + 1, 20]), [
      "…xxxxxxxxyzzzzzzzzz…",
      " ".repeat(9) + "^",
    ]);
  }
});

Deno.test("of a place in several lines the first is shown, of one in a line end the end", () => {
  assertEquals(drawn("one\ntwo\nthree", [4, 13, 20]), ["two", "^^^"]);
  for (const text of ["one\ntwo", "one\r\ntwo"]) {
    for (const end of [3, 4, 5]) assertEquals(drawn(text, [3, end, 20]), ["one", "   ^"]);
  }
  assertEquals(drawn("one\r\ntwo", [4, 5, 20]), ["one", "   ^"]);
  assertEquals(drawn("", [0, 0, 20]), ["", "^"]);
  assertEquals(excerpt("a\nb\nc", [4, 5, 20]).line, 3);
});

Deno.test("a mark is at least one column, within a character behind it", () => {
  assertEquals(drawn("e\u0301x", [0, 1, 20]), ["e\u0301x", "^"]);
  assertEquals(drawn("e\u0301x", [1, 2, 20]), ["e\u0301x", " ^"]);
  assertEquals(drawn("😀x", [1, 2, 20]), ["😀x", "  ^"]);
  assertEquals(drawn("\u0301", [0, 1, 20]), ["\u0301", "^"]);
});

Deno.test("characters with an accent each are shown as many as others", () => {
  const [e, y] = ["e\u0301", "y\u0301"];
  const text = e.repeat(100) + y + e.repeat(100);
  assertEquals(drawn(text, [200, 202, 20]), [
    `…${e.repeat(8)}${y}${e.repeat(9)}…`,
    " ".repeat(9) + "^",
  ]);
  assertEquals(drawn(text, [0, 2, 20]), [`${e.repeat(18)}…`, "^"]);
  assertEquals(drawn(text, [400, 402, 20]), [`…${e.repeat(9)}`, " ".repeat(9) + "^"]);
  // Where they have more of them, less of a long line is looked at.
  const more = "e\u0301\u0302".repeat(100);
  assertEquals(drawn(more, [0, 3, 20]), [`${"e\u0301\u0302".repeat(13)}e…`, "^"]);
  const most = `e${"\u0301".repeat(5)}`;
  assertEquals(drawn(`${most.repeat(100)}y${most.repeat(100)}`, [600, 601, 20]), [
    `…${"\u0301".repeat(4)}${most.repeat(6)}y${most.repeat(6)}e\u0301\u0301…`,
    " ".repeat(7) + "^",
  ]);
});

Deno.test("an excerpt is never wider than its room, and its mark is below what is meant", () => {
  const unit = fc.constantFrom("a", "b", " ", "漢", "\t", "é", "e\u0301", "👩‍👩‍👧", "a\u0301\u0302");
  fc.assert(fc.property(
    fc.string({ unit, minLength: 1, maxLength: 90, size: "max" }),
    fc.nat(89),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: 10, max: 100 }),
    (text, place, length, width) => {
      const all = layOut(text);
      const { offset: start, text: meant } = all[place % all.length]!;
      const { text: shown, indent, length: marked } = excerpt(text, [start, start + length, width]);
      const cells = layOut(shown);
      const columns = cells.reduce((sum, cell) => sum + cell.width, 0);
      assert(columns <= width, `${columns} columns`);
      let column = 0;
      const first = cells.find((cell) => (column += cell.width) > indent);
      assertEquals(first?.text, text[start] === "\t" ? " " : meant);
      assert(indent + marked <= columns);
      // Alone what is cut off has dots in its place.
      const isWhole = all.reduce((sum, cell) => sum + cell.width, 0) <= width;
      if (!isWhole) assert(shown.startsWith("…") || shown.endsWith("…"));
    },
  ));
});
