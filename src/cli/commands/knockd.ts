import { MAX_INTERFACE_NAME } from "../../firewall/service.ts";
import { loadCompiler } from "../lazy.ts";
import { FAMILIES } from "../../firewall/address.ts";
import { quote } from "../../text/quote.ts";
import type { UsageProblem } from "../usage.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { BINARY_OPTION, checkPath, readBinary } from "../input/generated.ts";
import { readRulesFile } from "../input/rules_file.ts";
import { misused } from "../input/words.ts";

/**
 * Writes, or checks, a configuration for knockd.
 *
 * @param commands all verbs, by which the hooks of a knockd.conf are read; called when it runs
 */
export function makeKnockd(commands: () => readonly Command[]): Command {
  return { ...KNOCKD, run: (call, context) => run(call, { context, commands }) };
}

const KNOCKD: Omit<Command, "run"> = {
  name: "knockd",
  summary: "write knockd.conf for the knocks of a rules file, or check one",
  operand: { name: "FILE", min: 1, max: 1, completes: ["pk-file"] },
  options: [
    { name: "options", help: "Start with an [options] section: write a whole knockd.conf" },
    {
      name: "interface",
      value: "NAME",
      help: "With --options: where knockd listens (default: the interface of the default route)",
    },
    {
      name: "log-file",
      value: "PATH",
      completes: "file",
      help: "With --options: knockd's log (default: the system log)",
    },
    {
      name: "output",
      short: "o",
      value: "PATH",
      completes: "file",
      help: "Write to this file, readable by its owner only (default: standard output)",
    },
    BINARY_OPTION,
    {
      name: "check",
      value: "KNOCKD_CONF",
      completes: "file",
      help: "Write nothing; report the problems of this file with FILE",
    },
  ],
  details: [
    "A knock with `for` needs one section: the kernel closes the door. One without gets a second, " +
    "with the same ports backwards, that closes it; a knock that reads the same backwards gets " +
    "none, and only `pktables delete` closes its door.",
    "No section has a stop_command: knockd keeps its timers in its own memory, and with stop_command a " +
    "door stays open for good if knockd exits in between. `add --for` leaves the closing to the kernel, and a " +
    "second knock extends it. knockd discards what a hook prints; with --syslog in the command the " +
    "system log shows who was let in where and until when.",
    "Knocks `by kernel` are left out: the kernel hears them without knockd.",
    "knockd listens on one interface and, without `Interface`, on eth0; `any` does not work with " +
    "knockd 0.8. It counts whole seconds: `within 1s` fails whenever the clock reaches the next second. " +
    "It forgets unfinished knocks whenever someone else completes one, so on a busy machine a knock " +
    "may have to be repeated.",
    "Debian and Ubuntu do not start knockd after installation: set START_KNOCKD=1 in " +
    "/etc/default/knockd, then systemctl enable --now knockd.",
    "--check parses the hooks as pktables parses its command line, and reports what keeps a knock from " +
    "opening a door, what opens too much, and sequences that scanners find. The exit status is 1 if " +
    "there is anything to report. `pktables help PK083` explains the code of a message.",
  ],
  examples: [
    {
      line: "pktables knockd --options --output /etc/knockd.conf rules.pk",
      does: "a whole configuration",
    },
    { line: "pktables knockd --check /etc/knockd.conf rules.pk", does: "before a restart" },
  ],
};

async function run(
  call: Invocation,
  { context, commands }: { context: Context; commands: () => readonly Command[] },
): Promise<number> {
  const path = call.operands[0]!;
  const problem = checkOptions(call);
  if (problem !== null) return misused(context, problem);
  const conf = call.options.get("check");
  if (conf !== undefined) return await check(context, { conf, path, commands });
  const binary = readBinary(call, context);
  if (!binary.ok) return misused(context, binary.problem);
  const compiled = await readRulesFile(path, context, { secrets: true });
  if (compiled === null) return EXIT.file;
  const isWhole = call.options.has("options");
  const route = isWhole && !call.options.has("interface")
    ? await findOutside(context.system)
    : null;
  const { writeConf } = await loadCompiler();
  return writeConf(context, { call, path, compiled, binary: binary.value, route });
}

/** The problem of the options for the [options] section, or `null`. */
function checkOptions({ options }: Invocation): UsageProblem | null {
  const face = options.get("interface");
  const isFace = (text: string) =>
    text.length <= MAX_INTERFACE_NAME && /^[^\s/:!=#\[\]]+$/.test(text);
  if (face !== undefined && !isFace(face)) {
    const message = `invalid interface ${quote(face)}`;
    return { message, help: `1 to ${MAX_INTERFACE_NAME} characters, as \`ip link\` shows it` };
  }
  const log = options.get("log-file");
  if (log !== undefined && (!log.startsWith("/") || log.trim() !== log || !checkPath(log).ok)) {
    const message = `invalid log file ${quote(log)}`;
    return {
      message,
      help: "must be an absolute path without control characters or trailing blanks",
    };
  }
  for (const name of ["interface", "log-file"]) {
    if (options.has(name) && !options.has("options")) {
      const message = `\`--${name}\` needs \`--options\`: it is part of that section`;
      return { message, help: "give both" };
    }
  }
  return null;
}

async function check(
  context: Context,
  { conf, path, commands }: {
    conf: string;
    path: string;
    commands: () => readonly Command[];
  },
): Promise<number> {
  if (conf === "-" && path === "-") {
    const message = "the standard input cannot be FILE and KNOCKD_CONF at once";
    return misused(context, { message, help: "name one of them" });
  }
  const compiled = await readRulesFile(path, context, { secrets: true });
  if (compiled === null) return EXIT.file;
  const { checkConf } = await loadCompiler();
  return checkConf(context, { conf, compiled, commands: commands() });
}

/** The interface of the default route, of IPv4 if it has one, else of IPv6; `null` without one. */
async function findOutside({ surroundings }: Context["system"]): Promise<string | null> {
  for (const family of FAMILIES) {
    const found = await surroundings.defaultInterface(family);
    if (found.ok && found.value !== null) return found.value;
  }
  return null;
}
