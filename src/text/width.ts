import { printable } from "../text/printable.ts";

/** Columns between tab stops, as in most terminals and editors for configuration files. */
const TAB_STOP = 4;

/** Blocks whose characters are two columns wide (Unicode UAX #11, W and F). */
const EAST_ASIAN =
  "\\u1100-\\u115f\\u2329\\u232a\\u2e80-\\u303e\\u3041-\\u3247\\u3250-\\ua4cf\\ua960-\\ua97f" +
  "\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe10-\\ufe19\\ufe30-\\ufe6f\\uff00-\\uff60\\uffe0-\\uffe6" +
  "\\u{16fe0}-\\u{16fe3}\\u{16ff0}-\\u{18d08}\\u{1aff0}-\\u{1affe}\\u{1b000}-\\u{1b2ff}" +
  "\\u{1f200}-\\u{1f265}\\u{20000}-\\u{3fffd}";

/** Characters that a terminal draws two columns wide: those, emoji, and flags of two letters. */
const WIDE = new RegExp(
  `^[${EAST_ASIAN}]|^(?!\\p{RI}$)\\p{Emoji_Presentation}|^\\p{Extended_Pictographic}\\ufe0f|` +
    "^[\\d#*]\\ufe0f\\u20e3",
  "u",
);

/** Characters that take no column of their own when they stand alone; vowels and finals of Hangul too. */
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;

let segmenter: Intl.Segmenter | null = null;

/** Splits text into graphemes. Loading its tables takes 20 ms: not for ASCII. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** How many columns a character takes on a terminal. */
function graphemeWidth(grapheme: string): number {
  if (grapheme.length === 1 && grapheme >= " " && grapheme <= "~") return 1;
  return ZERO.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1;
}

/** A stretch of a line as it is drawn. */
export interface Cell {
  /** What to print: one grapheme, or the spaces of a tab. */
  readonly text: string;
  /** Where it is in the line, in UTF-16 units from the line's start. */
  readonly offset: number;
  /** Columns that it takes. */
  readonly width: number;
}

/**
 * Splits a line into cells.
 *
 * @param line the line without its end; control characters are drawn as pictures, tabs as spaces
 * @returns its characters in order
 */
export function layOut(line: string): Cell[] {
  const cells: Cell[] = [];
  let column = 0;
  let offset = 0;
  for (const piece of pieces(line)) {
    const isTab = piece === "\t";
    const shown = isTab ? "" : printable(piece);
    const width = isTab ? TAB_STOP - column % TAB_STOP : graphemeWidth(shown);
    const text = isTab ? " ".repeat(width) : shown;
    cells.push({ text, offset, width });
    column += width;
    offset += piece.length;
  }
  return cells;
}

function pieces(line: string): Iterable<string> {
  if (/^[\x20-\x7e\t]*$/.test(line)) return line;
  return Array.from(graphemes(line), ({ segment }) => segment);
}
