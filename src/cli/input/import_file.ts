import { countDiagnostics, drawDiagnostics } from "../../diagnostics/draw.ts";
import { importKnockdConf } from "../../knockd/import_conf.ts";
import { makeSource } from "../../source/source.ts";
import { formatSource } from "../../syntax/formatter.ts";
import type { Command, Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { readConf } from "./knockd_file.ts";
import { writeOutput } from "./write_output.ts";

/**
 * Writes the rules file for a knockd.conf, and reports on standard error what it cannot express.
 *
 * @param given the path of the knockd.conf, `-` for standard input, the file to write or none for
 *   standard output, and all verbs
 * @returns the exit status: 1 if anything was left out
 */
export function importConf(
  context: Context,
  { conf, output, commands }: {
    conf: string;
    output: string | undefined;
    commands: readonly Command[];
  },
): number {
  const { report } = context;
  const read = readConf(context, { conf, commands });
  if (read === null) return EXIT.refused;
  const { source, readHook } = read;
  const { text, services, lost } = importKnockdConf(source, { readHook });
  const formatted = formatSource(makeSource("rules.pk", text));
  if (!formatted.ok) throw new TypeError(`import wrote no rules file:\n${text}`);
  const status = writeOutput(context, { output, text: formatted.value });
  if (status !== EXIT.done) return status;
  if (lost.length > 0) {
    const sources = new Map([[source.name, source]]);
    report.console.err(drawDiagnostics(lost, { sources, color: report.colorErr }));
    report.note("");
  }
  const said = `${services} ${services === 1 ? "service" : "services"}`;
  report.note(`${conf}: ${said}, ${countDiagnostics(lost) ?? "nothing left out"}`);
  return lost.length > 0 ? EXIT.refused : EXIT.done;
}
