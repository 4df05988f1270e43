import type { Span } from "./span.ts";

/** The largest file that is read, in bytes: enough for 50,000 services, harmless to a small router. */
export const MAX_SOURCE_BYTES = 4 * 1024 * 1024;

/** Why the bytes of a file are not text; `offset` is the place in `Source.text`. */
export interface SourceProblem {
  /** What is wrong. */
  readonly kind: "too-large" | "bad-utf8" | "nul";
  /** Where it is. */
  readonly offset: number;
}

/** A `.pk` file as text, with the table that turns offsets into lines. */
export interface Source {
  /** Name as diagnostics show it: the path as the user wrote it, or `-`. */
  readonly name: string;
  /** Decoded text without a byte order mark; line ends are as written. */
  readonly text: string;
  /** Offset at which each line starts; never empty. */
  readonly lineStarts: readonly number[];
  /** Set if the file must not be read any further. */
  readonly problem: SourceProblem | null;
}

/** A place as an editor shows it: both count from 1, the column in characters (code points). */
export interface Position {
  /** The line. */
  readonly line: number;
  /** The column. */
  readonly column: number;
}

/**
 * Makes a source from decoded text.
 *
 * @param name the name of the file in diagnostics
 * @param text the contents; a byte order mark at the start is skipped
 * @returns the source; `problem` is set if it contains a NUL character or its UTF-8 form is larger than
 * `MAX_SOURCE_BYTES`
 */
export function makeSource(name: string, text: string): Source {
  const body = text.startsWith("\ufeff") ? text.slice(1) : text;
  const tooLarge = new TextEncoder().encode(body).length > MAX_SOURCE_BYTES;
  if (tooLarge) return withProblem(name, "", { kind: "too-large", offset: 0 });
  const nul = body.indexOf("\0");
  return withProblem(name, body, nul < 0 ? null : { kind: "nul", offset: nul });
}

/**
 * Makes a source from the bytes of a file.
 *
 * @param name the name of the file in diagnostics
 * @param bytes the contents, as UTF-8 with or without a byte order mark
 * @returns the source; where bytes are not UTF-8, `problem` gives the place of the first and `text`
 * holds U+FFFD there, so that the line can still be shown
 */
export function decodeSource(name: string, bytes: Uint8Array): Source {
  if (bytes.length > MAX_SOURCE_BYTES) {
    return withProblem(name, "", { kind: "too-large", offset: 0 });
  }
  try {
    return makeSource(name, new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    const text = new TextDecoder("utf-8").decode(bytes);
    const good = bytes.subarray(0, firstBadByte(bytes));
    const offset = new TextDecoder("utf-8").decode(good).length;
    const nul = text.indexOf("\0");
    const problem: SourceProblem = nul >= 0 && nul < offset
      ? { kind: "nul", offset: nul }
      : { kind: "bad-utf8", offset };
    return withProblem(name, text, problem);
  }
}

function withProblem(name: string, text: string, problem: SourceProblem | null): Source {
  return { name, text, lineStarts: findLineStarts(text), problem };
}

/**
 * Index of the first byte that begins no well-formed UTF-8 sequence (Unicode table 3-7); there has to be
 * one.
 */
function firstBadByte(bytes: Uint8Array): number {
  for (let at = 0;;) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  // No overlong form, no surrogate, nothing above U+10FFFF.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  for (let i = 1; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    if (byte < (i === 1 ? low : 0x80) || byte > (i === 1 ? high : 0xbf)) return 0;
  }
  return length;
}

/** A line ends with LF, CRLF or, as in editors, a lone CR. */
function findLineStarts(text: string): number[] {
  const starts = [0];
  for (const end of text.matchAll(/\r\n|\n|\r/g)) starts.push(end.index + end[0].length);
  return starts;
}

/** The last position looked up in a source; makes a walk in file order linear. */
interface Cursor {
  line: number;
  offset: number;
  column: number;
}
const cursors = new WeakMap<Source, Cursor>();

/**
 * The line and column of an offset.
 *
 * @param source the file
 * @param offset in UTF-16 units; an offset outside the file counts as its nearer end
 */
export function positionOf(source: Source, offset: number): Position {
  const at = Math.min(Math.max(offset, 0), source.text.length);
  const line = lineOf(source, at);
  const start = source.lineStarts[line - 1]!;
  const known = cursors.get(source);
  const resume = known !== undefined && known.line === line && known.offset <= at;
  let column = resume ? known.column : 1;
  for (let i = resume ? known.offset : start; i < at; i++) {
    if (!isSecondHalf(source.text, i)) column++;
  }
  cursors.set(source, { line, offset: at, column });
  return { line, column };
}

function isSecondHalf(text: string, at: number): boolean {
  const isLow = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
  return isLow && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

function lineOf(source: Source, offset: number): number {
  let [low, high] = [0, source.lineStarts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (source.lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low + 1;
}

/**
 * Where a line starts and ends, its line end not counted.
 *
 * @param source the file
 * @param line counts from 1; one past the last gives the empty stretch at the end of the file
 */
export function lineBounds(source: Source, line: number): { start: number; end: number } {
  const start = source.lineStarts[line - 1] ?? source.text.length;
  let end = source.lineStarts[line] ?? source.text.length;
  if (line < source.lineStarts.length) {
    end--;
    if (source.text[end] === "\n" && end > start && source.text[end - 1] === "\r") end--;
  }
  return { start, end };
}

/** The span from `start` to `end` in a file. */
export function spanOf(source: Source, start: number, end: number): Span {
  return { file: source.name, start, end };
}
