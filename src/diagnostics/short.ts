import { positionOf } from "../source/source.ts";
import { printable } from "../text/printable.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { Sources } from "./draw.ts";

/**
 * One line that editors and CI jump from: `rules.pk:3:20: error[PK004]: unknown word`.
 *
 * @param diagnostic the diagnostic; its help follows the message in parentheses
 * @param sources the files it may be about; if one is missing the place is 1:1
 * @returns the line with its newline
 */
export function formatShort(diagnostic: Diagnostic, sources: Sources): string {
  const { file, start } = diagnostic.primary.span;
  const source = sources.get(file);
  const { line, column } = source ? positionOf(source, start) : { line: 1, column: 1 };
  const help = diagnostic.help === null ? "" : ` (${diagnostic.help.replaceAll("\n", " ")})`;
  const what = `${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message}${help}`;
  return printable(`${file}:${line}:${column}: ${what}`) + "\n";
}
