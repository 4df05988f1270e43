// Attaches comments to statements. A comment after something on its line belongs to that; one on a line of
// its own belongs to what follows, unless it is indented below a statement: then it belongs to that one.
import { positionOf, type Source } from "../source/source.ts";
import type { Statement } from "./ast.ts";
import type { Comment } from "./ast_reader.ts";
import { type Segment, type Unit, unitsOf } from "./segments.ts";

/** A statement, or a comment on a line of its own between statements. */
export type Block =
  | {
    readonly kind: "comment";
    readonly text: string;
    /** Whether it belongs to the statement above it. */
    readonly isIndented: boolean;
    /** Whether an empty line is ahead of it. */
    readonly isApart: boolean;
  }
  | {
    readonly kind: "statement";
    readonly statement: Statement;
    /** Its pieces, with the comments inside it. */
    readonly units: readonly Unit[];
    /** Comment after a statement on one line. */
    readonly trailing: string | null;
    /** Whether an empty line is ahead of it. */
    readonly isApart: boolean;
  };

/** A statement with its pieces in the order of the file. */
interface Laid {
  readonly statement: Statement;
  readonly units: readonly Unit[];
  readonly segments: readonly Segment[];
}

/** A block with its place in the source. */
type Placed =
  & { readonly start: number; readonly end: number }
  & (
    | {
      readonly kind: "comment";
      readonly text: string;
      /** The statement that it belongs to, or `null` if it is independent. */
      readonly owner: Statement | null;
    }
    | ({ readonly kind: "statement"; trailing: string | null } & Laid)
  );

/**
 * Attaches each comment to what it belongs to.
 *
 * @param source the file
 * @param parts its statements and its comments, each in file order
 * @returns statements and the comments between them, in file order
 */
export function placeComments(
  source: Source,
  parts: { readonly statements: readonly Statement[]; readonly comments: readonly Comment[] },
): Block[] {
  const blocks: Placed[] = [];
  const comments = parts.comments.values();
  let comment = comments.next().value;
  for (const statement of parts.statements) {
    while (comment !== undefined && comment.span.start < statement.span.start) {
      placeBetween(source, { blocks, comment, next: statement });
      comment = comments.next().value;
    }
    const laid = layStatement(statement);
    const block: Placed = { kind: "statement", trailing: null, ...statement.span, ...laid };
    blocks.push(block);
    while (comment !== undefined && comment.span.start < statement.span.end) {
      placeInside(source, laid, comment);
      comment = comments.next().value;
    }
  }
  while (comment !== undefined) {
    placeBetween(source, { blocks, comment, next: null });
    comment = comments.next().value;
  }
  for (const block of blocks) {
    if (block.kind === "statement") splitDoubles(block.segments);
  }
  return blocks.map((block, index) => {
    const apart = isApart(source, blocks, index);
    return block.kind === "statement"
      ? { ...block, isApart: apart }
      : { ...block, isIndented: block.owner !== null, isApart: apart };
  });
}

function layStatement(statement: Statement): Laid {
  const units = unitsOf(statement);
  const segments = units.flat().sort((a, b) => a.start - b.start);
  return { statement, units, segments };
}

/** Whether only blanks precede an offset on its line. */
function isOwnLine(source: Source, offset: number): boolean {
  const { line } = positionOf(source, offset);
  return /^[ \t]*$/.test(source.text.slice(source.lineStarts[line - 1] ?? 0, offset));
}

function placeInside(source: Source, laid: Laid, comment: Comment): void {
  const { start } = comment.span;
  const index = countUpTo(laid.segments, start);
  const next = laid.segments[index];
  if (isOwnLine(source, start) && next !== undefined) next.before.push(comment.text);
  else laid.segments[index - 1]?.after.push(comment.text);
}

/** How many pieces start before an offset. */
function countUpTo(segments: readonly Segment[], offset: number): number {
  let [low, high] = [0, segments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((segments[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Places a comment outside of statements. */
function placeBetween(
  source: Source,
  at: { blocks: Placed[]; comment: Comment; next: Statement | null },
): void {
  const { blocks, comment, next } = at;
  const { start, end } = comment.span;
  const last = blocks.at(-1);
  if (last?.kind === "statement" && !isOwnLine(source, start)) {
    // On one line the comment belongs to the whole; otherwise to the last piece.
    const isOneLine = !/[\r\n]/.test(source.text.slice(last.start, start));
    if (isOneLine && last.statement.kind === "service") last.trailing = comment.text;
    else last.segments.at(-1)?.after.push(comment.text);
    return;
  }
  const owner = ownerOf(source, { last, start, next });
  blocks.push({ kind: "comment", text: comment.text, owner, start, end });
}

/** The statement above a comment, if the comment is indented more than it and than the next one. */
function ownerOf(
  source: Source,
  at: { last: Placed | undefined; start: number; next: Statement | null },
): Statement | null {
  const above = at.last?.kind === "comment" ? at.last.owner : at.last?.statement ?? null;
  if (above === null || above.kind === "include") return null;
  const column = (offset: number): number => positionOf(source, offset).column;
  const own = column(at.start);
  const isRight = own > column(above.span.start) &&
    (at.next === null || own > column(at.next.span.start));
  return isRight ? above : null;
}

/** Only one comment fits after a piece: the others move to lines of their own before it. */
function splitDoubles(segments: readonly Segment[]): void {
  for (const { before, after } of segments) {
    for (const comment of after.splice(0, after.length - 1)) before.push(comment);
  }
}

function isApart(source: Source, blocks: readonly Placed[], index: number): boolean {
  const previous = blocks[index - 1];
  const start = blocks[index]?.start ?? 0;
  if (previous === undefined) return false;
  const between = source.text.slice(previous.end, start);
  return (between.match(/\r\n|\n|\r/g) ?? []).length > 1;
}
