import type { Span } from "../source/span.ts";

/** How bad it is: an error ends the run with exit status 3, a warning does not. */
export type Severity = "error" | "warning";

/** A place that belongs to a diagnostic, with what is to be said about it. */
export interface Label {
  /** The text that is underlined. */
  readonly span: Span;
  /** Stands behind the carets; may be empty. */
  readonly text: string;
}

/** Something to tell about a `.pk` file. Pure data: drawing it is another module's work. */
export interface Diagnostic {
  /** Stable code, `PK` and three digits. */
  readonly code: string;
  /** Whether it ends the run. */
  readonly severity: Severity;
  /** One sentence without a full stop; code words stand in backquotes. */
  readonly message: string;
  /** The place it is about. */
  readonly primary: Label;
  /** Other places that belong to it, such as the first of two equal names. */
  readonly secondary: readonly Label[];
  /** What to do about it. */
  readonly help: string | null;
}
