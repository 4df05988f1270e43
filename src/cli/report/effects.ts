import { loadTracer, type Tracer } from "../lazy.ts";
import type { Family } from "../../firewall/address.ts";
import { chainOf, knockedServiceOf, type Service } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { unconfirmedChainOf } from "../../firewall/unconfirmed.ts";
import { FAMILY_NAMES } from "../../text/words.ts";
import type { Chain } from "../../trace/tables.ts";
import type { Trace } from "../../trace/verdict.ts";
import type { Outcome } from "../../trace/way.ts";
import type { Context } from "../command.ts";
import { interfacesToAsk, mayBeBehind, portsToAsk, reachable } from "../kernel/asked.ts";
import { type FamilyStages, readNft, readStages } from "../kernel/read_stages.ts";

/** What a service wants, as far as a packet of an outsider can show it. */
export type Asked = Pick<
  Service,
  "name" | "protocol" | "ports" | "policy" | "families" | "interface" | "knocks"
>;

/** What to check. */
export interface Question {
  /** The family of the packets. */
  readonly families: readonly Family[];
  /** The services. */
  readonly services: readonly Asked[];
  /** Texts of rules in services' chains that were already reported. */
  readonly reported?: ReadonlySet<string>;
}

/** What an outsider's packet to a port of a service meets, if that is not what the service says. */
export interface Effect {
  /** The service. */
  readonly name: string;
  /** Whether it is not what the service says, or unknown. */
  readonly kind: "wrong" | "unknown";
  /** One sentence without a full stop, with the family. */
  readonly text: string;
}

/**
 * Adds to services the knocks that the kernel hears for them.
 *
 * @param tables what the services were read from
 * @returns the unchanged services if it hears none
 */
export async function withKnocks(
  asked: readonly Asked[],
  tables: readonly FilterTable[],
): Promise<readonly Asked[]> {
  if (
    !tables.some(({ chainNames }) => chainNames.some((name) => knockedServiceOf(name) !== null))
  ) {
    return asked;
  }
  const { readKernelKnocks } = await loadTracer();
  return asked.map((one) => {
    const heard = tables.filter(({ family }) => one.families.includes(family))
      .map((table) => readKernelKnocks(table, one.name));
    // Where one family alone hears a knock, the other one is asked for it as well.
    return { ...one, knocks: heard.find((knocks) => knocks.length > 0) ?? [] };
  });
}

/**
 * Determines what an outsider meets at the ports of services (packet.md): all tables of both iptables and
 * of nft count, whatever the service's own chain says.
 *
 * @returns what is not as the services say; a warning if the tables cannot be read
 */
export async function findEffects(
  { system, report }: Context,
  { families, services, reported = new Set() }: Question,
): Promise<Effect[]> {
  if (services.length === 0) return [];
  const tracing = loadTracer();
  const nft = readNft(system);
  const needsRoute = services.some((service) => service.interface === null);
  const effects: Effect[] = [];
  for (const family of families) {
    const covered = services.filter(({ families }) => families.includes(family));
    if (covered.length === 0) continue;
    const read = await readStages(system, { family, nft, needsRoute, tracing });
    if (!read.ok) {
      if (read.problem.kind === "absent" || read.problem.kind === "no-family") continue;
      report.warn(`cannot check what a packet meets: ${read.problem.message}`);
      return effects;
    }
    const tracer = await tracing;
    const basis = { tracer, read: read.value, now: system.now(), reported, ...textsIn(read.value) };
    for (const service of covered) {
      for (const effect of [judge(service, basis), judgeKnocks(service, basis)]) {
        if (effect !== null) effects.push(effect);
      }
    }
  }
  return effects;
}

/** Warns of what is not as the services say, and prints a note for what is unknown. */
export async function reportEffects(
  context: Context,
  question: Question,
): Promise<void> {
  for (const { kind, text } of await findEffects(context, question)) {
    if (kind === "wrong") context.report.warn(text);
    else context.report.note(`note: ${text}`);
  }
}

/** What an outsider's packet is judged by. */
interface Basis {
  readonly tracer: Tracer;
  readonly read: FamilyStages;
  readonly now: number;
  readonly reported: ReadonlySet<string>;
  /** The rules that may decide by a port: of INPUT and of the chains behind it. */
  readonly ofInput: () => readonly string[];
  /** The rules of all tables. */
  readonly ofAll: () => readonly string[];
}

/** The texts of rules, which all services of a family share; each is read when it is asked for. */
function textsIn({ stages }: FamilyStages): Pick<Basis, "ofInput" | "ofAll"> {
  const filter = stages.find(({ hook, table }) => hook === "input" && table.name === "filter");
  const chainsOfInput = () => {
    const behind = [...filter?.table.chains.values() ?? []].filter(({ name }) => mayBeBehind(name));
    return [filter?.chain ?? [], behind].flat();
  };
  let [input, all]: (readonly string[] | null)[] = [null, null];
  return {
    ofInput: () => input ??= chainsOfInput().flatMap(textsOf),
    ofAll: () => all ??= stages.flatMap(({ table }) => [...table.chains.values()].flatMap(textsOf)),
  };
}

/** The first port of a service at which an outsider does not meet what it says. */
function judge(service: Asked, basis: Basis): Effect | null {
  const { addresses, outside } = basis.read;
  const interfaces = interfacesToAsk(service.interface, { outside, rules: basis.ofAll });
  let unknown: Effect | null = null;
  for (const port of portsToAsk(service.ports, basis.ofInput)) {
    for (const [at, on] of interfaces.entries()) {
      // Of a wildcard the first stands for all that no rule names.
      const where = FAMILY_NAMES[basis.read.family] + (at === 0 || on === null ? "" : ` on ${on}`);
      const effect = meet(service, { ...basis, port, on, where, destination: null });
      if (effect === null) continue;
      if (effect.kind === "wrong") return effect;
      unknown ??= effect;
      // A rule may name one of the machine's addresses: a port that is open at that one is open.
      for (const destination of reachable(addresses ?? [])) {
        const there = meet(service, { ...basis, port, on, where, destination });
        if (there?.kind === "wrong") return there;
      }
    }
  }
  return unknown;
}

