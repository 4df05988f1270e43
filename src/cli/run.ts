import type { System } from "../system/system.ts";
import { escaped } from "../text/printable.ts";
import { VERSION } from "../version.ts";
import { parseLine } from "./args.ts";
import type { Command, Context } from "./command.ts";
import { add } from "./commands/add.ts";
import { deleteDoor } from "./commands/delete.ts";
import { Reporter, type ReporterOptions } from "./report/reporter.ts";
import { EXIT } from "./exit.ts";
import { misused } from "./input/words.ts";

/** How errors are said that no option was read for. */
const PLAIN: ReporterOptions = { quiet: false, color: "auto" };

/**
 * Runs one command line.
 *
 * @param words the command line without the program's name
 * @param system the machine to work on
 * @returns the exit status
 */
export async function run(words: readonly string[], system: System): Promise<number> {
  const plain = new Reporter(system.console, PLAIN);
  const status = await perform(words, { system, plain });
  const { outProblem } = system.console;
  if (outProblem === undefined) return status;
  plain.error(`standard output cannot be written: ${outProblem}`);
  return status === EXIT.done ? EXIT.refused : status;
}

/**
 * Runs one command line as {@link run} does, but turns an exception into a message and a status. An
 * exception is a bug, or an unforeseen refusal by the system.
 *
 * @param words the command line without the program's name
 * @param system the machine to work on
 * @returns the exit status, 1 after an exception
 */
export async function runSafely(words: readonly string[], system: System): Promise<number> {
  try {
    return await run(words, system);
  } catch (error) {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    new Reporter(system.console, PLAIN).error(`internal error, please report it: ${message}`);
    return EXIT.refused;
  }
}

/** The verbs of knockd's hooks. They start at once; all others are loaded first. */
const HOOKS: readonly Command[] = [add, deleteDoor];

/** Whether the verbs of hooks are all that a command line has to be read with. */
export function isHook(words: readonly string[]): boolean {
  return HOOKS.some(({ name }) => name === words[0]) &&
    !words.some((word) => word === "--help" || word === "-h");
}

async function perform(
  words: readonly string[],
  { system, plain }: { system: System; plain: Reporter },
): Promise<number> {
  const commands = isHook(words) ? HOOKS : (await import("./commands.ts")).COMMANDS;
  const line = parseLine(words, commands);
  if (!line.ok) return misused({ system, report: plain }, line.problem);
  const { verb, help, version, syslog, reporter, call } = line.value;
  const report = new Reporter(system.console, reporter);
  const context = { system, report };
  if (version) {
    report.result(`pktables ${VERSION}`);
    return EXIT.done;
  }
  if (verb === null && !help) {
    const [{ overview }, { drawPage }] = await Promise.all([
      import("./pages/help.ts"),
      import("./pages/page.ts"),
    ]);
    system.console.err(`${drawPage(overview(commands), system.console.columns)}\n`);
    return EXIT.usage;
  }
  const topic = help ? "help" : verb;
  const command = commands.find(({ name }) => name === topic);
  if (command === undefined) throw new TypeError(`verb ${topic} was parsed but is not there`);
  const operands = help ? (verb === null ? [] : [verb]) : call.operands;
  const status = await command.run({ ...call, operands }, context);
  if (syslog) await reportSyslog(context, { verb: command.name, status });
  return status;
}

/** Writes what was done or refused to the system log, in one line; nothing if nothing was done. */
async function reportSyslog(
  { system, report }: Context,
  { verb, status }: { verb: string; status: number },
): Promise<void> {
  const said = status === EXIT.done ? report.deeds : report.refusals;
  if (said.length === 0) return;
  const line = escaped(said.join("; "));
  const logged = await system.syslog(
    `${verb}: ${line}`,
    status === EXIT.done ? "notice" : "warning",
  );
  // The kernel is already changed: a missing log line does not make the command fail.
  if (!logged.ok) report.warn(`cannot write to the system log: ${logged.problem.message}`);
}
