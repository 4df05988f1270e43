import { FAMILIES, type Family } from "../../firewall/address.ts";
import type { Result } from "../../result.ts";
import { chainOf, MAX_LOG_PREFIX, MAX_SERVICE_NAME, type Service } from "../../firewall/service.ts";
import { observeService } from "../../firewall/survey.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { compareService } from "../../plan/compare.ts";
import { deadDoors } from "../../plan/doors.ts";
import { overruleOf } from "../../plan/overrule.ts";
import { planTable } from "../../plan/service.ts";
import { endFor } from "../../plan/service_end.ts";
import { type Command, type Context, DRY_RUN, type Invocation } from "../command.ts";
import {
  armAll,
  askForConfirmation,
  CONFIRM_OPTION,
  mayConfirm,
  readConfirm,
  reportUnconfirmed,
} from "../kernel/confirmation.ts";
import { EXIT } from "../exit.ts";
import { reportEffects } from "../report/effects.ts";
import { guardPeers, type PeerToLetIn } from "../kernel/guard.ts";
import { describeDead, describeOverrule } from "../report/overrule.ts";
import { describePlaces } from "../report/place.ts";
import { indexesOf, placeAll } from "../kernel/placement.ts";
import { change } from "../kernel/transaction.ts";
import { FAMILY_NAMES, joinWords } from "../../text/words.ts";
import { readService } from "../input/init_service.ts";
import { misused } from "../input/words.ts";

/** Makes a service. */
export const init: Command = {
  name: "init",
  summary: "create a service: its chain, and the jump to it at the end of INPUT",
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
    { name: "accept", help: "End the chain with ACCEPT instead of DROP" },
    { name: "log", help: "Log packets that no door accepts" },
    {
      name: "log-prefix",
      value: "TEXT",
      help: `Text before each log line, 1-${MAX_LOG_PREFIX} bytes`,
    },
    { name: "log-level", value: "LEVEL", help: "syslog level, by name or 0-7 (default: warning)" },
    { name: "log-limit", value: "RATE", help: "Log at most this often: 10/minute" },
    {
      name: "log-burst",
      value: "COUNT",
      help: "Log this many before the limit applies (default: 5, or a day's worth if that is less)",
    },
    {
      name: "append",
      help: "Put the jump at the end of INPUT, even behind a rule that decides first",
    },
    { name: "move", help: "With --replace: also move the jump ahead of a rule that decides first" },
    { name: "replace", help: "Change an existing service that differs; doors stay open" },
    CONFIRM_OPTION,
    { name: "force", help: "Continue even if that cuts off or shuts out a connected client" },
    DRY_RUN,
  ],
  details: [
    "The chain is called pk-NAME. Both families are covered unless --ipv4 or --ipv6 narrows it.",
    "An existing, equal service is left alone; a different one is an error that shows the " +
    "difference.",
    `NAME is a letter, then letters, digits, - and _, at most ${MAX_SERVICE_NAME} characters. RATE is ` +
    "a number per second, minute, hour or day.",
    "If a rule of INPUT would decide an outsider's packet before the service does, the jump goes " +
    "directly ahead of that rule, and init names it. A warning says where an outsider's packet to a " +
    "port still meets something other than the policy. `pktables help kernel` has the details.",
    "Any --log-... option logs, also without --log. The kernel keeps the time between two log lines, " +
    "not the rate: 28801/hour is listed as 8/second, and both are the same to init. A burst that " +
    "takes more than a day to refill is refused, because kernels cannot count it.",
    "With --confirm the kernel takes it back by itself unless `confirm` follows: see `help load`.",
    "On a terminal nothing is changed if a connected TCP client would be cut off or could not connect " +
    "again: the message names it and says what can be done. Elsewhere that is a warning.",
  ],
  examples: [
    {
      line: "pktables init ssh --port 22 --syn",
      does: "close SSH to everyone without an open door",
    },
    { line: "pktables init vpn --port 500,4500 --udp", does: "the same for two UDP ports" },
    { line: "pktables init web --port 80,443 --accept --log", does: "log and accept" },
    {
      line: "pktables init db --port 5432 --confirm 60s",
      does: "over SSH: then `pktables confirm`",
    },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const service = readService(call);
  if (!service.ok) return misused(context, service.problem);
  const seconds = readConfirm(call);
  if (!seconds.ok) return misused(context, seconds.problem);
  if (seconds.value !== null && !mayConfirm(context)) return EXIT.refused;
  const made = await make(context, { call, service: service.value, seconds: seconds.value });
  if (!made.ok) return made.problem;
  const { line, families, reported, until } = made.value;
  context.report.done(`${service.value.name}: ${line}`);
  if (until !== null) reportUnconfirmed(context, { until, global: call.global });
  await reportEffects(context, { families, services: [service.value], reported });
  if (until === null) return EXIT.done;
  return await askForConfirmation(context, { global: call.global, until });
}

