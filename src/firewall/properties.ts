// The properties of a service, one entry each: how it is read from the kernel, which rules it makes and where
// they go, how it is printed, and the default of `init`. Everything that needs all of them is derived.
import type { Family } from "./address.ts";
import type { Verdict } from "./chain_end.ts";
import { formatPort, normalizePorts, type PortRange } from "./port.ts";
import { doorListOf, type FixedKind, type JumpMatch, type OwnRule, type Rule } from "./rule.ts";
import {
  formatRate,
  type Log,
  LOG_LEVELS,
  type Policy,
  printedRate,
  type Service,
} from "./service.ts";

/** The properties of a service, except its name and place. */
export type PropertyName = Exclude<keyof Service, "name" | "families">;

/**
 * Those that are not a single value: allowed addresses are shown one by one, with the doors, and knocks that
 * the kernel hears have chains of their own (kernel_knock.ts).
 */
export type ListName = "allow" | "knocks";

/** Those that are a single value. */
export type SeenName = Exclude<PropertyName, ListName>;

/** A property as the kernel has it; `null` if no rule shows it. */
export type Seen<K extends SeenName> =
  | Service[K]
  | (K extends "protocol" | "policy" ? null : never);

/** All properties of a service that the kernel's rules show. */
export type SeenProperties = { readonly [K in SeenName]: Seen<K> };

/** The rules that show a service in one family. */
export interface Evidence {
  /** The jumps to its chain that this tool understands, from top to bottom. */
  readonly matches: readonly JumpMatch[];
  /** The rules of its chain that packets reach, from top to bottom. */
  readonly reached: readonly Rule[];
  /** What ends the chain; `null` if packets fall through it. */
  readonly verdict: Verdict | null;
}

/** The definition of a property. */
export interface Made<K extends PropertyName> {
  /** The default of `init`. */
  readonly init: Service[K];
  /** Its rules in the chain, all of one kind; none for one of the jump. */
  readonly rules?: (service: Service, family: Family) => readonly OwnRule[];
  /** The rank of its rules in the chain: lower ranks are above. */
  readonly rank?: number;
  /** The kind of its rules, if it differs from the name of the property. */
  readonly kind?: OwnRule["kind"];
}

/** A property that is one value. */
export interface Property<K extends SeenName> extends Made<K> {
  /** Its name in messages, as on the command line. */
  readonly label: string;
  /** Whether it is a property of the jump: it is unknown without one that is understood. */
  readonly inJump?: true;
  /** Reads it from the kernel's rules. */
  readonly see: (evidence: Evidence) => Seen<K>;
  /** In words for comparing, the same for what is the same to the kernel; `null` if unknown. */
  readonly print: (value: Seen<K>) => string | null;
  /** In the table of `list`, after the service's name; `null` for nothing. */
  readonly column?: (value: Seen<K>) => string | null;
  /** In `list --json`, if not the value itself. */
  readonly json?: (value: Seen<K>) => unknown;
}

/** A table of all properties that are one value. */
export type SeenTable = { readonly [K in SeenName]: Property<K> };

