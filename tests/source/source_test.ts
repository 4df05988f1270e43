import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeSource, lineBounds, makeSource, positionOf } from "../../src/source/source.ts";

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  new Uint8Array(
    parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : part),
  );

Deno.test("lines and columns count from 1, columns in characters", () => {
  const source = makeSource("a.pk", "one\nzwei 😀é x\r\nthree\rfour");
  assertEquals(positionOf(source, 0), { line: 1, column: 1 });
  assertEquals(positionOf(source, 4), { line: 2, column: 1 });
  assertEquals(positionOf(source, source.text.indexOf("x")), { line: 2, column: 9 });
  assertEquals(positionOf(source, source.text.indexOf("three")), { line: 3, column: 1 });
  assertEquals(positionOf(source, source.text.indexOf("four")), { line: 4, column: 1 });
  assertEquals(positionOf(source, 9999), { line: 4, column: 5 });
});

Deno.test("offsets and positions are each other's reverse, in any order of asking", () => {
  const source = makeSource("a.pk", "a😀b\n\n😀😀\r\nend");
  const offsets = [0, 1, 3, 4, 5, 6, 8, 10, 12, 15];
  for (const offset of [...offsets, ...offsets.reverse()]) {
    const { line, column } = positionOf(source, offset);
    const { start, end } = lineBounds(source, line);
    const before = Array.from(source.text.slice(start, end)).slice(0, column - 1).join("");
    assertEquals(start + before.length, offset);
  }
});

Deno.test("a line's bounds leave out its end", () => {
  const source = makeSource("a.pk", "ab\r\ncd\n");
  assertEquals(lineBounds(source, 1), { start: 0, end: 2 });
  assertEquals(lineBounds(source, 2), { start: 4, end: 6 });
  assertEquals(lineBounds(source, 3), { start: 7, end: 7 });
});

Deno.test("a byte order mark is accepted and moves no column", () => {
  const source = decodeSource("a.pk", bytes([0xef, 0xbb, 0xbf], "service"));
  assertEquals([source.text, source.problem], ["service", null]);
  const texts = ["\ufeffa", "\ufeff\ufeffa", "a\ufeff"].map((text) =>
    makeSource("a.pk", text).text
  );
  assertEquals(texts, ["a", "\ufeffa", "a\ufeff"]);
});

Deno.test("bad UTF-8 is reported with the place of its first byte", () => {
  const cases: [number[], string][] = [
    [[0xe9], "lone Latin-1 byte"],
    [[0xc0, 0xaf], "overlong"],
    [[0xe0, 0x9f, 0xbf], "overlong, of three bytes"],
    [[0xf0, 0x8f, 0xbf, 0xbf], "overlong, of four bytes"],
    [[0xf1, 0x80, 0x80, 0xc0], "wrong at its end"],
    [[0xed, 0xa0, 0x80], "surrogate"],
    [[0xf4, 0x90, 0x80, 0x80], "above U+10FFFF"],
    [[0xe2, 0x82], "cut off"],
    [[0xff], "no lead byte"],
  ];
  for (const [bad, what] of cases) {
    const source = decodeSource("a.pk", bytes("# ok\n# 😀ü ", bad, " x"));
    assertEquals(source.problem?.kind, "bad-utf8", what);
    assertEquals(positionOf(source, source.problem?.offset ?? 0), { line: 2, column: 6 }, what);
  }
});

Deno.test("the first invalid byte is the one that a decoder replaces, at every edge of UTF-8", () => {
  const edges = [
    0x41,
    0x7f,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
    0xc0,
    0xc1,
    0xc2,
    0xdf,
    0xe0,
    0xe1,
  ];
  edges.push(0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff);
  const cases = edges.flatMap((one) =>
    edges.flatMap((two) => [
      [one, two, 0x80, 0x80],
      [one, two, 0xbf, 0x41],
      [0xe1, 0x80, one, two],
      [0xf1, 0x80, one, two],
    ])
  );
  for (const some of cases) {
    const given = new Uint8Array([...some, 0xff]);
    const offset = new TextDecoder().decode(given).indexOf("\ufffd");
    assertEquals(decodeSource("a.pk", given).problem, { kind: "bad-utf8", offset }, `${some}`);
  }
});

