import { FAMILIES } from "../../firewall/address.ts";
import { parsePorts } from "../../firewall/port.ts";
import { bad, good, type Result } from "../../firewall/result.ts";
import {
  burstsADay,
  chainOf,
  defaultBurst,
  formatRate,
  isLogPrefix,
  type Log,
  LOG_LEVELS,
  MAX_BURST,
  MAX_LOG_PREFIX,
  parseLogLevel,
  parseRate,
  type Rate,
  type Service,
} from "../../firewall/service.ts";
import { seeService } from "../../firewall/survey.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { compareService, overruleOf } from "../../plan/compare.ts";
import { deadDoors } from "../../plan/doors.ts";
import { planTable } from "../../plan/service.ts";
import { endFor } from "../../plan/service_end.ts";
import { quote, type UsageProblem } from "../args.ts";
import { type Command, type Context, DRY_RUN, type Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { tellEffects } from "../effects.ts";
import { guardPeers, type PeerToLetIn } from "../guard.ts";
import { describeDead, describeOverrule } from "../overrule.ts";
import { describePlaces } from "../place.ts";
import { indexesOf, placeAll } from "../placement.ts";
import { change } from "../transaction.ts";
import { FAMILY_NAMES, joinWords } from "../../text/words.ts";
import { misused, readName } from "../words.ts";

/** Makes a service. */
export const init: Command = {
  name: "init",
  summary: "make a service: its chain, and the jump to it at the end of INPUT",
  operand: { name: "NAME", min: 1, max: 1, completes: ["service"] },
  options: [
    {
      name: "port",
      short: "p",
      value: "PORTS",
      required: true,
      help: "Port, range or list: 22, 8000-8010, 80,443",
    },
    { name: "udp", help: "UDP instead of TCP" },
    { name: "syn", help: "Only TCP packets that open a connection" },
    { name: "accept", help: "End the chain by ACCEPT instead of DROP" },
    { name: "log", help: "Log what is not let in" },
    {
      name: "log-prefix",
      value: "TEXT",
      help: `Text ahead of each log line, 1-${MAX_LOG_PREFIX} bytes`,
    },
    { name: "log-level", value: "LEVEL", help: "syslog level, by name or 0-7 (default: warning)" },
    { name: "log-limit", value: "RATE", help: "Log no more than that: 10/minute" },
    {
      name: "log-burst",
      value: "COUNT",
      help: "Log that many before the limit counts (default: 5, or a day's worth if that is less)",
    },
    { name: "append", help: "Put the jump at the end of INPUT, whatever decides ahead of it" },
    { name: "move", help: "With --replace: also move the jump ahead of a rule that decides first" },
    { name: "replace", help: "Change a service that is there and differs; doors stay open" },
    { name: "force", help: "Go on also where that cuts off or shuts out who is connected" },
    DRY_RUN,
  ],
  details: [
    "The chain is called pk-NAME. Both families are covered unless --ipv4 or --ipv6 narrows it.",
    "A service that is there and equal is left alone; a different one is an error that shows the " +
    "difference.",
    "On a terminal nothing is changed where somebody who is connected by TCP would be cut off or could " +
    "not connect again: the message says whom, and what can be done. Elsewhere that is a warning.",
  ],
  examples: [
    { line: "pktables init ssh --port 22 --syn", does: "close SSH to all but open doors" },
    { line: "pktables init vpn --port 500,4500 --udp", does: "the same for two UDP ports" },
    { line: "pktables init web --port 80,443 --accept --log", does: "log and accept" },
  ],
  run,
};

function run(call: Invocation, context: Context): Promise<number> {
  const service = readService(call);
  if (!service.ok) return Promise.resolve(misused(context, service.problem));
  return make(context, { call, service: service.value });
}

function readService(call: Invocation): Result<Service, UsageProblem> {
  const { options } = call;
  const name = readName(call.operands[0] ?? "");
  if (!name.ok) return name;
  const ports = parsePorts(options.get("port") ?? "");
  if (!ports.ok) {
    const { item, message } = ports.problem;
    return bad({ message: `${quote(item)} ${message}`, help: null });
  }
  if (options.has("udp") && options.has("syn")) {
    return bad({ message: "`--udp` and `--syn` exclude each other: only TCP has SYN", help: null });
  }
  const log = readLog(options);
  if (!log.ok) return log;
  return good({
    name: name.value,
    protocol: options.has("udp") ? "udp" : "tcp",
    ports: ports.value,
    syn: options.has("syn"),
    policy: options.has("accept") ? "accept" : "drop",
    families: call.global.families,
    interface: null,
    established: false,
    log: log.value,
    allow: null,
  });
}

function readLog(options: ReadonlyMap<string, string>): Result<Log | null, UsageProblem> {
  const prefix = options.get("log-prefix");
  const [levelWord, limitWord] = [options.get("log-level"), options.get("log-limit")];
  const burstWord = options.get("log-burst");
  const parts = [prefix, levelWord, limitWord, burstWord];
  if (!options.has("log") && parts.every((part) => part === undefined)) return good(null);
  if (prefix !== undefined && !isLogPrefix(prefix)) {
    const help = `1 to ${MAX_LOG_PREFIX} bytes without control characters`;
    return bad({ message: `${quote(prefix)} cannot be a log prefix`, help });
  }
  const level = levelWord === undefined ? 4 : parseLogLevel(levelWord);
  if (level === null) {
    const help = `0-7, or ${LOG_LEVELS.join(", ")}`;
    return bad({ message: `${quote(levelWord ?? "")} is no log level`, help });
  }
  const limit = limitWord === undefined ? null : parseRate(limitWord);
  if (limit === null && limitWord !== undefined) {
    const help = "a number above 0, a slash, and second, minute, hour or day: 10/minute";
    return bad({ message: `${quote(limitWord)} is no rate`, help });
  }
  const burst = readBurst(burstWord, limit);
  if (!burst.ok) return burst;
  return good({ prefix: prefix ?? null, level, limit, burst: burst.value });
}

function readBurst(word: string | undefined, limit: Rate | null): Result<number, UsageProblem> {
  if (word === undefined) return good(defaultBurst(limit));
  const burst = /^[1-9]\d{0,4}$/.test(word) ? Number(word) : 0;
  if (burst < 1 || burst > MAX_BURST) {
    const help = `a whole number, 1 to ${MAX_BURST}`;
    return bad({ message: `${quote(word)} is no burst`, help });
  }
  if (limit === null) {
    return bad({ message: "`--log-burst` means nothing without `--log-limit`", help: null });
  }
  const most = burstsADay(limit);
  if (burst <= most) return good(burst);
  return bad({
    message:
      `the kernel cannot keep a burst of ${burst} at ${formatRate(limit)}: it takes over a ` +
      "day to come back",
    help: `write --log-burst ${most} or less`,
  });
}

function make(
  context: Context,
  { call, service }: { call: Invocation; service: Service },
): Promise<number> {
  const { report } = context;
  return change(context, {
    global: call.global,
    dryRun: call.options.has(DRY_RUN.name),
    plan: async (tables) => {
      const different = tables.map((table) => describeDifference(table, service));
      if (!call.options.has("replace") && different.some((lines) => lines.length > 0)) {
        report.error(`service ${service.name} is there and differs:`);
        report.details(different.flat());
        report.details(["write --replace to change it; its doors stay open"]);
        return EXIT.refused;
      }
      const now = context.system.now();
      const replaceJumps = call.options.has("replace");
      const placed = await placeAll(context, {
        tables,
        services: [service],
        append: call.options.has("append"),
        move: replaceJumps && call.options.has("move"),
      });
      const plans = tables.map((table, at) => ({
        family: table.family,
        edits: planTable(table, {
          services: [service],
          remove: [],
          now,
          replaceJumps,
          places: indexesOf(placed[at]!),
        }).edits,
      }));
      const told = new Set(
        tables.flatMap((table) => warnOfOthers(context, { table, service, now })),
      );
      const outcome = describeOutcome(tables, { service, plans, different });
      const written = placed.filter((_, at) => plans[at]!.edits.length > 0);
      const where = describePlaces(written, service.name);
      const line = where === "" ? outcome : `${outcome}, ${where}`;
      const about = { line, families: tables.map(({ family }) => family), told };
      const letIn = ({ isNew, add }: PeerToLetIn) =>
        isNew ? openFirst(call, { service, add }) : add;
      return await guardPeers(context, { call, verb: init, plans, letIn }) ?? { plans, about };
    },
    done: async ({ line, families, told }) => {
      report.done(`${service.name}: ${line}`);
      await tellEffects(context, { families, services: [service], told });
    },
  });
}

/** How to give somebody a door in a service that is not there yet, and would keep him out at once. */
function openFirst(
  { options, global }: Invocation,
  { service: { name, families }, add }: { service: Service; add: string },
): string {
  const only = global.familyAsked ? families.map((family) => `--${family}`) : [];
  const which = global.backend === "system" ? [] : [`--backend ${global.backend}`];
  const port = `--port ${options.get("port") ?? ""}`;
  const open = ["pktables init", name, port, "--accept", ...only, ...which].join(" ");
  return `${open}; ${add}; then this command with --replace`;
}

function describeDifference(table: FilterTable, service: Service): string[] {
  const seen = seeService(table, service.name);
  if (seen === null) return [];
  return compareService(seen, service).map(({ what, now, wanted }) =>
    `${FAMILY_NAMES[table.family]} ${what}: ${now} (wanted: ${wanted})`
  );
}

function describeOutcome(
  tables: readonly FilterTable[],
  { service, plans, different }: {
    service: Service;
    plans: readonly { edits: readonly unknown[] }[];
    different: readonly string[][];
  },
): string {
  const words = tables.map((table, at) => {
    if (!table.hasChain(chainOf(service.name))) return "created";
    if ((plans[at]?.edits.length ?? 0) === 0) return "is there already: nothing to do";
    return (different[at]?.length ?? 0) > 0 ? "replaced" : "repaired";
  });
  const groups = [...new Set(words)].map((word) => {
    const families = FAMILIES.filter((family) =>
      tables.some((table, at) => table.family === family && words[at] === word)
    );
    return `${word} (${joinWords(families.map((family) => FAMILY_NAMES[family]))})`;
  });
  return groups.join(", ");
}

/**
 * Tells of rules that decide in place of the service, and of doors that stay without effect.
 *
 * @returns the texts of the rules that were named
 */
function warnOfOthers(
  { report }: Context,
  { table, service, now }: { table: FilterTable; service: Service; now: number },
): string[] {
  const { name, policy } = service;
  const family = FAMILY_NAMES[table.family];
  const overrule = overruleOf(table, { name, policy, end: endFor(table, service) });
  if (overrule !== null) report.warn(`${family}: ${describeOverrule(overrule)}`);
  const dead = deadDoors(table, { name, now }).length;
  if (dead > 0) report.warn(`${family}: ${describeDead(name, dead)}`);
  return overrule === null ? [] : [overrule.text];
}
