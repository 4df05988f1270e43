import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { err, ok, type Result } from "../result.ts";
import { makeSource, type Source } from "../source/source.ts";
import type { Statement } from "./ast.ts";
import { type Block, placeComments } from "./comments.ts";
import { readSyntax } from "./ast_reader.ts";
import type { Segment, Unit } from "./segments.ts";

/** Lines are filled up to this column. */
const WIDTH = 80;

/** The indentation of one level. */
const INDENT = "    ";

/**
 * Brings a `.pk` file into canonical form.
 *
 * @param text the file
 * @param name its name in diagnostics
 * @returns the file in canonical form: the same tree (options in canonical order), the same comments;
 * formatting it again changes nothing. For a file with syntax errors: the errors
 *
 * @example
 * ```ts
 * const result = format("service  ssh tcp 22 drop syn", "rules.pk");
 * if (result.ok) console.log(result.value); // service ssh tcp 22 syn drop
 * ```
 */
export function format(text: string, name: string): Result<string, readonly Diagnostic[]> {
  return formatSource(makeSource(name, text));
}

/**
 * Brings a file into canonical form, as `format` does.
 *
 * @param source the file, as `decodeSource` gives it
 */
export function formatSource(source: Source): Result<string, readonly Diagnostic[]> {
  const { file, comments, diagnostics } = readSyntax(source);
  if (file === null || diagnostics.length > 0) return err(diagnostics);
  const lines: string[] = [];
  for (const block of placeComments(source, { statements: file.statements, comments })) {
    if (block.isApart) lines.push("");
    // Not spread into one call: a list may have more lines than a call can take arguments.
    for (const line of printBlock(block)) lines.push(line);
  }
  return ok(lines.map((line) => `${line}\n`).join(""));
}

function printBlock(block: Block): string[] {
  if (block.kind === "comment") return [block.isIndented ? INDENT + block.text : block.text];
  return block.statement.kind === "service"
    ? printService(block)
    : block.units.flatMap((unit) => printUnit(unit, ""));
}

function printService(block: Extract<Block, { statement: Statement }>): string[] {
  const [head = [], ...options] = block.units;
  const oneLine = [head, ...options].map(flow).join(" ");
  const isBare = block.units.flat().every(hasNoComment);
  if (options.length <= 1 && isBare && oneLine.length <= WIDTH) {
    return [block.trailing === null ? oneLine : `${oneLine} ${block.trailing}`];
  }
  if (block.trailing !== null) head.at(-1)?.after.push(block.trailing);
  return [
    ...printUnit(head, ""),
    ...options.flatMap((unit) => printUnit(unit, INDENT)),
  ];
}

function hasNoComment(segment: Segment): boolean {
  return segment.before.length === 0 && segment.after.length === 0;
}

/** A unit on one line, without its comments. */
function flow(unit: Unit): string {
  return unit.map((segment, index) => segment.text + separator(unit, index)).join("").trimEnd();
}

/** What follows a segment if the line continues: a comma between two items of a list. */
function separator(unit: Unit, index: number): string {
  return unit[index]?.kind === "item" && unit[index + 1]?.kind === "item" ? ", " : " ";
}

function printUnit(unit: Unit, indent: string): string[] {
  const lead = (unit[0]?.before ?? []).map((comment) => indent + comment);
  return [...lead, ...printPieces(unit, indent)];
}

/** A unit without the comments ahead of it. */
function printPieces(unit: Unit, indent: string): string[] {
  if (isAboutWhole(unit)) return fill(unit, indent);
  const length = unit.findLastIndex(({ kind }) => kind !== "tail") + 1;
  const list = unit.slice(0, length);
  const tails = unit.slice(length).flatMap((segment) => printSegment(segment, indent + INDENT));
  if (isAboutWhole(list)) return [...fill(list, indent), ...tails];
  const items = list.flatMap((segment, index) =>
    index === 0
      ? [indent + segment.text + behind(segment)]
      : printSegment(segment, indent + INDENT, separator(list, index).trimEnd())
  );
  return [...items, ...tails];
}

/** Whether pieces can share lines: there is no comment among them that belongs to only one. */
function isAboutWhole(unit: Unit): boolean {
  if (unit.slice(1).some(({ before }) => before.length > 0)) return false;
  const [only, ...more] = unit.filter(({ after }) => after.length > 0);
  if (only === undefined) return true;
  // A single comment after the first words, the last item or the tail belongs to all of it.
  const lastItem = unit.findLast(({ kind }) => kind === "item");
  return more.length === 0 && (only.kind !== "item" || only === lastItem);
}

/** A piece on a line of its own, its comments with it. */
function printSegment(segment: Segment, indent: string, comma = ""): string[] {
  const before = segment.before.map((comment) => indent + comment);
  return [...before, indent + segment.text + comma + behind(segment)];
}

/** The comment behind a piece: only one fits there, the others were moved ahead of it. */
function behind({ after: [comment] }: Segment): string {
  return comment === undefined ? "" : ` ${comment}`;
}

/** Fills lines, with continuation lines indented below. */
function fill(unit: Unit, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const [index, { text }] of unit.entries()) {
    const piece = text + separator(unit, index).trimEnd();
    const isFirst = line.trim() === "";
    if (!isFirst && line.length + 1 + piece.length > WIDTH) {
      lines.push(line);
      line = indent + INDENT + piece;
    } else {
      line += isFirst ? piece : ` ${piece}`;
    }
  }
  return [...lines, line + unit.map(behind).join("")];
}