Deno.test("a cut-off character at the end of the file is reported there", () => {
  const source = decodeSource("a.pk", bytes("ab", [0xe2, 0x82]));
  assertEquals(source.problem, { kind: "bad-utf8", offset: 2 });
});

Deno.test("a NUL byte is reported with its place, ahead of later bad UTF-8", () => {
  assertEquals(decodeSource("a.pk", bytes("a\n", [0], "b")).problem, { kind: "nul", offset: 2 });
  assertEquals(decodeSource("a.pk", bytes([0, 0xff])).problem, { kind: "nul", offset: 0 });
  assertEquals(makeSource("a.pk", "\0a\0").problem, { kind: "nul", offset: 0 });
  assertEquals(decodeSource("a.pk", bytes([0xff, 0])).problem, { kind: "bad-utf8", offset: 0 });
});

Deno.test("a file over 4 MiB is refused, one of just 4 MiB is read", () => {
  const limit = 4_194_304;
  assertEquals(decodeSource("a.pk", new Uint8Array(limit).fill(32)).problem, null);
  const problem = { kind: "too-large", offset: 0 } as const;
  const refused = { name: "a.pk", text: "", lineStarts: [0], problem };
  assertEquals(decodeSource("a.pk", new Uint8Array(limit + 1).fill(32)), refused);
  assertEquals(decodeSource("a.pk", new Uint8Array(limit + 1).fill(0xff)), refused);
  assertEquals(makeSource("a.pk", " ".repeat(limit + 1)), refused);
  const [most, rest] = [Math.floor(limit / 3), limit % 3];
  const [full, over] = [rest, rest + 1].map((more) => "€".repeat(most) + " ".repeat(more));
  assertEquals(makeSource("a.pk", full!).problem, null);
  assertEquals(makeSource("a.pk", over!), refused);
});

/** The place of an offset, counted from the start of the text. */
function countedPosition(text: string, offset: number): { line: number; column: number } {
  const ends = [...text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length);
  const at = Math.min(Math.max(offset, 0), text.length);
  const before = ends.filter((end) => end <= at);
  const start = before.at(-1) ?? 0;
  return { line: before.length + 1, column: [...text.slice(start, at)].length + 1 };
}

Deno.test("a place is the same whatever was asked for before, within a character too", () => {
  const unit = fc.constantFrom(..."aé\n\r\t", "\r\n", ..."😀😁𐀀𐀁\u{10ffff}\ud801\udfff");
  fc.assert(fc.property(
    fc.string({ unit, maxLength: 12 }),
    fc.array(fc.integer({ min: -2, max: 30 }), { maxLength: 12 }),
    (text, offsets) => {
      const source = makeSource("a.pk", text);
      for (const offset of offsets) {
        assertEquals(positionOf(source, offset), countedPosition(text, offset), `${offset}`);
      }
    },
  ));
});

Deno.test("places in file order take one walk, be the file a single line", () => {
  const source = makeSource("a.pk", "x".repeat(1024 * 1024));
  const start = performance.now();
  for (let offset = 0; offset < source.text.length; offset += 256) {
    assertEquals(positionOf(source, offset).column, offset + 1);
  }
  // Counted from the start of the line each time, it takes 2,000 times as long: several seconds.
  assert(performance.now() - start < 1000);
});

Deno.test("the bounds of the lines are the text without its line ends", () => {
  const unit = fc.constantFrom("a", "\n", "\r", "\r\n");
  fc.assert(fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
    const source = makeSource("a.pk", text);
    const lines = text.split(/\r\n|\n|\r/);
    assertEquals(source.lineStarts.length, lines.length);
    for (const [at, line] of [...lines, ""].entries()) {
      const { start, end } = lineBounds(source, at + 1);
      assertEquals(text.slice(start, end), line);
      assertEquals(start, source.lineStarts[at] ?? text.length);
    }
  }));
});
