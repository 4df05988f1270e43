import type { System } from "../system/system.ts";
import { VERSION } from "../version.ts";
import { parseLine } from "./args.ts";
import { COMMANDS } from "./commands.ts";
import { overview } from "./help.ts";
import { drawPage } from "./page.ts";
import { Reporter } from "./reporter.ts";
import { EXIT } from "./exit.ts";
import { misused } from "./words.ts";

/**
 * Runs one command line.
 *
 * @param words the command line without the program's name
 * @param system the machine to work on
 * @returns the exit status
 */
export async function run(words: readonly string[], system: System): Promise<number> {
  const plain = new Reporter(system.console, { quiet: false, color: "auto" });
  const status = await perform(words, { system, plain });
  const { outProblem } = system.console;
  if (outProblem === undefined) return status;
  plain.error(`standard output cannot be written: ${outProblem}`);
  return status === EXIT.done ? EXIT.refused : status;
}

async function perform(
  words: readonly string[],
  { system, plain }: { system: System; plain: Reporter },
): Promise<number> {
  const line = parseLine(words, COMMANDS);
  if (!line.ok) return misused({ system, report: plain }, line.problem);
  const { verb, help, version, reporter, call } = line.value;
  const report = new Reporter(system.console, reporter);
  const context = { system, report };
  if (version) {
    report.result(`pktables ${VERSION}`);
    return EXIT.done;
  }
  if (verb === null && !help) {
    system.console.err(`${drawPage(overview(COMMANDS), system.console.columns)}\n`);
    return EXIT.usage;
  }
  const topic = help ? "help" : verb;
  const command = COMMANDS.find(({ name }) => name === topic);
  if (command === undefined) throw new TypeError(`verb ${topic} was parsed but is not there`);
  const operands = help ? (verb === null ? [] : [verb]) : call.operands;
  return await command.run({ ...call, operands }, context);
}
