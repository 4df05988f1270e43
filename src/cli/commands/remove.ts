import type { FilterTable } from "../../firewall/table.ts";
import { chainOf } from "../../firewall/service.ts";
import { orphanKnocks } from "../../plan/knock_chains.ts";
import { planTable } from "../../plan/service.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { change } from "../kernel/transaction.ts";
import { FAMILY_NAMES, joinWords } from "../../text/words.ts";
import { misused, noService, readName } from "../input/words.ts";

/** Removes services. */
export const remove: Command = {
  name: "remove",
  summary: "take services away: their chains and every jump to them",
  operand: { name: "NAME", min: 0, max: Infinity, completes: ["service"] },
  options: [{ name: "all", help: "Every service there is, instead of those named" }],
  details: [
    "Without its chain a port is as open as the rest of the firewall leaves it.",
  ],
  examples: [
    { line: "pktables remove ssh", does: "both families" },
    { line: "pktables remove --all", does: "leave nothing of pktables in the kernel" },
  ],
  run,
};

function run(call: Invocation, context: Context): Promise<number> {
  const all = call.options.has("all");
  if (all === call.operands.length > 0) {
    const message = all ? "`--all` and names exclude each other" : "`remove` needs NAME or `--all`";
    return Promise.resolve(misused(context, { message, help: null }));
  }
  const names: string[] = [];
  for (const word of call.operands) {
    const name = readName(word);
    if (!name.ok) return Promise.resolve(misused(context, name.problem));
    if (!names.includes(name.value)) names.push(name.value);
  }
  return change(context, {
    global: call.global,
    plan: (tables) => {
      const missing = names.find((name) => !tables.some((table) => table.hasChain(chainOf(name))));
      if (missing !== undefined) {
        return noService(context, { name: missing, tables, global: call.global });
      }
      const gone = all ? [...new Set(tables.flatMap(namesOf))] : names;
      return { plans: planAll(tables, gone), about: gone.map((name) => describe(name, tables)) };
    },
    done: (lines) => {
      for (const line of lines) context.report.done(line);
      if (lines.length === 0) context.report.done("there is no service: nothing to do");
    },
  });
}

/** The services of a table, and those of which only the chains of knocks are left. */
function namesOf(table: FilterTable): string[] {
  return [...table.ownNames, ...orphanKnocks(table)];
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
