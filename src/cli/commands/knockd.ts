import { quote } from "../args.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { BINARY_OPTION, readBinary } from "../generated.ts";
import { readRulesFile } from "../rules_file.ts";
import { misused } from "../words.ts";

/**
 * Writes, or checks, what knockd is to listen for.
 *
 * @param commands all verbs, by which the hooks of a knockd.conf are read; asked for when it runs
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
      help: "With --options: where knockd listens (default: knockd's own, eth0)",
    },
    BINARY_OPTION,
    {
      name: "check",
      value: "KNOCKD_CONF",
      completes: "file",
      help: "Write nothing; tell what goes wrong with this file and FILE",
    },
  ],
  details: [
    "A knock with `for` needs one section: the kernel shuts the door. One without gets a second, " +
    "with the same ports backwards, that shuts it; a knock that reads the same backwards gets " +
    "none, and only `pktables delete` shuts its door.",
    "knockd listens on one interface and, without `Interface`, on eth0; `any` does not work with " +
    "knockd 0.8. It counts whole seconds: `within 1s` fails whenever the clock's second turns.",
    "--check reads the hooks as pktables reads its command line, and tells what keeps a knock from " +
    "opening a door, what opens too much, and sequences that strangers knock. The exit status is 1 if " +
    "there is anything to tell. `pktables help PK083` explains the code of a message.",
  ],
  examples: [
    {
      line: "pktables knockd --options --interface eth0 rules.pk > /etc/knockd.conf",
      does: "a whole configuration",
    },
    { line: "pktables knockd --check /etc/knockd.conf rules.pk", does: "before a restart" },
  ],
};

async function run(
  call: Invocation,
  { context, commands }: { context: Context; commands: () => readonly Command[] },
): Promise<number> {
  const path = call.operands[0] ?? "";
  const face = call.options.get("interface") ?? null;
  if (face !== null && !/^[^\s/:!=#\[\]]{1,15}$/.test(face)) {
    const message = `${quote(face)} is no interface`;
    return misused(context, { message, help: "1 to 15 characters, as `ip link` shows it" });
  }
  if (face !== null && !call.options.has("options")) {
    const message = "`--interface` stands in the section that `--options` writes";
    return misused(context, { message, help: "give both" });
  }
  const conf = call.options.get("check");
  if (conf !== undefined) return await check(context, { conf, path, commands });
  const binary = readBinary(call, context);
  if (!binary.ok) return misused(context, binary.problem);
  const compiled = await readRulesFile(path, context, { secrets: true });
  if (compiled === null) return EXIT.file;
  // Loaded only now: the hooks that knockd calls never pay for it.
  const { writeConf } = await import("../reading.ts");
  return writeConf(context, { call, path, compiled, binary: binary.value });
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
  const { checkConf } = await import("../reading.ts");
  return checkConf(context, { conf, compiled, commands: commands() });
}
