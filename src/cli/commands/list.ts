import { formatAddress } from "../../firewall/address.ts";
import { formatDuration } from "../../firewall/duration.ts";
import {
  propertyOf,
  SEEN_NAMES,
  type SeenName,
  type SeenProperties,
} from "../../firewall/properties.ts";
import { chainOf, knockedServiceOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { jsonText } from "../../text/printable.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { type Asked, reportEffects, withKnocks } from "../report/effects.ts";
import { loadTracer } from "../lazy.ts";
import { EXIT } from "../exit.ts";
import { describeDead, describeOverrule } from "../report/overrule.ts";
import { Reporter } from "../report/reporter.ts";
import type { ShownDoors } from "../kernel/kernel_doors.ts";
import { readTables } from "../kernel/tables.ts";
import { FAMILY_NAMES } from "../../text/words.ts";
import {
  type DoorView,
  secondsLeft,
  type ServiceView,
  toJson,
  viewService,
  viewServices,
} from "../report/view.ts";
import { type Look, watch } from "../report/watch.ts";
import { misused, noService, readName } from "../input/words.ts";

/** Shows services and doors. */
export const list: Command = {
  name: "list",
  summary: "show services and doors, with packets and time left",
  operand: { name: "NAME", min: 0, max: 1, completes: ["service"] },
  options: [
    { name: "watch", help: "Again each second, on a screen of its own; Ctrl-C ends it" },
    { name: "json", help: "For programs: one JSON object, both families" },
    { name: "raw", help: "What `iptables -L -vn` says, of both families" },
  ],
  details: [
    "Takes no lock and changes nothing. Doors that other tools made are shown too.",
    "Rules that pktables does not understand are counted (`+2 rules of others`); --raw shows them. A " +
    "door behind the end of its chain, where no packet comes, is `dead`. `over` is a door that the " +
    "kernel has closed and whose rule is still there.",
    "The fields of --json are described by `pktables help json`.",
    "A door that a knock `by kernel` opened stands on a list of the kernel, in " +
    "/proc/net/xt_recent, and is shown with the time that it has left. Such a list holds 100 " +
    "addresses (ip_list_tot of the module xt_recent); a warning tells of one that is full.",
    "--watch prints one list below the other where standard output is no terminal.",
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
  const { services, full, unread } = await view(context, { tables: tables.value, word });
  for (const words of unread) context.report.warn(words);
  if (word !== undefined && services.length === 0) {
    return noService(context, { name: word, tables: tables.value, global: call.global });
  }
  if (call.options.has("raw")) return await printRaw(context, { call, tables: tables.value });
  const now = context.system.now();
  if (call.options.has("json")) {
    context.report.result(jsonText(toJson(services, now), 2));
  } else if (services.length === 0) {
    context.report.note("there is no service: `pktables init` and `pktables load` make them");
  } else {
    context.report.result(drawTable(services, now, roomOf(context)));
    warnOfOthers(context, services);
    for (const words of full) context.report.warn(words);
    const told = new Set(
      services.flatMap(({ overruled }) => overruled.map(({ overrule }) => overrule.text)),
    );
    const families = tables.value.map(({ family }) => family);
    const asked = await withKnocks(services.flatMap(askOf), tables.value);
    await reportEffects(context, { families, services: asked, told });
  }
  return EXIT.done;
}

/** The services that were asked for, with the doors that the kernel has opened by itself. */
async function view(
  { system }: Context,
  { tables, word }: { tables: readonly FilterTable[]; word: string | undefined },
): Promise<ShownDoors> {
  const services = word === undefined ? viewServices(tables) : viewService(tables, word);
  if (!services.some(({ isKnocked }) => isKnocked)) return { services, full: [], unread: [] };
  const { withKernelDoors } = await loadTracer();
  return await withKernelDoors(services, { tables, system });
}

/** What a service asks for, where its rules say it. */
function askOf({ name, families, seen }: ServiceView): Asked[] {
  const { protocol, ports, policy, interface: on } = seen;
  if (protocol === null || policy === null) return [];
  return [{ name, families, protocol, ports, policy, interface: on }];
}

/** Says what rules of others make of services and doors. */
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

/** One look of `--watch`. A service may come later, or go and come back. */
async function look(
  context: Context,
  { call, word }: { call: Invocation; word: string | undefined },
): Promise<Look> {
  const { system, report } = context;
  // The note that there is no IPv6 here would come again each second.
  const quiet = {
    system,
    report: new Reporter(system.console, { ...report.options, quiet: true }),
  };
  const tables = await readTables(quiet, call.global);
  if (!tables.ok) return () => report.failed(tables.problem);
  const { services } = await view(quiet, { tables: tables.value, word });
  if (services.length > 0) return drawTable(services, system.now(), roomOf(context));
  return word === undefined ? "there is no service" : `there is no service ${word}`;
}

/** In a pipe the table has all its columns: whoever takes it apart counts on them. */
function roomOf({ system: { console } }: Context): { width?: number } {
  return console.outIsTerminal ? { width: console.columns } : {};
}

/** What iptables prints of the services, family by family; one process each, however many they are. */
async function printRaw(
  { system, report }: Context,
  { call, tables }: { call: Invocation; tables: readonly FilterTable[] },
): Promise<number> {
  const iptables = system.iptables(call.global);
  const [name] = call.operands;
  const blocks: string[] = [];
  for (const table of tables) {
    const names = name === undefined ? table.serviceNames : [name];
    const chains = names.flatMap((one) => [
      chainOf(one),
      ...table.chainNames.filter((chain) => knockedServiceOf(chain) === one),
    ]).filter((chain) => table.hasChain(chain));
    if (chains.length === 0) continue;
    const only = name === undefined || chains.length > 1 ? null : chainOf(name);
    const printed = await iptables.print(table.family, only);
    if (!printed.ok) return report.failed(printed.problem);
    const found = splitChains(printed.value);
    for (const chain of chains) {
      const text = found.get(chain);
      // Between the two looks another program may have removed it.
      if (text !== undefined) blocks.push(`# ${FAMILY_NAMES[table.family]}\n${text}`);
    }
  }
  if (blocks.length > 0) report.result(blocks.join("\n\n"));
  return EXIT.done;
}

/** The chains in what `iptables -L -v -n` prints: an empty line stands ahead of each but the first. */
function splitChains(printed: string): Map<string, string> {
  const chains = new Map<string, string>();
  for (const block of printed.split(/\n\n(?=Chain )/)) {
    const head = /^Chain (.*?)(?: \((?:\d+ references|policy .*)\))?$/m.exec(block);
    if (head !== null) chains.set(head[1] ?? "", block.trimEnd());
  }
  return chains;
}

const HEAD = ["SERVICE", "PORTS", "POLICY", "DOOR", "TIME LEFT", "PACKETS"];

/** What a narrow terminal has to do without first; the door and its time are why one looks. */
const SPARED = ["POLICY", "PORTS"];

/**
 * The services as a table for eyes: a line a door, the service named on its first.
 *
 * @param services what to show
 * @param now seconds since 1970
 * @param options `width`: columns that there are; where they are too few, some of the table are left out
 */
export function drawTable(
  services: readonly ServiceView[],
  now: number,
  { width = Infinity }: { readonly width?: number } = {},
): string {
  let table = [HEAD];
  for (const service of services) {
    const own = [service.name, describePorts(service), describePolicy(service)];
    if (service.doors.length === 0) table.push([...own, "-", "", String(service.packets)]);
    service.doors.forEach((door, at) => {
      table.push((at === 0 ? own : ["", "", ""]).concat(describeDoor(door, now)));
    });
    const others = service.others.length;
    const packets = service.others.reduce((sum, rule) => sum + rule.packets, 0);
    if (others > 0) {
      const rules = others === 1 ? "rule" : "rules";
      table.push(["", "", "", `+${others} ${rules} of others`, "", String(packets)]);
    }
  }
  let widths = widthsOf(table);
  for (const spared of SPARED) {
    if (widths.reduce((sum, one) => sum + one + 2, -2) <= width) break;
    const at = table[0]!.indexOf(spared);
    table = table.map((row) => row.toSpliced(at, 1));
    widths = widths.toSpliced(at, 1);
  }
  const last = widths.length - 1;
  // No array of cells for each line: a chain may have 65,000.
  return table.map((row) => {
    let line = "";
    for (let column = 0; column < last; column++) {
      line += `${row[column]!.padEnd(widths[column]!)}  `;
    }
    return `${line}${row[last]!.padStart(widths[last]!)}`.trimEnd();
  }).join("\n");
}

/** Of each column the width of its widest cell. */
function widthsOf(table: readonly (readonly string[])[]): number[] {
  const widths = HEAD.map(() => 0);
  for (const row of table) {
    row.forEach((cell, column) => {
      if (cell.length > widths[column]!) widths[column] = cell.length;
    });
  }
  return widths;
}

function describePorts({ seen, families }: ServiceView): string {
  const words = SEEN_NAMES.flatMap((name) => columnOf(name, seen) ?? []);
  if (seen.protocol === null) {
    words.unshift(seen.jumps.length === 0 ? "no jump in INPUT" : "jump of others");
  }
  if (families.length === 1) words.push(...families);
  return words.join(" ");
}

function columnOf<K extends SeenName>(name: K, seen: SeenProperties): string | null {
  const property = propertyOf(name);
  return property.column?.(seen[name]) ?? null;
}

function describePolicy({ seen }: ServiceView): string {
  return seen.policy ?? seen.end?.verdict ?? "none";
}

function describeDoor(door: DoorView, now: number): string[] {
  const { address, kind, until, isDead, packets } = door;
  const time = isDead ? "dead" : describeTime({ kind, until, now });
  return [formatAddress(address), time, packets === null ? "-" : String(packets)];
}

/** What is said of a door that names no end. */
const ENDLESS = {
  allow: "allowed by file",
  door: "no end",
  kernel: "not known, by kernel",
} as const;

function describeTime(
  { kind, until, now }: { kind: DoorView["kind"]; until: number | null; now: number },
): string {
  if (until === null) return ENDLESS[kind];
  const left = secondsLeft(until, now);
  const words = left === 0 ? "over" : formatDuration(left);
  return kind === "kernel" ? `${words} by kernel` : words;
}
