import { loadPages } from "../lazy.ts";
import type { Backend } from "../../system/system.ts";
import { FAMILIES } from "../../firewall/address.ts";
import type { Command, Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { Reporter } from "../report/reporter.ts";
import { readTables, settle } from "../kernel/tables.ts";
import { type ServiceView, viewServices } from "../report/view.ts";

/** Seconds that a user who pressed Tab waits at most. */
const PATIENCE = 1;

/** Makes the verb that the shells' completions call. */
export function makeComplete(commands: () => readonly Command[]): Command {
  return {
    name: "complete",
    hidden: true,
    summary: "for completion scripts: what can follow a command line",
    operand: { name: "WORD", min: 0, max: Infinity },
    options: [],
    details: [],
    examples: [],
    async run({ operands }, context) {
      const { complete } = await loadPages();
      const live = { services: (backend: Backend) => ask(context, backend) };
      const offer = await complete(operands, { commands: commands(), live });
      const lines = offer.candidates.map(({ word, about }) => `${word}\t${about}`);
      if (offer.files !== null) lines.push(`:${offer.files}`);
      if (lines.length > 0) context.report.console.out(`${lines.join("\n")}\n`);
      return EXIT.done;
    },
  };
}

/** The services in the kernel; none, and no message, without the permission to read it. */
async function ask(
  { system, report }: Context,
  backend: Backend,
): Promise<readonly ServiceView[]> {
  await system.dropFileAccess();
  // A note about missing IPv6 would disturb someone who is typing a command.
  const silent = {
    system,
    report: new Reporter(system.console, { ...report.options, quiet: true }),
  };
  const global = { families: FAMILIES, familyAsked: false, backend, wait: PATIENCE };
  const tables = await readTables(silent, global);
  if (!tables.ok) return [];
  return viewServices((await settle(tables.value, system.now())).map(({ table }) => table));
}
