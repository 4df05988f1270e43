import type { Code } from "../diagnostics/code.ts";
import type { Diagnostic, Label } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/span.ts";

/** What is to be told about one mistake. */
export interface Finding {
  /** One sentence without a full stop. */
  readonly message: string;
  readonly at: Span;
  /** Stands behind the carets. */
  readonly text?: string;
  readonly secondary?: readonly Label[];
  readonly help?: string | null;
}

/** Makes a diagnostic; its severity is that of the code. */
export function report(code: Code, finding: Finding): Diagnostic {
  return {
    code: code.code,
    severity: code.severity,
    message: finding.message,
    primary: { span: finding.at, text: finding.text ?? "" },
    secondary: finding.secondary ?? [],
    help: finding.help ?? null,
  };
}
