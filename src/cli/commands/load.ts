import { planFollow } from "../../plan/follow.ts";
import type { Compiled } from "../../semantic/compile.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { shorten } from "../../text/words.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { askForForce, guardPeers, isAttended, type PeerToLetIn } from "../guard.ts";
import { quote } from "../args.ts";
import { tellEffects } from "../effects.ts";
import { EXIT } from "../exit.ts";
import { Guard } from "../expectations.ts";
import { type FamilyFollow, noteRevived, noteWhatStays, overruling, summarize } from "../follow.ts";
import { readRulesFile } from "../rules_file.ts";
import { indexesOf, placeAll } from "../placement.ts";
import { change } from "../transaction.ts";
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
    {
      name: "force",
      help: "Load also where an `expect` will not be met, or somebody who is connected is shut out",
    },
    { name: "dry-run", help: "Only show what would change, as `diff` does" },
  ],
  details: [
    "Only what differs is written: a second `load` writes nothing. A jump in INPUT keeps its place, " +
    "new ones go to the end in the order of the file, or ahead of the first rule that would decide " +
    "before them.",
    "Where an `expect` of the file will not be met, nothing is changed: the message names the rule " +
    "that decides.",
    "On a terminal nothing is changed where somebody who is connected by TCP would be cut off or could " +
    "not connect again, where the file has no service, an `include` finds no file, or --prune would take " +
    "away every service there is: --force goes on. Elsewhere each of them is a warning.",
    "Addresses that left the file are closed; doors that hooks or people opened stay. Without " +
    "--prune, services that the file does not name are left alone and named in a note.",
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
  const doubt = await askForFile(context, { call, compiled });
  if (doubt !== null) return doubt;
  const guardAll = async (tables: readonly FilterTable[], about: readonly FamilyFollow[]) => {
    const plans = about.map(({ family, plan }) => ({ family, edits: plan.edits }));
    return askForPrune(context, { call, tables, about }) ??
      await guardPeers(context, { call, verb: load, plans, letIn });
  };
  if (call.options.has("dry-run")) {
    const shown = { global: call.global, compiled, rules, placing, json: false, look: guardAll };
    return await showDiff(context, shown);
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
      return guard.allow(plans) ?? await guardAll(tables, about) ?? { plans, about };
    },
    done: async (about) => {
      for (const line of summarize(about)) report.done(line);
      noteRevived(about, report);
      noteWhatStays(about, report);
      const families = about.map(({ family }) => family);
      await tellEffects(context, { families, services: rules.services, told: overruling(about) });
    },
  });
}

/** A service that comes with the file can have no door yet, but the file can let somebody in. */
function letIn({ peer, service, isNew, add }: PeerToLetIn): string {
  return isNew ? `write \`allow ${peer}\` in service ${service} of the file` : add;
}

/** Asks whether a file is meant that says less than files do. */
async function askForFile(
  context: Context,
  { call, compiled }: { call: Invocation; compiled: Compiled },
): Promise<number | null> {
  if (compiled.services.length === 0) {
    const [path = ""] = call.operands;
    const what = `${path === "-" ? "standard input" : quote(path)} has no service`;
    return askForForce(context, { call, what });
  }
  const { CODES } = await import("../reading.ts");
  const isEmpty = compiled.diagnostics.some(({ code }) => code === CODES.includeNothing.code);
  // Elsewhere the diagnostic has said it.
  if (!isEmpty || !isAttended(context.system.console)) return null;
  return askForForce(context, { call, what: "an `include` of the file finds no file" });
}

/** Asks whether --prune is meant where nothing that the kernel has would be left. */
function askForPrune(
  context: Context,
  { call, tables, about }: {
    call: Invocation;
    tables: readonly FilterTable[];
    about: readonly FamilyFollow[];
  },
): number | null {
  const names = new Set(tables.flatMap((table) => table.ownNames));
  const stays = about.flatMap(({ plan }, at) => {
    const gone = new Set(
      plan.changes.filter(({ state }) => state === "removed").map(({ name }) => name),
    );
    return tables[at]!.ownNames.filter((name) => !gone.has(name));
  });
  if (names.size === 0 || stays.length > 0) return null;
  const what = `this takes away every service there is: ${shorten([...names])}`;
  return askForForce(context, { call, what });
}
