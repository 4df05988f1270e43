import type { Family } from "../../firewall/address.ts";
import { good, type Result } from "../../firewall/result.ts";
import type { Failure } from "../../system/failure.ts";
import type { Trace } from "../../trace/verdict.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Question, readQuestion } from "../question.ts";
import { FAMILY_NAMES } from "../transaction.ts";
import { misused } from "../words.ts";

/** Says what a packet meets. */
export const trace: Command = {
  name: "trace",
  summary: "what a packet meets, and which rule decides",
  operand: {
    name: "PROTOCOL PORT from ADDRESS",
    min: 4,
    max: 9,
    completes: [["tcp", "udp"], [], ["from"], ["anyone"], ["on", "to", "established"]],
  },
  options: [{ name: "json", help: "For programs: one JSON object, a member a family" }],
  details: [
    "Behind the port stand, in any order: `from ADDRESS` or `from anyone`; `on INTERFACE`; `to ADDRESS`, " +
    "one of this machine's; `established` for a packet of a connection that stands.",
    "`from anyone` is a packet that opens a connection from an address that no rule names. Unless `on` " +
    "says otherwise, it comes in by the interface of the default route.",
    "Follows the packet through the tables raw, mangle, nat and filter of both iptables, whatever " +
    "--backend says, and through those that only nft knows. Takes no lock and changes nothing.",
    "Exit status 0: it gets in (`from anyone`: in one family at least). 1: it does not. 5: that depends " +
    "on what the rules do not tell, such as a rate or what a set holds; the last line names it.",
  ],
  examples: [
    { line: "pktables trace tcp 22 from 203.0.113.9", does: "would this address get in?" },
    { line: "pktables trace tcp 22 from anyone", does: "does the door shut out strangers?" },
    { line: "pktables trace udp 53 from 192.0.2.7 on eth1", does: "by that interface" },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const question = readQuestion(call.operands);
  if (!question.ok) return misused(context, question.problem);
  const { family } = question.value;
  if (family !== null && !call.global.families.includes(family)) {
    const option = family === "ipv4" ? "--ipv6" : "--ipv4";
    const message = `the address is ${FAMILY_NAMES[family]}, and ${option} excludes it`;
    return misused(context, { message, help: null });
  }
  await context.system.dropFileAccess();
  const families = family === null ? call.global.families : [family];
  // Everything at once: with 20,000 rules nft alone takes half a second.
  const [nft, ...seen] = await Promise.all([
    readNft(context),
    ...families.map((one) => look(context, { family: one, question: question.value })),
  ]);
  if (!nft.ok) return context.report.failed(nft.problem);
  const traces: FamilyTrace[] = [];
  for (const one of seen) {
    if (one.ok) {
      const traced = await traceFamily(one.value, { question: question.value, nft: nft.value });
      traces.push({ family: one.value.family, ...traced });
    } else if (isWithout(one.problem) && traces.length > 0) {
      context.report.note(`note: no IPv6 here (${one.problem.message})`);
    } else return context.report.failed(one.problem);
  }
  return await tell(traces, { call, context });
}

interface FamilyTrace extends Traced {
  readonly family: Family;
}

interface Traced {
  readonly trace: Trace;
  /** Whether both iptables have tables, so that a rule's backend has to be named. */
  readonly backends: boolean;
}

/** Whether the machine lacks the second family, which is IPv6. */
function isWithout({ kind }: Failure): boolean {
  return kind === "absent" || kind === "no-family";
}

/** What nft shows; `null` where there is none. What it cannot show is not known, and not an error. */
async function readNft({ system }: Context): Promise<Result<string | null, Failure>> {
  const shown = await system.surroundings.nft();
  if (shown.ok) return shown;
  if (shown.problem.kind === "not-root") return shown;
  return good(shown.problem.kind === "absent" ? null : "");
}

/** What was seen of one family. */
interface Seen {
  readonly family: Family;
  readonly now: number;
  readonly saved: readonly { text: string; backend: string }[];
  /** Interface of the default route, where that matters. */
  readonly route: string | null;
  /** The machine's addresses, where they can be had. */
  readonly addresses: readonly string[] | null;
}

async function look(
  { system }: Context,
  { family, question }: { family: Family; question: Question },
): Promise<Result<Seen, Failure>> {
  const { surroundings } = system;
  const asksRoute = question.on === null && question.from === null;
  const [saved, route, addresses] = await Promise.all([
    saveAll(surroundings, family),
    asksRoute ? surroundings.defaultInterface(family) : null,
    surroundings.addresses(family),
  ]);
  if (!saved.ok) return saved;
  return good({
    family,
    now: system.now(),
    saved: saved.value,
    route: route?.ok ? route.value : null,
    addresses: addresses.ok ? addresses.value : null,
  });
}

async function traceFamily(
  seen: Seen,
  { question, nft }: { question: Question; nft: string | null },
): Promise<Traced> {
  const { family, now, saved, route, addresses } = seen;
  const { allStages, outsider, packetFrom, readTables, traceStages } = await import(
    "../tracing.ts"
  );
  const options = {
    now,
    interface: question.on ?? route,
    destination: question.to,
    established: question.established,
  };
  const to = { family, protocol: question.protocol, port: question.port };
  const packet = question.from === null
    ? outsider(to, options)
    : packetFrom(to, question.from, options);
  if (packet === null) throw new TypeError("an address that was checked is none");
  const rulesets = saved.map(({ text, backend }) => readTables(text, { family, backend }));
  const stages = allStages(rulesets, nft);
  const backends = rulesets.filter(({ tables }) => tables.size > 0).length > 1;
  const machine = addresses === null ? {} : { addresses };
  return { trace: traceStages(stages, packet, machine), backends };
}

/** The tables of both iptables; where neither goes by its own name, those of the one there is. */
async function saveAll(
  surroundings: Context["system"]["surroundings"],
  family: Family,
): Promise<Result<{ text: string; backend: string }[], Failure>> {
  const saved: { text: string; backend: string }[] = [];
  for (const backend of ["nft", "legacy"] as const) {
    const read = await surroundings.saveAll(family, backend);
    if (read.ok) saved.push({ text: read.value, backend });
    else if (read.problem.kind !== "absent") return read;
  }
  if (saved.length > 0) return good(saved);
  const read = await surroundings.saveAll(family, "system");
  return read.ok ? good([{ text: read.value, backend: "" }]) : read;
}

async function tell(
  traces: readonly FamilyTrace[],
  { call, context }: { call: Invocation; context: Context },
): Promise<number> {
  const { report, system } = context;
  const { describeTrace, describeWay } = await import("../tracing.ts");
  const now = system.now();
  if (call.options.has("json")) {
    const members = traces.map(({ family, trace }) => {
      const words = describeTrace(trace, { now });
      const { verdict, outcomes, depends } = trace;
      return [family, { verdict, words, outcomes, depends }];
    });
    report.result(JSON.stringify(Object.fromEntries(members), null, 2));
    return statusOf(traces);
  }
  for (const { family, trace, backends } of traces) {
    const head = traces.length > 1 ? `${FAMILY_NAMES[family]}: ` : "";
    const options = { now, backends };
    for (const line of describeWay(trace, options)) report.note(`${head}${line}`);
    report.result(`${head}${describeTrace(trace, options)}`);
  }
  return statusOf(traces);
}

/** One family by which the packet gets in is enough for whoever wants to know whether it is shut out. */
function statusOf(traces: readonly FamilyTrace[]): number {
  const verdicts = traces.map(({ trace }) => trace.verdict);
  if (verdicts.includes("accepted")) return EXIT.done;
  return verdicts.some((verdict) => verdict === "unknown" || verdict === "queued")
    ? EXIT.unknown
    : EXIT.refused;
}
