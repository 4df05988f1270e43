import { positionOf, type Source } from "../source/source.ts";
import { printable } from "../text/printable.ts";
import type { Diagnostic, Label } from "./diagnostic.ts";
import { type Excerpt, excerptOf, labelText } from "./excerpt.ts";

/** The files that diagnostics are about, by the name that their spans use. */
export type Sources = ReadonlyMap<string, Source>;

/** How diagnostics are drawn. */
export interface DrawOptions {
  /** The sources of the excerpts; if a file is missing only its name is shown. */
  readonly sources: Sources;
  /** Whether to use ANSI colours. */
  readonly color: boolean;
  /** The most columns that a line of source may take; default 120. */
  readonly width?: number;
}

const COLORS = {
  error: "\x1b[1;31m",
  warning: "\x1b[1;33m",
  bold: "\x1b[1m",
  frame: "\x1b[1;34m",
  other: "\x1b[1;36m",
} as const;
type Color = keyof typeof COLORS;

type Paint = (color: Color, text: string) => string;

const painted: Paint = (color, text) => `${COLORS[color]}${text}\x1b[0m`;
const plain: Paint = (_color, text) => text;

/**
 * Draws a diagnostic as text for a person: message, place, the lines it is about with marks under
 * them, and the help.
 *
 * @param diagnostic the diagnostic
 * @returns several lines, each ended by a newline; safe to print whatever the file holds
 */
export function drawDiagnostic(diagnostic: Diagnostic, options: DrawOptions): string {
  const paint = options.color ? painted : plain;
  const { severity, code, message } = diagnostic;
  const lines = [
    paint(severity, `${severity}[${code}]`) + paint("bold", `: ${printable(message)}`),
  ];
  const groups = groupByFile(diagnostic, options);
  const gutter = Math.max(
    1,
    ...groups.flatMap((group) => group.marks.map(({ excerpt }) => String(excerpt.line).length)),
  );
  for (const [index, group] of groups.entries()) {
    const arrow = " ".repeat(gutter + (index === 0 ? 1 : 2)) + (index === 0 ? "-->" : ":::");
    lines.push(`${paint("frame", index === 0 ? arrow : arrow.slice(1))} ${group.place}`);
    if (group.marks.length > 0) lines.push(...drawMarks(group.marks, { gutter, paint, severity }));
  }
  if (diagnostic.help !== null) {
    const [first, ...more] = diagnostic.help.split("\n").map(printable);
    const space = " ".repeat(gutter + 2);
    lines.push(`${space}${paint("frame", "=")} ${paint("bold", "help:")} ${first}`);
    lines.push(...more.map((line) => `${space}        ${line}`));
  }
  return lines.join("\n") + "\n";
}

/** A label with the line that it marks. */
interface Mark {
  readonly label: Label;
  readonly excerpt: Excerpt;
  readonly isPrimary: boolean;
}

/** The marks of one file, in line order. */
interface Group {
  readonly place: string;
  readonly marks: readonly Mark[];
}

/** One group a file, that of the primary label first. */
function groupByFile(diagnostic: Diagnostic, options: DrawOptions): Group[] {
  const width = options.width ?? 120;
  const labels = [diagnostic.primary, ...diagnostic.secondary];
  const files = [...new Set(labels.map((label) => label.span.file))];
  return files.map((file) => {
    const own = labels.filter((label) => label.span.file === file);
    const source = options.sources.get(file);
    const isShown = source !== undefined && source.problem?.kind !== "too-large";
    if (!isShown) return { place: printable(file), marks: [] };
    const marks = own.map((label) => ({
      label,
      excerpt: excerptOf(source, label, width),
      isPrimary: label === diagnostic.primary,
    }));
    const { line, column } = positionOf(source, own[0]!.span.start);
    return {
      place: `${printable(file)}:${line}:${column}`,
      marks: marks.sort((a, b) =>
        a.excerpt.line - b.excerpt.line || a.label.span.start - b.label.span.start
      ),
    };
  });
}

function drawMarks(
  marks: readonly Mark[],
  frame: { gutter: number; paint: Paint; severity: "error" | "warning" },
): string[] {
  const { gutter, paint, severity } = frame;
  const bar = paint("frame", `${" ".repeat(gutter + 2)}|`);
  const lines = [bar];
  let last: Excerpt | null = null;
  for (const { label, excerpt, isPrimary } of marks) {
    if (last !== null && excerpt.line > last.line + 1) lines.push(paint("frame", "..."));
    if (last === null || excerpt.line !== last.line || excerpt.text !== last.text) {
      const number = String(excerpt.line).padStart(gutter);
      lines.push(`${paint("frame", ` ${number} |`)} ${excerpt.text}`.trimEnd());
    }
    const color: Color = isPrimary ? severity : "other";
    const mark = (isPrimary ? "^" : "-").repeat(excerpt.length);
    const text = label.text === "" ? mark : `${mark} ${labelText(label)}`;
    lines.push(`${bar} ${" ".repeat(excerpt.indent)}${paint(color, text)}`);
    last = excerpt;
  }
  return lines;
}

/**
 * Draws several diagnostics with an empty line between them.
 *
 * @returns the empty text if there are none
 */
export function drawDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: DrawOptions,
): string {
  return diagnostics.map((diagnostic) => drawDiagnostic(diagnostic, options)).join("\n");
}

/**
 * Counts diagnostics in words.
 *
 * @returns for instance `2 errors, 1 warning`, or `null` if there are none
 */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string | null {
  const parts = (["error", "warning"] as const).flatMap((severity) => {
    const count = diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  return parts.length === 0 ? null : parts.join(", ");
}
