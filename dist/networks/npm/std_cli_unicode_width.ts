// The part of `@std/cli/unicode-width` that this project uses, for networks that do not reach JSR: the same
// table, copied from @std/cli 1.0.32 (unicode_width.json is its _data.json, of Unicode 15.0).
// Copyright 2018-2026 the Deno authors. MIT license.
// Copyright (c) 2015 The Rust Project Developers. MIT license.
import data from "./unicode_width.json" with { type: "json" };

/** Three levels: blocks of 8,192 code points, of 64, then four widths of two bits each in a byte. */
const [BLOCKS, ROWS, WIDTHS] = data.tables.map(decode);

/** Undoes a run-length encoding: bytes, and how often each is there. */
function decode({ d, r }: { readonly d: string; readonly r: string }): Uint8Array {
  const lengths = [...atob(r)].map((one) => one.charCodeAt(0));
  const bytes = [...atob(d)].flatMap((one, at) => Array(lengths[at]).fill(one.charCodeAt(0)));
  return Uint8Array.from(bytes);
}

/** Columns of one character; 0 for control characters. */
function widthOf(point: number): number {
  if (point < 0x7f) return point < 0x20 ? 0 : 1;
  if (point < 0xa0) return 0;
  const block = BLOCKS?.[(point >> 13) & 0xff] ?? 0;
  const row = ROWS?.[128 * block + ((point >> 6) & 0x7f)] ?? 0;
  const four = WIDTHS?.[16 * row + ((point >> 2) & 0xf)] ?? 0;
  const width = (four >> (2 * (point & 0b11))) & 0b11;
  return width === 3 ? 1 : width;
}

/**
 * How many columns a text takes on a terminal, character by character.
 *
 * @param str the text; control sequences are not interpreted
 * @returns the sum of its characters' widths, each 0, 1 or 2
 */
export function unicodeWidth(str: string): number {
  let columns = 0;
  for (const character of str) columns += widthOf(character.codePointAt(0) ?? 0);
  return columns;
}
