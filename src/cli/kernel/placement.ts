import { loadTracer } from "../lazy.ts";
import type { Family } from "../../firewall/address.ts";
import { BUILT_IN, shapeOf } from "../../firewall/chain_end.ts";
import { CHAIN_PREFIX, chainOf, type Service } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { FAMILY_NAMES } from "../../text/words.ts";
import type { Deciders } from "../../trace/deciders.ts";
import type { Context } from "../command.ts";
import { includesInterface, interfacesToAsk, mayBeBehind, portsToAsk, reachable } from "./asked.ts";
import { addKnockPlaces, type PlacedChains } from "./knock_places.ts";
import { type Place, type Placement, warnOfPlaces } from "../report/place.ts";

/** At most this many rules that no longer let anyone in are named. */
const MOST_OVERRULED = 4;

/**
 * Finds the places of jumps in INPUT (packet.md, "Where a jump goes"): a new jump goes to the end or, if
 * an earlier rule would decide an outsider's packet to one of the service's ports, directly ahead of the
 * first such rule. Jumps to other services' chains are not overtaken: of two services that match the same
 * packets the first one wins.
 *
 * @param table the family's table as it is
 * @param options `move` also looks for a place for jumps that are there
 */
async function findPlaces(
  { system }: Context,
  { table, services, move, chains = SERVICES }: {
    table: FilterTable;
    services: readonly Service[];
    move: boolean;
    /** The jumps to place; those to chains of the same kind are not overtaken. */
    chains?: PlacedChains;
  },
): Promise<Placement> {
  const asked = services.filter(({ name, families }) =>
    families.includes(table.family) && (move || table.jumpsTo(chains.of(name)).length === 0)
  );
  const input = table.rules("INPUT");
  const others = input.flatMap((rule, at) => chains.isJump(rule) ? [] : [at]);
  if (asked.length === 0 || others.length === 0) return NOWHERE;
  const texts = input.map(({ text }) => text);
  let all: readonly string[] | null = null;
  const rules = () =>
    all ??= [
      ...texts,
      ...table.chainNames.filter(mayBeBehind)
        .flatMap((name) => table.rules(name).map(({ text }) => text)),
    ];
  const { decidersOf, readTables } = await loadTracer();
  const read = (count: number) =>
    readTables(printTable(table, others.slice(count)), { family: table.family });
  let tail = { count: 0, ruleset: read(0) };
  const needsRoute = asked.some((service) => service.interface === null);
  const route = needsRoute ? await system.surroundings.defaultInterface(table.family) : null;
  const outside = route?.ok ? route.value : null;
  const now = system.now();
  let own: Promise<readonly string[]> | null = null;
  const places = new Map<string, Place>();
  const unknown: { name: string; at: number; text: string }[] = [];
  for (const service of asked) {
    const { place, perhaps } = await findPlace(service, {
      texts,
      rules,
      others,
      outside,
      ask: ({ port, ...more }, count = 0) => {
        const to = { protocol: service.protocol, port };
        if (tail.count !== count) tail = { count, ruleset: read(count) };
        return decidersOf(tail.ruleset, to, { now, ...more });
      },
      addresses: () => own ??= ownAddresses(system, table.family),
    });
    if (place !== null) places.set(service.name, place);
    for (const one of perhaps) unknown.push({ name: service.name, ...one });
  }
  return { places, unknown };
}

/** A packet to a service that is traced. */
interface Asked {
  readonly port: number;
  /** One of the machine's addresses; default: any of them. */
  readonly destination?: string;
  readonly established?: boolean;
  /** The interface by which it comes in; `null` if unknown. */
  readonly interface: string | null;
  /** Default: an address that no rule names. */
  readonly source?: string;
}

/** What determines the place of a jump. */
interface Surveyed {
  /** The rules of INPUT. */
  readonly texts: readonly string[];
  /** The same and those of the chains that INPUT may jump to. */
  readonly rules: () => readonly string[];
  /** The indexes of those that are not jumps to services. */
  readonly others: readonly number[];
  /** The interface of the default route; `null` if unknown. */
  readonly outside: string | null;
  /** What decides of `others` after the first `behind` (default: 0); counted from 1 there. */
  readonly ask: (asked: Asked, behind?: number) => Deciders;
  /** The machine's addresses. */
  readonly addresses: () => Promise<readonly string[]>;
}

