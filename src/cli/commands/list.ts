import { formatDuration } from "../../firewall/duration.ts";
import { chainOf, knockedServiceOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { formatDate } from "../../firewall/time.ts";
import { unconfirmedServiceOf } from "../../firewall/unconfirmed.ts";
import { jsonText } from "../../text/printable.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { type Asked, reportEffects, withKnocks } from "../report/effects.ts";
import { loadTracer } from "../lazy.ts";
import { EXIT } from "../exit.ts";
import { describeDead, describeOverrule } from "../report/overrule.ts";
import { drawTable } from "../report/service_table.ts";
import { Reporter } from "../report/reporter.ts";
import type { ShownDoors } from "../kernel/kernel_doors.ts";
import { readTables, settle } from "../kernel/tables.ts";
import { FAMILY_NAMES } from "../../text/words.ts";
import {
  type ServiceView,
  toJson,
  unconfirmedToJson,
  type UnconfirmedView,
  viewService,
  viewServices,
  viewUnconfirmed,
} from "../report/view.ts";
import { type Look, watch } from "../report/watch.ts";
import { misused, noService, readName } from "../input/words.ts";

/** Shows services and doors. */
export const list: Command = {
  name: "list",
  summary: "show services and doors, with packets and time left",
  operand: { name: "NAME", min: 0, max: 1, completes: ["service"] },
  options: [
    { name: "watch", help: "Refresh each second, full screen; Ctrl-C quits" },
    { name: "json", help: "For programs: one JSON object, both families" },
    { name: "raw", help: "The output of `iptables -L -vn`, of both families" },
  ],
  details: [
    "Takes no lock and changes nothing. Doors created by other tools are shown too.",
    "Rules that pktables does not understand are counted (`+2 foreign rules`); --raw shows them. A " +
    "door behind the end of its chain, which no packet reaches, is `dead`. An `expired` door is one " +
    "that the kernel has closed but whose rule is still there.",
    "The fields of --json are described by `pktables help json`.",
    "A door that a knock `by kernel` opened is on a list of the kernel, in /proc/net/xt_recent, and is " +
    "shown with its remaining time. Such a list holds 100 addresses (ip_list_tot of the module " +
    "xt_recent); a warning is printed when one is full.",
    "--watch prints one list after the other if standard output is not a terminal.",
  ],
  examples: [
    { line: "pktables list", does: "everything" },
    { line: "pktables list --watch", does: "everything, as it changes" },
    { line: "pktables list ssh --json", does: "one service, for programs" },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const [word] = call.operands;
  if (word !== undefined) {
    const name = readName(word);
    if (!name.ok) return misused(context, name.problem);
  }
  if (call.options.has("json") && call.options.has("raw")) {
    return misused(context, { message: "`--json` and `--raw` exclude each other", help: null });
  }
  if (call.options.has("watch") && (call.options.has("json") || call.options.has("raw"))) {
    const message = "`--watch` shows the table: it excludes `--json` and `--raw`";
    return misused(context, { message, help: null });
  }
  await context.system.dropFileAccess();
  if (call.options.has("watch")) return await watch(context, () => look(context, { call, word }));
  const tables = await readTables(context, call.global);
  if (!tables.ok) return context.report.failed(tables.problem);
  const now = context.system.now();
  const standing = await settle(tables.value, now);
  const settled = standing.map(({ table }) => table);
  const { services, full, unread } = await view(context, { tables: settled, word });
  for (const words of unread) context.report.warn(words);
  if (word !== undefined && services.length === 0) {
    return noService(context, { name: word, tables: settled, global: call.global });
  }
  if (call.options.has("raw")) return await printRaw(context, { call, tables: tables.value });
  const unconfirmed = viewUnconfirmed(standing, now);
  if (call.options.has("json")) {
    context.report.result(
      jsonText({ ...toJson(services, now), ...unconfirmedToJson(unconfirmed) }, 2),
    );
  } else if (services.length === 0) {
    if (unconfirmed !== null) context.report.result(describeUnconfirmed(unconfirmed));
    context.report.note("no services: `pktables init` and `pktables load` create them");
  } else {
    context.report.result(drawTable(services, now, widthOption(context)));
    if (unconfirmed !== null) context.report.result(describeUnconfirmed(unconfirmed));
    warnOfOthers(context, services);
    for (const words of full) context.report.warn(words);
    const reported = new Set(
      services.flatMap(({ overruled }) => overruled.map(({ overrule }) => overrule.text)),
    );
    const families = tables.value.map(({ family }) => family);
    const asked = await withKnocks(services.flatMap(askOf), tables.value);
    await reportEffects(context, { families, services: asked, reported });
  }
  return EXIT.done;
}

/** The requested services, with the doors that knocks `by kernel` opened. */
async function view(
  { system }: Context,
  { tables, word }: { tables: readonly FilterTable[]; word: string | undefined },
): Promise<ShownDoors> {
  const services = word === undefined ? viewServices(tables) : viewService(tables, word);
  if (!services.some(({ isKnocked }) => isKnocked)) return { services, full: [], unread: [] };
  const { withKernelDoors } = await loadTracer();
  return await withKernelDoors(services, { tables, system });
}

/** What a service wants of packets, if its rules show it. */
function askOf({ name, families, observed }: ServiceView): Asked[] {
  const { protocol, ports, policy, interface: on } = observed;
  if (protocol === null || policy === null) return [];
  return [{ name, families, protocol, ports, policy, interface: on }];
}

/** Warns of foreign rules that change what services and doors do. */
function warnOfOthers({ report }: Context, services: readonly ServiceView[]): void {
  for (const { name, overruled, restricted, doors } of services) {
    for (const { family, overrule } of overruled) {
      report.warn(`${FAMILY_NAMES[family]}: ${describeOverrule(overrule)}`);
    }
    for (const { family, text } of restricted) {
      report.warn(`${FAMILY_NAMES[family]}: ${name} sees only what its jump lets through: ${text}`);
    }
    const dead = doors.filter(({ isDead }) => isDead).length;
    if (dead > 0) report.warn(describeDead(name, dead));
  }
}

/** Describes what is unconfirmed, with the names of the services. */
function describeUnconfirmed({ until, names, secondsLeft, families }: UnconfirmedView): string {
  const left = `unconfirmed, ${formatDuration(secondsLeft)} left`;
  const where = families.length === 1 ? ` (${FAMILY_NAMES[families[0]!]})` : "";
  const end = formatDate(until);
  return `${left}${where}: ${
    names.join(", ")
  }; taken back after ${end}Z unless \`confirm\` keeps it`;
}

/** One refresh of `--watch`. A service may appear later, or go and come back. */
async function look(
  context: Context,
  { call, word }: { call: Invocation; word: string | undefined },
): Promise<Look> {
  const { system, report } = context;
  // The note about missing IPv6 would be repeated each second.
  const quiet = {
    system,
    report: new Reporter(system.console, { ...report.options, quiet: true }),
  };
  const tables = await readTables(quiet, call.global);
  if (!tables.ok) return () => report.failed(tables.problem);
  const now = system.now();
  const standing = await settle(tables.value, now);
  const settled = standing.map(({ table }) => table);
  const { services } = await view(quiet, { tables: settled, word });
  const unconfirmed = viewUnconfirmed(standing, now);
  const last = unconfirmed === null ? "" : `\n${describeUnconfirmed(unconfirmed)}`;
  if (services.length > 0) return drawTable(services, now, widthOption(context)) + last;
  return (word === undefined ? "no services" : `no service ${word}`) + last;
}

/** In a pipe the table has all its columns: scripts that parse it rely on them. */
function widthOption({ system: { console } }: Context): { width?: number } {
  return console.outIsTerminal ? { width: console.columns } : {};
}

/** What iptables prints of the services, one process for each family, however many there are. */
async function printRaw(
  { system, report }: Context,
  { call, tables }: { call: Invocation; tables: readonly FilterTable[] },
): Promise<number> {
  const iptables = system.iptables(call.global);
  const [name] = call.operands;
  const blocks: string[] = [];
  for (const table of tables) {
    const names = name === undefined ? table.serviceNames : [name];
    const isAsked = (service: string | null) =>
      service !== null && (name === undefined || service === name);
    const chains = [
      ...names.flatMap((one) => [
        chainOf(one),
        ...table.chainNames.filter((chain) => knockedServiceOf(chain) === one),
      ]),
      ...table.unconfirmedChains.filter((chain) => isAsked(unconfirmedServiceOf(chain))),
    ].filter((chain) => table.hasChain(chain));
    if (chains.length === 0) continue;
    const only = name === undefined || chains.length > 1 ? null : chainOf(name);
    const printed = await iptables.print(table.family, only);
    if (!printed.ok) return report.failed(printed.problem);
    const found = splitChains(printed.value);
    for (const chain of chains) {
      const text = found.get(chain);
      // Another program may have removed it between the two reads.
      if (text !== undefined) blocks.push(`# ${FAMILY_NAMES[table.family]}\n${text}`);
    }
  }
  if (blocks.length > 0) report.result(blocks.join("\n\n"));
  return EXIT.done;
}

/** The chains in what `iptables -L -v -n` prints: an empty line is ahead of each but the first. */
function splitChains(printed: string): Map<string, string> {
  const chains = new Map<string, string>();
  for (const block of printed.split(/\n\n(?=Chain )/)) {
    const head = /^Chain (.*?)(?: \((?:\d+ references|policy .*)\))?$/m.exec(block);
    if (head !== null) chains.set(head[1] ?? "", block.trimEnd());
  }
  return chains;
}
