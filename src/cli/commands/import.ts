import { loadCompiler } from "../lazy.ts";
import type { Command, Context, Invocation } from "../command.ts";

/**
 * Writes the rules file for a knockd.conf.
 *
 * @param commands all verbs, by which the hooks of a knockd.conf are read; asked for when it runs
 */
export function makeImport(commands: () => readonly Command[]): Command {
  return { ...IMPORT, run: (call, context) => run(call, { context, commands }) };
}

const IMPORT: Omit<Command, "run"> = {
  name: "import",
  summary: "write the rules file that says what a knockd.conf says",
  operand: { name: "KNOCKD_CONF", min: 1, max: 1, completes: ["file"] },
  options: [
    {
      name: "output",
      short: "o",
      value: "FILE",
      completes: "pk-file",
      help: "Write a new file that only its owner may read (default: standard output)",
    },
  ],
  details: [
    "Commands of iptables, ufw and pktables that let the visitor in or shut him out become services " +
    "with knocks; stop_command with cmd_timeout becomes `for`, a closing section `close`. The services " +
    "are shut to everybody else once the file is loaded: look first with `pktables diff`.",
    "What a rules file cannot say (other programs, doors for everybody, other chains) is named line by " +
    "line, on standard error and at the end of the file, and the exit status is then 1. What is written " +
    "passes `pktables check`.",
  ],
  examples: [
    { line: "pktables import /etc/knockd.conf --output imported.pk", does: "then look through it" },
  ],
};

async function run(
  call: Invocation,
  { context, commands }: { context: Context; commands: () => readonly Command[] },
): Promise<number> {
  const { importConf } = await loadCompiler();
  return importConf(context, {
    conf: call.operands[0] ?? "",
    output: call.options.get("output"),
    commands: commands(),
  });
}