/** The place of one service's jump, if it is not the end, and the rules ahead that may decide. */
async function findPlace(
  service: Service,
  { texts, rules, others, outside, ask, addresses }: Surveyed,
): Promise<{ place: Place | null; perhaps: { at: number; text: string }[] }> {
  const interfaces = interfacesToAsk(service.interface, { outside, rules });
  const first = portsToAsk(service.ports, rules).flatMap((port) =>
    interfaces.map((on): Asked => ({ port, interface: on }))
  );
  const found = first.map((asked) => ({ asked, deciders: ask(asked) }));
  for (const one of first.filter((_, at) => found[at]!.deciders.unknown.length > 0)) {
    for (const destination of await addresses()) {
      const asked = { ...one, destination };
      found.push({ asked, deciders: ask(asked) });
    }
  }
  const decided =
    found.flatMap(({ asked, deciders: { first } }) =>
      first === null || first.number > others.length ? [] : [{ asked, number: first.number }]
    ).sort((a, b) => a.number - b.number)[0];
  const last = Math.min(others.length, (decided?.number ?? Infinity) - 1);
  const numbers = found.flatMap(({ deciders }) => deciders.unknown.map(({ number }) => number));
  const perhaps = [...new Set(numbers)].filter((number) => number <= last)
    .map((number) => others[number - 1]!).map((at) => ({ at, text: texts[at]! }));
  if (decided === undefined) return { place: null, perhaps };
  const standing = ask({ ...decided.asked, established: true }).first;
  const letsIn = standing?.outcomes.some(({ verdict }) => verdict === "accepted") === true &&
    standing.number <= others.length && standing.number >= decided.number;
  const cuts = letsIn && !service.syn && !service.established && service.policy !== "accept";
  const at = others[decided.number - 1]!;
  const overruled: Place["overruled"][number][] = [];
  for (const at of service.policy === "accept" ? [] : others.slice(decided.number)) {
    if (overruled.length === MOST_OVERRULED) break;
    const asked = someoneOf(texts[at]!, service);
    if (asked === null) continue;
    const { port, interface: on } = decided.asked;
    const { first } = ask({ port, interface: on, ...asked }, decided.number);
    if (first?.outcomes.some(({ verdict }) => verdict === "accepted") !== true) continue;
    if (others[decided.number + first.number - 1] === at) overruled.push({ at, text: texts[at]! });
  }
  return { place: { at, text: texts[at]!, cuts, overruled }, perhaps };
}

/** A packet that a rule matches, if it is for some sources or an interface and the service too. */
function someoneOf(
  text: string,
  service: Service,
): Partial<Pick<Asked, "interface" | "source">> | null {
  const matches = shapeOf(text)?.matches ?? [];
  const valueOf = (option: string) =>
    matches.find((match) => match.startsWith(`${option} `))?.slice(option.length + 1);
  const on = valueOf("-i");
  const source = valueOf("-s")?.split("/")[0];
  if (on === undefined && source === undefined) return null;
  if (on !== undefined && !includesInterface(service.interface, on)) return null;
  return {
    ...(on === undefined ? {} : { interface: on.replace(/\+$/, "0") }),
    ...(source === undefined ? {} : { source }),
  };
}

/**
 * Finds the places in INPUT of all families, and warns of their consequences.
 *
 * @param options `append`: no service is placed; `move`: jumps that are there are placed as well
 * @returns one for each table, in their order
 */
export async function placeAll(
  context: Context,
  { tables, services, append, move }: {
    tables: readonly FilterTable[];
    services: readonly Service[];
    append: boolean;
    move: boolean;
  },
): Promise<Placement[]> {
  if (append) return tables.map(() => NOWHERE);
  const found: Placement[] = [];
  for (const table of tables) {
    const own = await findPlaces(context, { table, services, move });
    const placement = await addKnockPlaces(own, {
      table,
      services,
      find: (knocks, chains) => findPlaces(context, { table, services: knocks, move, chains }),
    });
    warnOfPlaces(context, { family: FAMILY_NAMES[table.family], placement });
    found.push(placement);
  }
  return found;
}

/** Some of the machine's own addresses: a port that is open at one of them is open. */
async function ownAddresses(
  { surroundings }: Context["system"],
  family: Family,
): Promise<readonly string[]> {
  const read = await surroundings.addresses(family);
  return read.ok ? reachable(read.value) : [];
}

const NOWHERE: Placement = { places: new Map(), unknown: [] };

/** Jumps to the chains of services. */
const SERVICES: PlacedChains = {
  of: chainOf,
  isJump: ({ rule }) => rule.kind === "jump" && rule.chain.startsWith(CHAIN_PREFIX),
};

/** The part of INPUT and the chains behind it that the tracer needs, as iptables-save prints it. */
function printTable(table: FilterTable, others: readonly number[]): string {
  const lines = ["*filter"];
  for (const chain of table.chainNames) {
    lines.push(`:${chain} ${BUILT_IN.has(chain) ? "ACCEPT" : "-"} [0:0]`);
  }
  const input = table.rules("INPUT");
  for (const chain of table.chainNames) {
    const rules = chain === "INPUT" ? others.map((at) => input[at]!) : table.rules(chain);
    for (const { text, isNative } of rules) {
      // A rule of nft may match on anything: an unknown match means that to the tracer.
      lines.push(`-A ${chain} ${isNative === true ? "-m nft " : ""}${text}`);
    }
  }
  return [...lines, "COMMIT", ""].join("\n");
}

/** The indexes alone, as the planner takes them. */
export function indexesOf({ places }: Placement): ReadonlyMap<string, number> {
  return new Map([...places].map(([name, { at }]) => [name, at]));
}
