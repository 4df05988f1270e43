import type { Service } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { planFollow } from "../../plan/follow.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { reportEffects } from "../report/effects.ts";
import { EXIT } from "../exit.ts";
import { loadTracer } from "../lazy.ts";
import { Guard } from "../kernel/expectation_guard.ts";
import {
  type FamilyFollow,
  noteRevived,
  noteWhatStays,
  overruling,
  summarize,
} from "../report/follow.ts";
import { readRulesFile } from "../input/rules_file.ts";
import { indexesOf, placeAll } from "../kernel/placement.ts";
import { change } from "../kernel/transaction.ts";
import { showDiff } from "./diff.ts";

/** Makes the kernel follow a rules file. */
export const load: Command = {
  name: "load",
  summary: "make the kernel follow a rules file; open doors stay open",
  operand: { name: "FILE", min: 1, max: 1, completes: ["pk-file"] },
  options: [
    { name: "prune", help: "Also take away services that the file does not name" },
    {
      name: "replace",
      help: "Replace a jump that has further matches (a source, a limit) by the file's own",
    },
    { name: "append", help: "Put new jumps at the end of INPUT, whatever decides ahead of them" },
    { name: "move", help: "Also move jumps that are there ahead of rules that decide first" },
    { name: "force", help: "Load also where an `expect` of the file will not be met" },
    { name: "dry-run", help: "Only show what would change, as `diff` does" },
  ],
  details: [
    "Only what differs is written: a second `load` writes nothing. A jump in INPUT keeps its place, " +
    "new ones go to the end in the order of the file, or ahead of the first rule that would decide " +
    "before them.",
    "Where an `expect` of the file will not be met, nothing is changed: the message names the rule " +
    "that decides. All tables of both iptables and of nft count, with the planned change in them. Where " +
    "it cannot be known, load warns. A boot script that has to load in any case uses --force, or a file " +
    "without `expect`.",
    "Addresses that left the file are closed; doors that hooks, people or knocks `by kernel` opened " +
    "stay. Without --prune, services that the file does not name are left alone and named in a note. A service that " +
    "the file narrows to one family is removed from the other.",
    "Needs no network and no writable disk but /run. It starts two programs per family to read and to " +
    "write, and a few that only read. `pktables help kernel` says where jumps go and " +
    "what becomes of rules of other programs.",
  ],
  examples: [
    { line: "pktables load /etc/pktables/rules.pk", does: "at boot, or after an edit" },
    { line: "pktables load --dry-run rules.pk", does: "look first" },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const { report, system } = context;
  const compiled = await readRulesFile(call.operands[0] ?? "", context);
  if (compiled === null) return EXIT.file;
  const rules = {
    services: compiled.services,
    prune: call.options.has("prune"),
    replaceJumps: call.options.has("replace"),
  };
  const placing = { append: call.options.has("append"), move: call.options.has("move") };
  if (call.options.has("dry-run")) {
    return await showDiff(context, { global: call.global, compiled, rules, placing, json: false });
  }
  const guard = new Guard(context, { compiled, force: call.options.has("force") });
  return await change(context, {
    global: call.global,
    read: guard.read,
    test: false,
    plan: async (tables) => {
      const places = await placeAll(context, { tables, services: rules.services, ...placing });
      const about = tables.map((table, at): FamilyFollow => {
        const placement = places[at]!;
        const wanted = { ...rules, now: system.now(), places: indexesOf(placement) };
        return { family: table.family, plan: planFollow(table, wanted), placement };
      });
      const plans = about.map(({ family, plan }) => ({ family, edits: plan.edits }));
      return guard.allow(plans) ??
        await forgetClosed(context, { tables, services: rules.services }) ?? { plans, about };
    },
    done: async (about) => {
      for (const line of summarize(about)) report.done(line);
      noteRevived(about, report);
      noteWhatStays(about, report);
      const families = about.map(({ family }) => family);
      await reportEffects(context, { families, services: rules.services, told: overruling(about) });
    },
  });
}

/**
 * A door of a kernel knock that is over, or whose knock goes, must not stand open by what other knocks get.
 *
 * @returns the exit status that ends the verb, or `null` where it may go on
 */
async function forgetClosed(
  { system, report }: Context,
  given: { tables: readonly FilterTable[]; services: readonly Service[] },
): Promise<number | null> {
  if (!given.services.some(({ knocks = [] }) => knocks.length > 0)) return null;
  const { forgetClosedDoors } = await loadTracer();
  const done = await forgetClosedDoors(system, given);
  if (!done.ok) return report.failed(done.problem);
  for (const name of done.value.gone) {
    report.warn(
      `${name}: a knock is gone, and the next one takes its place: its doors are closed, ` +
        "and those of other knocks may be",
    );
  }
  for (const name of done.value.unknown) {
    report.warn(
      `${name}: a door that a knock opened and the kernel has closed may open again: its time gets ` +
        "longer, and the kernel does not show since when it was open",
    );
  }
  return null;
}