/** What to report about a service that was created. */
interface Made {
  /** What was done. */
  readonly line: string;
  readonly families: readonly Family[];
  /** Rules of its chain that were already reported. */
  readonly reported: ReadonlySet<string>;
  /** The last second in which it is unconfirmed; `null` if it is permanent. */
  readonly until: number | null;
}

function make(
  context: Context,
  { call, service, seconds }: {
    call: Invocation;
    service: Service;
    /** For how long the service is unconfirmed, `null` if it is not. */
    seconds: number | null;
  },
): Promise<Result<Made, number>> {
  const { report } = context;
  return change(context, {
    global: call.global,
    dryRun: call.options.has(DRY_RUN.name),
    plan: async (tables) => {
      const different = tables.map((table) => describeDifference(table, service));
      if (!call.options.has("replace") && different.some((lines) => lines.length > 0)) {
        report.error(`service ${service.name} exists and differs:`);
        report.details(different.flat());
        report.details(["use --replace to change it; its doors stay open"]);
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
      const reported = new Set(
        tables.flatMap((table) => warnOfOthers(context, { table, service, now })),
      );
      const outcome = describeOutcome(tables, { service, plans, different });
      const written = placed.filter((_, at) => plans[at]!.edits.length > 0);
      const where = describePlaces(written, service.name);
      const line = where === "" ? outcome : `${outcome}, ${where}`;
      const about = { line, families: tables.map(({ family }) => family), reported, until: null };
      const letIn = ({ isNew, add }: PeerToLetIn) =>
        isNew ? openFirst(call, { service, add }) : add;
      const refused = await guardPeers(context, { call, verb: init, plans, letIn });
      if (refused !== null) return refused;
      if (seconds === null) return { plans, about };
      const armed = await armAll(context, { global: call.global, tables, plans, seconds });
      if (typeof armed === "number") return armed;
      return { plans: armed.plans, about: { ...about, until: armed.until } };
    },
  });
}

/** How to open a door in a service that does not exist yet and would shut the client out at once. */
function openFirst(
  { options, global }: Invocation,
  { service: { name, families }, add }: { service: Service; add: string },
): string {
  const only = global.familyAsked ? families.map((family) => `--${family}`) : [];
  const which = global.backend === "system" ? [] : [`--backend ${global.backend}`];
  const port = `--port ${options.get("port")}`;
  const open = ["pktables init", name, port, "--accept", ...only, ...which].join(" ");
  return `${open}; ${add}; then this command with --replace`;
}

function describeDifference(table: FilterTable, service: Service): string[] {
  const observed = observeService(table, service.name);
  if (observed === null) return [];
  return compareService(observed, service).map(({ what, now, wanted }) =>
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
    if (plans[at]!.edits.length === 0) return "already exists: nothing to do";
    return different[at]!.length > 0 ? "replaced" : "repaired";
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
 ** Warns of rules that decide in place of the service, and of doors without effect.
 *
 ** @returns the texts of the rules that were named
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