/** All properties. Comparisons and JSON have them in this order. */
export const PROPERTIES: SeenTable & { readonly [K in ListName]: Made<K> } = {
  protocol: {
    label: "protocol",
    inJump: true,
    see: ({ matches }) => matches[0]?.protocol ?? null,
    print: (protocol) => protocol,
    column: (protocol) => protocol,
    init: "tcp",
  },
  ports: {
    label: "ports",
    inJump: true,
    see: ({ matches }) => normalizePorts(matches.flatMap(({ ports }) => ports)),
    print: formatPorts,
    column: (ports) => ports.length === 0 ? null : formatPorts(ports),
    json: (ports) => ports.map((range) => formatPort(range)),
    // `--port` is required.
    init: [],
  },
  syn: {
    label: "syn",
    inJump: true,
    see: ({ matches }) => matches.length > 0 && matches.every(({ syn }) => syn),
    print: yesNo,
    column: (syn) => syn ? "syn" : null,
    init: false,
  },
  interface: {
    label: "interface",
    inJump: true,
    see: ({ matches }) => matches[0]?.interface ?? null,
    print: (name) => name ?? "any",
    column: (name) => name === null ? null : `on ${name}`,
    init: null,
  },
  policy: {
    label: "policy",
    see: ({ verdict }) => POLICIES.find((policy) => policy === verdict) ?? null,
    print: (policy) => policy,
    rules: ({ policy, protocol }) => [{ kind: "policy", policy, protocol }],
    rank: 40,
    init: "drop",
  },
  established: flag("established", 10),
  log: {
    label: "log",
    see: ({ reached }) => reached.find((rule) => rule.kind === "log")?.log ?? null,
    print: formatLog,
    json: logToJson,
    rules: ({ log }) => log === null ? [] : [{ kind: "log", log }],
    rank: 30,
    init: null,
  },
  allow: {
    rules: ({ allow }, family) =>
      (allow ?? []).flatMap((address) =>
        address.family === family ? [{ kind: "allow", address } as const] : []
      ),
    rank: 20,
    init: null,
  },
  knocks: {
    kind: "knocked",
    rules: ({ name, knocks = [] }, family) =>
      knocks.map(({ for: seconds }, at) => (
        { kind: "knocked", list: doorListOf(name, { number: at + 1, family }), seconds, family }
      )),
    rank: 25,
    init: undefined,
  },
};

/** A boolean property, which the compiler takes for that of any of the flags. */
interface Flag extends Made<FixedKind> {
  readonly label: string;
  readonly see: (evidence: Evidence) => boolean;
  readonly print: (value: boolean) => string;
}

/** A boolean property that makes one fixed rule. */
function flag(name: FixedKind, rank: number): Flag {
  return {
    label: name,
    see: ({ reached }) => reached.some(({ kind }) => kind === name),
    print: yesNo,
    rules: (service) => service[name] ? [{ kind: name }] : [],
    rank,
    init: false,
  };
}

const NAMES = Object.keys(PROPERTIES) as readonly PropertyName[];

/** The properties that are one value, in the order of the table. */
export const SEEN_NAMES: readonly SeenName[] = NAMES.filter((name): name is SeenName =>
  "see" in PROPERTIES[name]
);

/** A property that is one value. */
export function propertyOf<K extends SeenName>(name: K): Property<K> {
  const table: SeenTable = PROPERTIES;
  return table[name];
}

/** The properties that make rules, from the top of a chain to its end. */
const IN_CHAIN = NAMES.map((name): [string, Made<PropertyName>] => [name, PROPERTIES[name]])
  .filter(([, { rank }]) => rank !== undefined)
  .sort(([, a], [, b]) => a.rank! - b.rank!);

/** The rules of a service's chain, from top to bottom, with its allowed addresses and no door. */
export function chainRulesOf(service: Service, family: Family): OwnRule[] {
  return IN_CHAIN.flatMap(([, { rules }]) => rules?.(service, family) ?? []);
}

/**
 * The rank of a kind of rule in its chain: lower ranks are above. Doors are among the allowed
 * addresses, jumps to other services at the end.
 */
export const RANKS = {
  ...Object.fromEntries(IN_CHAIN.map(([name, { rank, kind = name }]) => [kind, rank])),
  door: PROPERTIES.allow.rank,
  jump: PROPERTIES.policy.rank,
} as Readonly<Record<OwnRule["kind"], number>>;

const POLICIES: readonly Policy[] = ["drop", "accept", "reject"];

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

/** Prints a port list in the syntax of the command line and the language. */
export function formatPorts(ports: readonly PortRange[]): string {
  return ports.map((range) => formatPort(range)).join(",");
}

/** Prints a log in words; two logs that are the same to the kernel print the same. */
export function formatLog(log: Log | null): string {
  if (log === null) return "none";
  const words = log.prefix === null ? [] : [`prefix ${JSON.stringify(log.prefix)}`];
  words.push(`level ${LOG_LEVELS[log.level] ?? log.level}`);
  if (log.limit !== null) {
    words.push(`limit ${formatRate(printedRate(log.limit))}`, `burst ${log.burst}`);
  }
  return words.join(" ");
}

function logToJson(log: Log | null): unknown {
  if (log === null) return null;
  const { prefix, level, limit, burst } = log;
  const rate = limit === null ? null : formatRate(limit);
  return { prefix, level, limit: rate, burst: limit === null ? null : burst };
}
