import { positionOf } from "../source/source.ts";
import type { Span } from "../source/span.ts";
import { jsonText } from "../text/printable.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Sources } from "./draw.ts";

/** A stretch of a file as editors count it: all numbers from 1, columns in characters, the end excluded. */
export interface JsonRange {
  /** Name of the file as the user wrote it. */
  readonly file: string;
  /** Line of its first character. */
  readonly line: number;
  /** Column of its first character. */
  readonly column: number;
  /** Line of the place behind its last character. */
  readonly endLine: number;
  /** Column of the place behind its last character. */
  readonly endColumn: number;
}

/** What `check --format json` prints for one diagnostic. */
export interface JsonDiagnostic extends JsonRange {
  /** Stable code, `PK` and three digits. */
  readonly code: string;
  /** How bad it is. */
  readonly severity: "error" | "warning";
  /** One sentence without a full stop. */
  readonly message: string;
  /** The text after the carets; may be empty. */
  readonly label: string;
  /** What to do about it, or `null`. */
  readonly help: string | null;
  /** Other places that belong to it. */
  readonly related: readonly (JsonRange & { readonly label: string })[];
}

/**
 * A diagnostic as data for editors.
 *
 * @param diagnostic the diagnostic
 * @param sources the files it may be about; if one is missing its places are 1:1
 */
export function toJson(diagnostic: Diagnostic, sources: Sources): JsonDiagnostic {
  return {
    code: diagnostic.code,
    severity: diagnostic.severity,
    message: diagnostic.message,
    ...rangeOf(diagnostic.primary.span, sources),
    label: diagnostic.primary.text,
    help: diagnostic.help,
    related: diagnostic.secondary.map(({ span, text }) => ({
      ...rangeOf(span, sources),
      label: text,
    })),
  };
}

function rangeOf(span: Span, sources: Sources): JsonRange {
  const source = sources.get(span.file);
  if (source === undefined) {
    return { file: span.file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  }
  const start = positionOf(source, span.start);
  const end = positionOf(source, span.end);
  return { file: span.file, ...start, endLine: end.line, endColumn: end.column };
}

/** One line of JSON with its newline, safe on a terminal too. */
export function formatJson(diagnostic: Diagnostic, sources: Sources): string {
  return jsonText(toJson(diagnostic, sources)) + "\n";
}
