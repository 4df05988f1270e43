import { countDiagnostics, drawDiagnostics } from "../diagnostics/draw.ts";
import { importKnockdConf } from "../knockd/import_conf.ts";
import { decodeSource, makeSource } from "../source/source.ts";
import { formatSource } from "../syntax/formatter.ts";
import type { Command, Context } from "./command.ts";
import { EXIT } from "./exit.ts";
import { readHookLine } from "./hook_line.ts";
import { readConf } from "./knockd_file.ts";
import { quote } from "./usage.ts";

/**
 * Writes the rules file for a knockd.conf, and tells on standard error what it cannot say.
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
  const { system, report } = context;
  const bytes = readConf(context, conf);
  if (bytes === null) return EXIT.refused;
  const source = decodeSource(conf, bytes);
  const readHook = (words: readonly string[]) =>
    readHookLine(words, { commands, now: system.now() });
  const { text, services, lost } = importKnockdConf(source, { readHook });
  const formatted = formatSource(makeSource("rules.pk", text));
  if (!formatted.ok) throw new TypeError(`import wrote no rules file:\n${text}`);
  if (output === undefined) report.console.out(formatted.value);
  else {
    const created = system.files.create(output, formatted.value);
    if (!created.ok) {
      report.error(`cannot write ${quote(output)}: ${created.words}`);
      return EXIT.refused;
    }
    report.note(`wrote ${quote(output)}`);
  }
  if (lost.length > 0) {
    const sources = new Map([[source.name, source]]);
    report.console.err(drawDiagnostics(lost, { sources, color: report.colorErr }));
    report.note("");
  }
  const said = `${services} ${services === 1 ? "service" : "services"}`;
  report.note(`${conf}: ${said}, ${countDiagnostics(lost) ?? "nothing left out"}`);
  return lost.length > 0 ? EXIT.refused : EXIT.done;
}
