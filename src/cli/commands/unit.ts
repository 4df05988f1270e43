import { loadPages, type Pages } from "../lazy.ts";
import { VERSION } from "../../version.ts";
import { quote } from "../../text/quote.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { BINARY_OPTION, checkPath, globalWords, readBinary } from "../input/generated.ts";
import { readRulesFile } from "../input/rules_file.ts";
import { misused } from "../input/words.ts";

const KINDS = ["systemd", "openrc", "sysv"] as const;
type Kind = typeof KINDS[number];

/** Writes a boot script. */
export const unit: Command = {
  name: "unit",
  summary: "write a boot script that loads a rules file",
  operand: { name: "systemd|openrc|sysv FILE", min: 2, max: 2, completes: [KINDS, "pk-file"] },
  options: [
    BINARY_OPTION,
    {
      name: "remove-on-stop",
      help: "Stopping the service removes all services and doors, even those not in FILE",
    },
  ],
  details: [
    "The script loads FILE before the network is up and before knockd starts. Its reload (systemctl " +
    "reload pktables) loads the file after an edit. Doors that are open stay open through both. " +
    "A stop leaves everything as it is, unless --remove-on-stop is given: without its services a " +
    "machine is open.",
    "To change a fleet, leave FILE as it is until the new rules are known to let you in. On each " +
    "machine: `pktables load --confirm 60s NEW` with a copy, a test from outside over a new " +
    "connection, `pktables confirm`, then `mv NEW FILE`. A machine on which the test fails reverts " +
    "by itself, and so does one that reboots meanwhile. While rules are unconfirmed, a reload is " +
    "refused.",
    "FILE must exist and have no errors; the script holds its absolute path, and --ipv4, --ipv6, " +
    "--backend and --wait as given.",
  ],
  examples: [
    {
      line: "pktables unit systemd rules.pk > /etc/systemd/system/pktables.service",
      does: "then: systemctl enable --now pktables",
    },
    {
      line: "pktables unit openrc rules.pk > /etc/init.d/pktables",
      does: "then: chmod 755 it, rc-update add pktables boot",
    },
    {
      line: "pktables unit sysv rules.pk > /etc/init.d/pktables",
      does: "then: chmod 755 it, update-rc.d pktables defaults",
    },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const word = call.operands[0]!;
  const path = call.operands[1]!;
  const kind = KINDS.find((one) => one === word);
  if (kind === undefined) {
    const message = `\`unit\` does not support ${quote(word)}`;
    return misused(context, { message, help: `must be one of ${KINDS.join(", ")}` });
  }
  if (path === "-") {
    const message = "a boot script cannot load standard input";
    return misused(context, { message, help: "name a file" });
  }
  const binary = readBinary(call, context);
  if (!binary.ok) return misused(context, binary.problem);
  const file = checkPath(context.system.paths.absolute(path));
  if (!file.ok) return misused(context, file.problem);
  if (await readRulesFile(path, context) === null) return EXIT.file;
  const pages = await loadPages();
  const text = writeScript(kind, { pages, call, file: file.value, binary: binary.value });
  context.report.console.out(text);
  return EXIT.done;
}

function writeScript(
  kind: Kind,
  { pages, call, file, binary }: { pages: Pages; call: Invocation; file: string; binary: string },
): string {
  const families = call.global.familyAsked ? call.global.families.map((one) => `--${one}`) : [];
  const options = {
    file,
    binary,
    words: [...families, ...globalWords(call)],
    removeOnStop: call.options.has("remove-on-stop"),
    version: VERSION,
  };
  switch (kind) {
    case "systemd":
      return pages.writeSystemdUnit(options);
    case "openrc":
      return pages.writeOpenrcScript(options);
    case "sysv":
      return pages.writeSysvScript(options);
  }
}
