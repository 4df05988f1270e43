import type { Family } from "../../firewall/address.ts";
import { good, type Result } from "../../firewall/result.ts";
import type { Failure } from "../../system/failure.ts";
import type { Trace } from "../../trace/verdict.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Question, readQuestion } from "../question.ts";
import { FAMILY_NAMES } from "../../text/words.ts";
import { readNft, readStages } from "../stages.ts";
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
  const nft = readNft(context.system);
  const seen = await Promise.all(
    families.map((one) => traceFamily(context, { family: one, question: question.value, nft })),
  );
  const traces: FamilyTrace[] = [];
  for (const one of seen) {
    if (one.ok) traces.push(one.value);
    else if (isWithout(one.problem) && traces.length > 0) {
      context.report.note(`note: no IPv6 here (${one.problem.message})`);
    } else return context.report.failed(one.problem);
  }
  return await tell(traces, { call, context });
}

interface FamilyTrace {
  readonly family: Family;
  readonly trace: Trace;
  /** Whether both iptables have tables, so that a rule's backend has to be named. */
  readonly backends: boolean;
}

/** Whether the machine lacks the second family, which is IPv6. */
function isWithout({ kind }: Failure): boolean {
  return kind === "absent" || kind === "no-family";
}

async function traceFamily(
  { system }: Context,
  { family, question, nft }: {
    family: Family;
    question: Question;
    nft: ReturnType<typeof readNft>;
  },
): Promise<Result<FamilyTrace, Failure>> {
  const needsRoute = question.on === null && question.from === null;
  const read = await readStages(system, { family, nft, needsRoute });
  if (!read.ok) return read;
  const { stages, addresses, backends, outside } = read.value;
  const { outsider, packetFrom, traceStages } = await import("../tracing.ts");
  const options = {
    now: system.now(),
    interface: question.on ?? outside,
    destination: question.to,
    established: question.established,
  };
  const to = { family, protocol: question.protocol, port: question.port };
  const packet = question.from === null
    ? outsider(to, options)
    : packetFrom(to, question.from, options);
  if (packet === null) throw new TypeError("an address that was checked is none");
  const machine = addresses === null ? {} : { addresses };
  return good({ family, backends, trace: traceStages(stages, packet, machine) });
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
