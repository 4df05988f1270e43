import { quote } from "../../text/quote.ts";
import type { Context } from "../command.ts";
import { EXIT } from "../exit.ts";

/**
 * Writes a text to standard output, or to a new file that only its owner may read.
 *
 * @param given the text, and the file; none for standard output
 * @returns the exit status: 1 if the file cannot be created, or already exists
 */
export function writeOutput(
  { system, report }: Context,
  { output, text }: { output: string | undefined; text: string },
): number {
  if (output === undefined) {
    report.console.out(text);
    return EXIT.done;
  }
  const created = system.files.create(output, text);
  if (!created.ok) {
    report.error(`cannot write ${quote(output)}: ${created.words}`);
    return EXIT.refused;
  }
  report.note(`wrote ${quote(output)}`);
  return EXIT.done;
}
