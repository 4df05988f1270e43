import { wrap } from "../../text/wrap.ts";

/** A part of a page for people. The help draws pages for a terminal, the manual typesets them. */
export type Block =
  /** The title of what follows. */
  | { readonly heading: string }
  /** A paragraph. */
  | { readonly text: string }
  /** Lines that keep their breaks. */
  | { readonly code: readonly string[] }
  /** Words and what they mean. */
  | { readonly terms: readonly Term[] }
  /** Command lines and what they do. */
  | { readonly examples: readonly { readonly line: string; readonly does: string }[] };

/** A word and what it means. */
export type Term = readonly [word: string, meaning: string];

/** The narrowest width of a page, in columns. */
const NARROW = 32;

/** The widest: longer lines are hard to read. */
const WIDE = 100;

/**
 * Draws a page for a terminal.
 *
 * @param blocks its contents
 * @param columns width of the terminal
 * @returns lines without a newline at the end
 */
export function drawPage(blocks: readonly Block[], columns: number): string {
  const width = Math.max(NARROW, Math.min(columns, WIDE));
  const parts = blocks.map((block) => ({ block, lines: drawBlock(block, width) }));
  return parts.flatMap(({ lines }, at) => {
    const before = parts[at - 1]?.block;
    const apart = before !== undefined && !("heading" in before);
    return apart ? ["", ...lines] : lines;
  }).join("\n");
}

function drawBlock(block: Block, width: number): string[] {
  if ("heading" in block) return wrap(`${block.heading}:`, width);
  if ("text" in block) return wrap(block.text, width);
  if ("code" in block) return block.code.flatMap((line) => wrapCode(line, width));
  if ("terms" in block) return drawTerms(block.terms, width);
  return block.examples.flatMap(({ line, does }) => [
    ...breakCommand(line, width - 2).map((part) => `  ${part}`),
    ...wrap(does, width - 6).map((part) => `      ${part}`),
  ]);
}

/** Two columns; if the first is too wide for the terminal, the second goes below it. */
function drawTerms(terms: readonly Term[], width: number): string[] {
  const widest = Math.max(...terms.map(([word]) => word.length));
  const indent = Math.min(widest + 4, 32, Math.floor(width / 3));
  return terms.flatMap(([word, meaning]) => {
    const lines = wrap(meaning, width - indent);
    const below = lines.map((line) => " ".repeat(indent) + line);
    if (word.length + 4 > indent) return [`  ${word}`, ...below];
    return [`  ${word}`.padEnd(indent) + (lines[0] ?? ""), ...below.slice(1)];
  });
}

/** Breaks a line of code, indented by two; continuation lines are indented by two more. */
function wrapCode(line: string, width: number): string[] {
  const indent = "  " + /^ */.exec(line)![0];
  const [first = "", ...rest] = wrap(line.trim(), width - indent.length - 2);
  return [indent + first, ...rest.map((part) => `${indent}  ${part}`)].map((one) => one.trimEnd());
}

/** Breaks a shell's command line so that it can still be pasted; other lines stay whole. */
function breakCommand(line: string, width: number): string[] {
  if (line.length <= width || !line.startsWith("pktables ")) return [line];
  const parts = wrap(line, width - 4);
  return parts.map((part, at) =>
    (at === 0 ? "" : "  ") + part + (at + 1 < parts.length ? " \\" : "")
  );
}
