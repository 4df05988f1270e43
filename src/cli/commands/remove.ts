import { EXIT } from "../exit.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { chainOf } from "../../firewall/service.ts";
import { orphanKnocks } from "../../plan/knock_chains.ts";
import { planTable } from "../../plan/service.ts";
import { type Command, type Context, DRY_RUN, type Invocation } from "../command.ts";
import { askForForce, guardPeers } from "../kernel/guard.ts";
import { change } from "../kernel/transaction.ts";
import { FAMILY_NAMES, joinWords, shorten } from "../../text/words.ts";
import { misused, noService, readName } from "../input/words.ts";

/** Removes services. */
export const remove: Command = {
  name: "remove",
  summary: "remove services: their chains and every jump to them",
  operand: { name: "NAME", min: 0, max: Infinity, completes: ["service"] },
  options: [
    { name: "all", help: "All services, instead of those named" },
    {
      name: "force",
      help: "On a terminal: required by --all, or to shut out a connected client",
    },
    DRY_RUN,
  ],
  details: [
    "Without its chain a port is as open as the rest of the firewall leaves it.",
    "On a terminal --all requires --force, and nothing is changed if a connected TCP client would be " +
    "cut off or could not connect again. Elsewhere both are warnings.",
  ],
  examples: [
    { line: "pktables remove ssh", does: "both families" },
    { line: "pktables remove --all --force", does: "leave nothing of pktables in the kernel" },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const all = call.options.has("all");
  if (all === call.operands.length > 0) {
    const message = all ? "`--all` and names exclude each other" : "`remove` needs NAME or `--all`";
    return misused(context, { message, help: null });
  }
  const names: string[] = [];
  for (const word of call.operands) {
    const name = readName(word);
    if (!name.ok) return misused(context, name.problem);
    if (!names.includes(name.value)) names.push(name.value);
  }
  const removed = await change(context, {
    global: call.global,
    dryRun: call.options.has(DRY_RUN.name),
    plan: async (tables) => {
      const missing = names.find((name) => !tables.some((table) => table.hasChain(chainOf(name))));
      if (missing !== undefined) {
        return noService(context, { name: missing, tables, global: call.global });
      }
      const gone = all ? [...new Set(tables.flatMap(namesOf))] : names;
      const plans = planAll(tables, gone);
      const status = askForAll(context, { call, gone: all ? gone : [] }) ??
        await guardPeers(context, { call, verb: remove, plans, letIn: () => null });
      return status ?? { plans, about: gone.map((name) => describe(name, tables)) };
    },
  });
  if (!removed.ok) return removed.problem;
  const lines = removed.value;
  for (const line of lines) context.report.done(line);
  if (lines.length === 0) context.report.done("no services: nothing to do");
  return EXIT.done;
}

/** The services of a table, and those that have only chains of knocks left. */
function namesOf(table: FilterTable): string[] {
  return [...table.ownNames, ...orphanKnocks(table)];
}

function askForAll(
  context: Context,
  { call, gone }: { call: Invocation; gone: readonly string[] },
): number | null {
  if (gone.length === 0) return null;
  const what = `--all removes every service: ${shorten(gone)}`;
  return askForForce(context, { call, what });
}

function planAll(tables: readonly FilterTable[], names: readonly string[]) {
  return tables.map((table) => ({
    family: table.family,
    edits: planTable(table, { services: [], remove: names, now: 0 }).edits,
  }));
}

function describe(name: string, tables: readonly FilterTable[]): string {
  const families = tables.filter((table) => table.hasChain(chainOf(name)));
  return `${name}: removed (${joinWords(families.map(({ family }) => FAMILY_NAMES[family]))})`;
}
