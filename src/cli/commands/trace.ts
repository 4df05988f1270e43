import { loadTracer, type Tracer } from "../lazy.ts";
import type { Service } from "../../firewall/service.ts";
import { unconfirmedServiceOf } from "../../firewall/unconfirmed.ts";
import { jsonText } from "../../text/printable.ts";
import { FAMILY_NAMES } from "../../text/words.ts";
import type { Trace } from "../../trace/verdict.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type Ground, readGrounds } from "../kernel/trace_stages.ts";
import { type Question, readQuestion } from "../input/question.ts";
import { readRulesFile } from "../input/rules_file.ts";
import { misused } from "../input/words.ts";

/** Shows what a packet meets. */
export const trace: Command = {
  name: "trace",
  summary: "what a packet meets, and which rule decides",
  operand: {
    name: "PROTOCOL PORT from ADDRESS",
    min: 4,
    max: 9,
    completes: [["tcp", "udp"], [], ["from"], ["anyone"], ["on", "to", "established"]],
  },
  options: [
    {
      name: "file",
      value: "FILE",
      completes: "pk-file",
      help: "Ask a rules file, as if the machine had no other rules and INPUT accepted",
    },
    { name: "all", help: "With --file: the kernel as it would be after `load FILE`" },
    { name: "json", help: "For programs: one JSON object with one member per family" },
  ],
  details: [
    "The port is followed, in any order, by `from ADDRESS` or `from anyone`; `on INTERFACE`; `to ADDRESS`, " +
    "one of this machine's; `established` for a packet of an established connection.",
    "`from anyone` is a packet that opens a connection from an address that no rule names. Unless `on` " +
    "says otherwise, it comes in by the interface of the default route.",
    "Follows the packet through the tables raw, mangle, nat and filter of both iptables, whatever " +
    "--backend says, and through those that only nft has. Takes no lock and changes nothing.",
    "Exit status 0: it gets in (`from anyone`: in one family at least). 1: it does not. 5: that depends " +
    "on what the rules alone do not decide, such as a rate or a set; the last line names it. That " +
    "is never guessed.",
    "The rules on the way go to standard error, the last line to standard output. The fields of --json " +
    "are described by `pktables help json`.",
  ],
  examples: [
    { line: "pktables trace tcp 22 from 203.0.113.9", does: "would this address get in?" },
    { line: "pktables trace tcp 22 from anyone", does: "is it closed to everyone else?" },
    { line: "pktables trace udp 53 from 192.0.2.7 on eth1", does: "on that interface" },
    { line: "pktables trace tcp 22 from anyone --file rules.pk --all", does: "after a `load`?" },
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
  const services = await readServices(call, context);
  if (typeof services === "number") return services;
  await context.system.dropFileAccess();
  const tracing = loadTracer();
  const grounds = await readGrounds(context, {
    tracing,
    families: family === null ? call.global.families : [family],
    global: call.global,
    services,
    needsRoute: question.value.on === null && question.value.from === null,
    all: call.options.has("all"),
  });
  if (!grounds.ok) {
    context.report.failed(grounds.problem);
    // Not status 1: that would mean that the packet does not get in.
    return EXIT.unknown;
  }
  const tracer = await tracing;
  const now = context.system.now();
  const traces = grounds.value.map((ground): FamilyTrace => ({
    ...ground,
    trace: traceOn(ground, { tracer, question: question.value, services: services ?? [], now }),
  }));
  return printTraces(traces, { tracer, call, context });
}

/** The services of the file of --file, if given; the exit status if it has errors. */
async function readServices(
  call: Invocation,
  context: Context,
): Promise<readonly Service[] | null | number> {
  const path = call.options.get("file");
  if (path !== undefined) return (await readRulesFile(path, context))?.services ?? EXIT.file;
  if (!call.options.has("all")) return null;
  return misused(context, { message: "`--all` needs `--file`", help: null });
}

/** What a packet meets in one family. */
interface FamilyTrace extends Ground {
  readonly trace: Trace;
}

function traceOn(
  ground: Ground,
  { tracer, question, services, now }: {
    tracer: Tracer;
    question: Question;
    services: readonly Service[];
    now: number;
  },
): Trace {
  const { family } = ground;
  const to = { family, protocol: question.protocol, port: question.port };
  const asked = question.on === null && question.from === null;
  const given = { services, interface: ground.interface };
  const options = {
    now,
    interface: asked ? tracer.interfaceOf(to, given) : question.on,
    destination: question.to,
    established: question.established,
  };
  const packet = question.from === null
    ? tracer.outsider(to, options)
    : tracer.packetFrom(to, question.from, options);
  if (packet === null) throw new TypeError("an address that was checked is none");
  return tracer.traceStages(ground.stages, packet, ground.machine);
}

function printTraces(
  traces: readonly FamilyTrace[],
  { tracer, call, context }: { tracer: Tracer; call: Invocation; context: Context },
): number {
  const { report, system } = context;
  const { describeTrace, describeWay } = tracer;
  const now = system.now();
  if (call.options.has("json")) {
    const members = traces.map(({ family, trace }) => [
      family,
      toJson(trace, describeTrace(trace, { now })),
    ]);
    report.result(jsonText(Object.fromEntries(members), 2));
    return statusOf(traces);
  }
  for (const { family, trace, backends } of traces) {
    const head = traces.length > 1 ? `${FAMILY_NAMES[family]}: ` : "";
    const options = { now, backends };
    for (const line of describeWay(trace, options)) report.note(`${head}${line}`);
    report.result(`${head}${describeTrace(trace, options)}`);
  }
  const chains = traces.flatMap(({ trace }) => trace.outcomes.flatMap(({ path }) => path));
  if (chains.some(({ chain }) => unconfirmedServiceOf(chain) !== null)) {
    report.note("note: this applies while rules are unconfirmed: `pktables list` shows how long");
  }
  return statusOf(traces);
}

/** The shape of a family's member in `trace --json`, as `pktables help json` describes it. */
function toJson({ verdict, outcomes, depends }: Trace, words: string): object {
  return {
    verdict,
    words,
    outcomes: outcomes.map(({ verdict, by, reason, path, translated }) => (
      { verdict, by, reason, path, translated }
    )),
    depends,
  };
}

/** One family by which the packet gets in is enough to answer whether the port is closed. */
function statusOf(traces: readonly FamilyTrace[]): number {
  const verdicts = traces.map(({ trace }) => trace.verdict);
  if (verdicts.includes("accepted")) return EXIT.done;
  return verdicts.some((verdict) => verdict === "unknown" || verdict === "queued")
    ? EXIT.unknown
    : EXIT.refused;
}
