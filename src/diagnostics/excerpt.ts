import { lineBounds, positionOf, type Source } from "../source/source.ts";
import { printable } from "../text/printable.ts";
import type { Label } from "./diagnostic.ts";
import { type Cell, layOut } from "../text/width.ts";

/** One line of source with one mark under it. */
export interface Excerpt {
  /** The line's number. */
  readonly line: number;
  /** The line, or the part of it around the mark, as it is printed. */
  readonly text: string;
  /** Columns ahead of the mark. */
  readonly indent: number;
  /** Columns under the mark, at least one. */
  readonly length: number;
}

/**
 * The line that a label is about, cut to a width with `…` where it is longer.
 *
 * @param source the file that the label is in
 * @param label what to mark; of a span over several lines the first line is shown
 * @param width the most columns that the line may take
 */
export function excerptOf(source: Source, label: Label, width: number): Excerpt {
  const { line } = positionOf(source, label.span.start);
  const bounds = lineBounds(source, line);
  const start = Math.min(label.span.start, bounds.end);
  const end = Math.max(start, Math.min(label.span.end, bounds.end));
  // Long lines are not laid out as a whole. Twice the width leaves room for characters without a column.
  const from = Math.max(bounds.start, start - 2 * width);
  const to = Math.min(bounds.end, start + 2 * width);
  const cells = layOut(source.text.slice(from, to));
  const first = countBefore(cells, start - from);
  const last = Math.max(countBefore(cells, end - from), first);
  const isWhole = from === bounds.start && to === bounds.end;
  const window = isWhole && widthOf(cells, 0, cells.length) <= width
    ? { from: 0, to: cells.length }
    : chooseWindow(cells, { first, last, width });
  const head = (window.from > 0 || from > bounds.start) ? "…" : "";
  const tail = (window.to < cells.length || to < bounds.end) ? "…" : "";
  const shown = cells.slice(window.from, window.to).map((cell) => cell.text).join("");
  return {
    line,
    text: head + shown + tail,
    indent: head.length + widthOf(cells, window.from, first),
    length: Math.max(1, widthOf(cells, first, Math.min(last, window.to))),
  };
}

/** Number of cells that start before an offset in the line. */
function countBefore(cells: readonly Cell[], offset: number): number {
  let count = 0;
  while (count < cells.length && cells[count]!.offset < offset) count++;
  return count;
}

function widthOf(cells: readonly Cell[], from: number, to: number): number {
  let width = 0;
  for (const cell of cells.slice(from, to)) width += cell.width;
  return width;
}

/** The cells to show where not all fit: those around the mark, its start in the middle at the most. */
function chooseWindow(
  cells: readonly Cell[],
  at: { first: number; last: number; width: number },
): { from: number; to: number } {
  // Two columns go to the dots.
  const room = Math.max(at.width - 2, 8);
  const mark = Math.min(widthOf(cells, at.first, at.last), room >> 1);
  let from = at.first;
  for (let left = (room - mark) >> 1; from > 0 && left >= cells[from - 1]!.width; from--) {
    left -= cells[from - 1]!.width;
  }
  let to = from;
  for (let left = room; to < cells.length && left >= cells[to]!.width; to++) {
    left -= cells[to]!.width;
  }
  return { from, to };
}

/** A label's text as it may be printed on a terminal. */
export function labelText(label: Label): string {
  return printable(label.text);
}
