import { assertEquals } from "@std/assert";
import {
  decodeSource,
  lineBounds,
  makeSource,
  MAX_SOURCE_BYTES,
  positionOf,
} from "../../src/source/source.ts";

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

Deno.test("a cut-off character at the end of the file is told there", () => {
  const source = decodeSource("a.pk", bytes("ab", [0xe2, 0x82]));
  assertEquals(source.problem, { kind: "bad-utf8", offset: 2 });
});

Deno.test("a NUL byte is reported with its place, ahead of later bad UTF-8", () => {
  assertEquals(decodeSource("a.pk", bytes("a\n", [0], "b")).problem, { kind: "nul", offset: 2 });
  assertEquals(decodeSource("a.pk", bytes([0, 0xff])).problem, { kind: "nul", offset: 0 });
  assertEquals(decodeSource("a.pk", bytes([0xff, 0])).problem, { kind: "bad-utf8", offset: 0 });
});

Deno.test("a file over 4 MiB is refused, one of just 4 MiB is read", () => {
  assertEquals(decodeSource("a.pk", new Uint8Array(MAX_SOURCE_BYTES).fill(32)).problem, null);
  const over = new Uint8Array(MAX_SOURCE_BYTES + 1).fill(32);
  assertEquals(decodeSource("a.pk", over).problem?.kind, "too-large");
  assertEquals(makeSource("a.pk", "€".repeat(1_500_000)).problem?.kind, "too-large");
});
