import { loadCompiler } from "../lazy.ts";
import { misused } from "../input/words.ts";
import type { Command, Context, Invocation } from "../command.ts";

/**
 * Writes the rules file for a knockd.conf.
 *
 * @param commands all verbs, by which the hooks of a knockd.conf are read; called when it runs
 */
export function makeImport(commands: () => readonly Command[]): Command {
  return { ...IMPORT, run: (call, context) => run(call, { context, commands }) };
}

const IMPORT: Omit<Command, "run"> = {
  name: "import",
  summary: "write a rules file from a knockd.conf or from the kernel",
  operand: { name: "KNOCKD_CONF", min: 0, max: 1, completes: ["file"] },
  options: [
    { name: "kernel", help: "Read the services in the kernel instead of a knockd.conf" },
    {
      name: "output",
      short: "o",
      value: "FILE",
      completes: "pk-file",
      help: "Write a new file, readable by its owner only (default: standard output)",
    },
  ],
  details: [
    "Commands of iptables, ufw and pktables that open or close a port for the visitor become services " +
    "with knocks; stop_command with cmd_timeout becomes `for`, a closing section `close`. The services " +
    "are closed to everyone else once the file is loaded: look first with `pktables diff`.",
    "What a rules file cannot express (other programs, ports opened to everyone, other chains) is listed line by " +
    "line, on standard error and at the end of the file, and the exit status is then 1. What is written " +
    "passes `pktables check`.",
    "With --kernel, loading the file changes nothing. Services that a file cannot express are left out " +
    "and named; open doors are not part of a file, and stay open.",
  ],
  examples: [
    { line: "pktables import /etc/knockd.conf --output imported.pk", does: "then review it" },
    {
      line: "pktables import --kernel > rules.pk",
      does: "keep what `init` made, for the next boot",
    },
  ],
};

async function run(
  call: Invocation,
  { context, commands }: { context: Context; commands: () => readonly Command[] },
): Promise<number> {
  const [conf] = call.operands;
  const isKernel = call.options.has("kernel");
  if (isKernel === (conf !== undefined)) {
    return misused(context, {
      message: isKernel
        ? "`--kernel` reads the kernel, and no file"
        : "`import` needs KNOCKD_CONF or `--kernel`",
      help: "write `pktables import KNOCKD_CONF` or `pktables import --kernel`",
    });
  }
  const output = call.options.get("output");
  const { importConf, importKernel } = await loadCompiler();
  return conf === undefined
    ? await importKernel(context, { global: call.global, output })
    : importConf(context, { conf, output, commands: commands() });
}
