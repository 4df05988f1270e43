import { join } from "@std/path";
import type { Family } from "../../firewall/address.ts";
import { emitEmptyMachine } from "../../plan/empty_machine.ts";
import type { Compiled } from "../../semantic/compile.ts";
import { VERSION } from "../../version.ts";
import { quote } from "../../text/quote.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { readRulesFile } from "../input/rules_file.ts";

/** The names that netfilter-persistent(8) uses. */
const FILE_NAMES: Readonly<Record<Family, string>> = { ipv4: "rules.v4", ipv6: "rules.v6" };

/** Writes what iptables-restore needs for a machine that has none of the services. */
export const compile: Command = {
  name: "compile",
  summary: "write a rules file as input for iptables-restore",
  operand: { name: "FILE", min: 1, max: 1, completes: ["pk-file"] },
  options: [
    {
      name: "output",
      short: "o",
      value: "DIR",
      completes: "folder",
      help: "Write DIR/rules.v4 and DIR/rules.v6 instead of standard output",
    },
  ],
  details: [
    "For a machine that has no pktables chains yet, to be read by `iptables-restore --noflush` and " +
    "`ip6tables-restore --noflush`; `load` does the same on a machine in use and keeps its doors. " +
    "Without --output the IPv4 rules are printed, with --ipv6 the IPv6 rules.",
    "Knocks `by kernel` are part of it, so that a machine with nothing but iptables can be knocked open.",
    "The same file gives the same bytes, on any day and any machine. Needs no root. Files are " +
    "replaced as a whole, by rename, and keep their mode. A symbolic link that neither root nor " +
    "you own is not followed.",
  ],
  examples: [
    { line: "pktables compile rules.pk | iptables-restore --noflush", does: "IPv4, once" },
    { line: "pktables compile rules.pk --output /etc/iptables", does: "for netfilter-persistent" },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const path = call.operands[0]!;
  const compiled = await readRulesFile(path, context);
  if (compiled === null) return EXIT.file;
  const folder = call.options.get("output");
  const { families } = call.global;
  if (folder !== undefined) return writeFiles(context, { compiled, path, folder, families });
  const family = families[0]!;
  context.report.console.out(emit(compiled, { family, path }));
  return EXIT.done;
}

function emit(
  { services }: Compiled,
  { family, path }: { readonly family: Family; readonly path: string },
): string {
  const source = path === "-" ? "standard input" : path;
  return emitEmptyMachine({ services, family, version: VERSION, source });
}

function writeFiles(
  { report, system }: Context,
  given: {
    readonly compiled: Compiled;
    readonly path: string;
    readonly folder: string;
    readonly families: readonly Family[];
  },
): number {
  for (const family of given.families) {
    const target = join(given.folder, FILE_NAMES[family]);
    const written = system.files.replace(
      target,
      emit(given.compiled, { family, path: given.path }),
    );
    if (!written.ok) {
      report.error(`cannot write ${quote(target)}: ${written.words}`);
      return EXIT.refused;
    }
    report.note(`wrote ${quote(target)}`);
  }
  return EXIT.done;
}
