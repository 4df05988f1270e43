import type { Service } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { loadCompiler, loadTracer } from "../lazy.ts";
import { planFollow } from "../../plan/follow.ts";
import type { Compiled } from "../../semantic/compile.ts";
import { shorten } from "../../text/words.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { askForForce, guardPeers, isAttended, type PeerToLetIn } from "../kernel/guard.ts";
import { quote } from "../../text/quote.ts";
import { reportEffects } from "../report/effects.ts";
import {
  armAll,
  askForConfirmation,
  CONFIRM_OPTION,
  mayConfirm,
  readConfirm,
  reportUnconfirmed,
} from "../kernel/confirmation.ts";
import { EXIT } from "../exit.ts";
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
import { change, type FamilyEdits } from "../kernel/transaction.ts";
import { withTidy } from "../kernel/unconfirmed.ts";
import { misused } from "../input/words.ts";
import { showDiff } from "./diff.ts";

/** Makes the kernel follow a rules file. */
export const load: Command = {
  name: "load",
  summary: "make the kernel match a rules file; open doors stay open",
  operand: { name: "FILE", min: 1, max: 1, completes: ["pk-file"] },
  options: [
    { name: "prune", help: "Also remove services that the file does not name" },
    {
      name: "replace",
      help: "Replace a jump that has further matches (a source, a limit) with the file's own",
    },
    {
      name: "append",
      help: "Put new jumps at the end of INPUT, even behind a rule that decides first",
    },
    { name: "move", help: "Also move existing jumps ahead of rules that decide first" },
    {
      name: "force",
      help: "Load even if an `expect` will not be met or a connected client is shut out",
    },
    CONFIRM_OPTION,
    { name: "dry-run", help: "Only show what would change, as `diff` does" },
  ],
  details: [
    "Only what differs is written: a second `load` writes nothing. A jump in INPUT keeps its place, " +
    "new ones go to the end in the order of the file, or ahead of the first rule that would decide " +
    "before them.",
    "If an `expect` of the file will not be met, nothing is changed: the message names the rule " +
    "that decides. All tables of both iptables and of nft count, with the planned change in them. If " +
    "that cannot be determined, load warns. A boot script that must load in any case uses --force, or a file " +
    "without `expect`.",
    "On a terminal nothing is changed if a connected TCP client would be cut off or could not connect " +
    "again, if the file has no service, an `include` finds no file, or --prune would remove every " +
    "service: --force continues. Elsewhere each of them is a warning.",
    "With --confirm the old rules stay beside the new ones, and the kernel's clock goes back to them " +
    "unless `confirm` keeps the new ones. No process has to live for that, so it holds if the " +
    "connection hangs or the session is killed. A connection that the new rules cut resumes by itself " +
    "after the revert, at the latest after as much time again: 60s is a good choice, 30s is short. On " +
    "a terminal a countdown asks, and y or Enter keeps the rules. `add` and `delete` keep working " +
    "meanwhile, on the new rules and the old ones; `init`, `remove` and another `load` are refused.",
    "After a reboot the file is loaded that the boot script names: load a copy with --confirm, and " +
    "move it in place after `confirm`. A clock that is set back makes the time longer.",
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
    {
      line: "pktables load --confirm 60s rules.pk",
      does: "over the network: then `pktables confirm`",
    },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const { report, system } = context;
  const seconds = readConfirm(call);
  if (!seconds.ok) return misused(context, seconds.problem);
  if (seconds.value !== null && !mayConfirm(context)) return EXIT.refused;
  const compiled = await readRulesFile(call.operands[0]!, context);
  if (compiled === null) return EXIT.file;
  const rules = {
    services: compiled.services,
    prune: call.options.has("prune"),
    replaceJumps: call.options.has("replace"),
  };
  const placing = { append: call.options.has("append"), move: call.options.has("move") };
  const doubt = await askForFile(context, { call, compiled });
  if (doubt !== null) return doubt;
  const guardAll = async (tables: readonly FilterTable[], about: readonly FamilyFollow[]) =>
    askForPrune(context, { call, tables, about }) ??
      await guardPeers(context, { call, verb: load, plans: editsOf(about), letIn });
  if (call.options.has("dry-run")) {
    const shown = { global: call.global, compiled, rules, placing, json: false, look: guardAll };
    return await showDiff(context, shown);
  }
  const guard = new Guard(context, { compiled, force: call.options.has("force") });
  const loaded = await change(context, {
    global: call.global,
    read: guard.read,
    test: false,
    plan: async (tables, tidy) => {
      const places = await placeAll(context, { tables, services: rules.services, ...placing });
      const about = tables.map((table, at): FamilyFollow => {
        const placement = places[at]!;
        const wanted = { ...rules, now: system.now(), places: indexesOf(placement) };
        // Expired doors alone are no reason for unconfirmed rules.
        const lasting = seconds.value === null
          ? null
          : planFollow(table, { ...wanted, sweep: false });
        const plan = lasting?.edits.length === 0 ? lasting : planFollow(table, wanted);
        return { family: table.family, plan, placement };
      });
      const plans = editsOf(about);
      const refused = guard.allow(withTidy(plans, tidy)) ?? await guardAll(tables, about);
      if (refused !== null) return refused;
      const armed = seconds.value === null ? { plans, until: null } : await armAll(context, {
        ...{ global: call.global, tables, plans, seconds: seconds.value },
      });
      if (typeof armed === "number") return armed;
      return await forgetClosed(context, { tables, services: rules.services }) ??
        { plans: armed.plans, about: { families: about, until: armed.until } };
    },
  });
  if (!loaded.ok) return loaded.problem;
  const { families: about, until } = loaded.value;
  for (const line of summarize(about)) report.done(line);
  if (until !== null) reportUnconfirmed(context, { until, global: call.global });
  noteRevived(about, report);
  noteWhatStays(about, report);
  const families = about.map(({ family }) => family);
  await reportEffects(context, { families, services: rules.services, reported: overruling(about) });
  if (until === null) return EXIT.done;
  return await askForConfirmation(context, { global: call.global, until });
}

/** What is to be written to each family. */
function editsOf(about: readonly FamilyFollow[]): FamilyEdits[] {
  return about.map(({ family, plan }) => ({ family, edits: plan.edits }));
}

/** A service that is new in the file can have no door yet, but the file can allow an address. */
function letIn({ peer, service, isNew, add }: PeerToLetIn): string {
  return isNew ? `write \`allow ${peer}\` in service ${service} of the file` : add;
}

/** Requires --force for a file that is suspiciously empty. */
async function askForFile(
  context: Context,
  { call, compiled }: { call: Invocation; compiled: Compiled },
): Promise<number | null> {
  if (compiled.services.length === 0) {
    const path = call.operands[0]!;
    const what = `${path === "-" ? "standard input" : quote(path)} has no service`;
    return askForForce(context, { call, what });
  }
  const { CODES } = await loadCompiler();
  const isEmpty = compiled.diagnostics.some(({ code }) => code === CODES.includeNothing.code);
  // Elsewhere the diagnostic has been printed.
  if (!isEmpty || !isAttended(context.system.console)) return null;
  return askForForce(context, { call, what: "an `include` of the file finds no file" });
}

/** Requires --force for a --prune that would leave no service in the kernel. */
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
  const what = `this removes every service: ${shorten([...names])}`;
  return askForForce(context, { call, what });
}

/**
 * An expired door of a kernel knock, or one whose knock is removed, must not stay open because of another knock.
 *
 * @returns the exit status that ends the verb, or `null` if it may continue
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
