import type { Span } from "../source/span.ts";
import type { Code } from "./code.ts";

/** How bad it is: an error ends the run with exit status 3, a warning does not. */
export type Severity = "error" | "warning";

/** A place that belongs to a diagnostic, with its text. */
export interface Label {
  /** The place. */
  readonly span: Span;
  /** The text after the carets; may be empty. */
  readonly text: string;
}

/** An error or warning about a `.pk` file. Pure data: other modules draw it. */
export interface Diagnostic {
  /** Stable code, `PK` and three digits. */
  readonly code: string;
  /** The severity of its code. */
  readonly severity: Severity;
  /** One sentence without a full stop; code words are in backquotes. */
  readonly message: string;
  /** The place it is about. */
  readonly primary: Label;
  /** Other places that belong to it, such as the first of two equal names. */
  readonly secondary: readonly Label[];
  /** What to do about it. */
  readonly help: string | null;
}

/** The parts of a diagnostic, except its code. */
export interface Saying {
  /** One sentence without a full stop; code words are in backquotes. */
  readonly message: string;
  /** The place it is about. */
  readonly at: Span;
  /** The text after the carets. */
  readonly label?: string;
  /** Other places that belong to it. */
  readonly secondary?: readonly Label[];
  /** What to do about it. */
  readonly help?: string | null;
}

/**
 * Makes a diagnostic of a known code.
 *
 * @example
 * ```ts
 * diagnose(CODES.synOnUdp, { message: "`syn` needs tcp", at: option.span });
 * ```
 */
export function diagnose(code: Code, saying: Saying): Diagnostic {
  return {
    code: code.code,
    severity: code.severity,
    message: saying.message,
    primary: { span: saying.at, text: saying.label ?? "" },
    secondary: saying.secondary ?? [],
    help: saying.help ?? null,
  };
}

/**
 * Sorts diagnostics of one file by their place; those of one place stay in the order in which they were
 * found. Diagnostics of several files keep the order in which the files first appear.
 */
export function inFileOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = new Map<string, number>();
  for (const { primary } of diagnostics) {
    if (!files.has(primary.span.file)) files.set(primary.span.file, files.size);
  }
  const rank = (d: Diagnostic): number => files.get(d.primary.span.file)!;
  return [...diagnostics].sort((a, b) =>
    rank(a) - rank(b) || a.primary.span.start - b.primary.span.start
  );
}