function textsOf(chain: Chain): string[] {
  return Array.from({ length: chain.length }, (_, at) => chain.text(at));
}

/** The first step of a knock `by kernel` whose packet does not reach the chain that hears it. */
function judgeKnocks(service: Asked, { tracer, read, now }: Basis): Effect | null {
  const { family, stages, addresses, backends } = read;
  // One interface of a wildcard is like any other.
  const on = service.interface?.replace(/\+$/, "0") ?? read.outside;
  const options = { now, interface: on, destination: null };
  const machine = addresses === null ? {} : { addresses };
  for (const { chain, steps } of tracer.knockChainsOf(service, family)) {
    const isHeard = ({ path }: Outcome) => path.some(({ text }) => text.endsWith(` -j ${chain}`));
    for (const { protocol, port } of steps) {
      const packet = tracer.outsider({ family, protocol, port }, options);
      const trace = tracer.traceStages(stages, packet, machine);
      if (trace.outcomes.some(isHeard)) continue;
      const words = tracer.describeTrace(trace, { now, backends }).replace(/^unknown: /, "");
      const where = `${protocol} port ${port}`;
      // Of two ways with the same end only one is reported, and the other may have led through the chain.
      const [kind, what] = trace.sure
        ? ["wrong", `the knock of ${service.name} is not heard at ${where}`] as const
        : [
          "unknown",
          `whether the knock of ${service.name} is heard at ${where} is not known`,
        ] as const;
      return { name: service.name, kind, text: `${FAMILY_NAMES[family]}: ${what}: ${words}` };
    }
  }
  return null;
}

/** What an outsider meets at one port, if it is not what the service says; without a destination at any address. */
function meet(
  service: Asked,
  { tracer, read, now, reported, port, on, where, destination }: Basis & {
    port: number;
    on: string | null;
    /** The family and the interface in words. */
    where: string;
    destination: string | null;
  },
): Effect | null {
  const { describeOutcome, describeTrace, outsider, traceStages } = tracer;
  const { name, protocol, policy } = service;
  const { family, stages, addresses, backends } = read;
  const options = { now, interface: on, destination };
  const machine = addresses === null ? {} : { addresses };
  const packet = outsider({ family, protocol, port }, options);
  const trace = traceStages(stages, packet, machine);
  const strays = trace.outcomes.filter((one) => !isAsWanted(one, { service, reported }));
  const [stray] = strays;
  if (stray === undefined) {
    // What follows the service's table decides about its doors.
    const open = trace.outcomes.flatMap(({ path }) => path).find(({ chain }) => isOwn(chain, name));
    const door = traceStages(stages, packet, { ...machine, open: open?.chain ?? chainOf(name) });
    if (door.verdict !== "dropped" && door.verdict !== "rejected") return null;
    const what = `port ${port} is closed behind ${name}, and its doors open nothing`;
    return {
      ...{ name, kind: "wrong" },
      text: `${where}: ${what}: ${describeTrace(door, { now, backends })}`,
    };
  }
  const isKnown = trace.verdict !== "unknown";
  if (isKnown && strays.length < trace.outcomes.length) {
    // It ends the same, but a door's packet may end there as well.
    const perhaps = `perhaps ${describeOutcome(stray, { now, backends })}`;
    const what = `cannot tell whether packets to port ${port} reach ${name}`;
    return { name, kind: "unknown", text: `${where}: ${what}: ${perhaps}` };
  }
  const what = describeEffect(trace, { port, name, policy });
  const words = describeTrace(trace, { now, backends }).replace(/^unknown: /, "");
  return { name, kind: isKnown ? "wrong" : "unknown", text: `${where}: ${what}: ${words}` };
}

/** Whether a chain is that of a service, confirmed or not. */
function isOwn(chain: string, name: string): boolean {
  return chain === chainOf(name) || chain === unconfirmedChainOf(name);
}

/** Whether this end is as wanted: the service's own chain decides, or all are let in and so is this one. */
function isAsWanted(
  { verdict, by, path }: Outcome,
  { service: { name, policy }, reported }: { service: Asked; reported: ReadonlySet<string> },
): boolean {
  if (policy === "accept" && verdict === "accepted") return true;
  const own = path.find(({ chain }) => isOwn(chain, name));
  if (own === undefined) return false;
  // Its table lets in everyone: what drops packets anyway is in another one.
  if (policy === "accept" && (by?.table !== own.table || by.backend !== own.backend)) return false;
  // A foreign rule or a door lets everyone in there.
  return verdict !== "accepted" || by !== null && reported.has(by.text);
}

function describeEffect(
  { verdict }: Trace,
  { port, name, policy }: { port: number; name: string; policy: Service["policy"] },
): string {
  const isClosed = policy !== "accept";
  switch (verdict) {
    case "accepted": // and not wanted: one that lets everyone in is as it should be then
      return `port ${port} is open to everyone`;
    case "dropped":
    case "rejected":
      return isClosed
        ? `port ${port} is closed ahead of ${name}, and its doors open nothing`
        : `port ${port} is closed to everyone`;
    case "redirected":
      return `packets to port ${port} do not reach ${name}`;
    case "queued":
      return `packets to port ${port} are decided ahead of ${name}`;
    default:
      return `cannot tell what packets to port ${port} meet`;
  }
}
