import { type Address, compareAddresses, type Family, formatAddress } from "../firewall/address.ts";
import { type Counters, type FilterTable, type SeenRule } from "../firewall/table.ts";
import { chainOf, formatRate, type Log } from "../firewall/service.ts";
import { type SeenService, seeService } from "../firewall/survey.ts";

/** An address that gets in, with what is known of it. */
export interface DoorView extends Counters {
  /** Who gets in. */
  readonly address: Address;
  /** `allow` for an address of a rules file, `door` for one that was let in by `add`. */
  readonly kind: "allow" | "door";
  /** Seconds since 1970; `null` for no end. */
  readonly until: number | null;
}

/** A service in the families in which it is the same. */
export interface ServiceView extends Counters {
  /** Without the `pk-` of its chain. */
  readonly name: string;
  /** The families that have its chain, all alike, IPv4 first. */
  readonly families: readonly Family[];
  /** What their rules say. */
  readonly seen: SeenService;
  /** Of all families, in address order, IPv4 first. */
  readonly doors: readonly DoorView[];
}

/** All services of the tables, by name. */
export function viewServices(tables: readonly FilterTable[]): ServiceView[] {
  const names = new Set(tables.flatMap((table) => table.serviceNames));
  return [...names].sort().flatMap((name) => viewService(tables, name));
}

/**
 * One service: one view if the families agree, else one for each family, so that a port that is closed
 * on IPv4 and open on IPv6 is not shown as closed.
 *
 * @returns nothing if no table has it
 */
export function viewService(tables: readonly FilterTable[], name: string): ServiceView[] {
  const alike = new Map<string, { table: FilterTable; seen: SeenService }[]>();
  for (const table of tables) {
    const seen = seeService(table, name);
    if (seen === null) continue;
    const print = fingerprint(seen);
    alike.set(print, [...alike.get(print) ?? [], { table, seen }]);
  }
  return [...alike.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [viewFamilies(name, [first, ...rest])]
  );
}

function viewFamilies(
  name: string,
  found: readonly [
    { table: FilterTable; seen: SeenService },
    ...{ table: FilterTable; seen: SeenService }[],
  ],
): ServiceView {
  const jumps = found.flatMap(({ seen }) => seen.jumps);
  return {
    name,
    families: found.map(({ table }) => table.family),
    seen: found[0].seen,
    doors: found.flatMap(({ table }) => viewDoors(table.rules(chainOf(name)))),
    packets: jumps.reduce((sum, { packets }) => sum + packets, 0),
    bytes: jumps.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** What a service looks like, without its doors, counters and place in INPUT. */
function fingerprint({ jumps: _jumps, ...rest }: SeenService): string {
  return JSON.stringify(rest);
}

function viewDoors(rules: readonly SeenRule[]): DoorView[] {
  return rules.flatMap(({ rule, packets, bytes }): DoorView[] => {
    if (rule.kind === "allow") return [{ ...rule, until: null, packets, bytes }];
    if (rule.kind !== "door") return [];
    const { address, until, kind } = rule;
    return [{ address, until, kind, packets, bytes }];
  }).sort((a, b) => compareAddresses(a.address, b.address));
}

/** The services as `list --json` prints them. The shape is stable; `version` grows if it changes. */
export function toJson(services: readonly ServiceView[], now: number): unknown {
  return { version: 1, services: services.map((service) => serviceToJson(service, now)) };
}

function serviceToJson(service: ServiceView, now: number): unknown {
  const { seen } = service;
  return {
    name: service.name,
    families: service.families,
    protocol: seen.protocol,
    ports: seen.ports.map(({ from, to }) => from === to ? String(from) : `${from}-${to}`),
    syn: seen.syn,
    interface: seen.interface,
    policy: seen.policy,
    established: seen.established,
    log: seen.log === null ? null : logToJson(seen.log),
    doors: service.doors.map((door) => doorToJson(door, now)),
    packets: service.packets,
    bytes: service.bytes,
  };
}

function logToJson({ prefix, level, limit, burst }: Log): unknown {
  const rate = limit === null ? null : formatRate(limit);
  return { prefix, level, limit: rate, burst: limit === null ? null : burst };
}

function doorToJson({ address, kind, until, packets, bytes }: DoorView, now: number): unknown {
  return {
    address: formatAddress(address),
    family: address.family,
    kind,
    expires: until === null ? null : `${new Date(until * 1000).toISOString().slice(0, 19)}Z`,
    secondsLeft: until === null ? null : secondsLeft(until, now),
    packets,
    bytes,
  };
}

/** Seconds until the kernel closes a door; the second that it names still counts. */
export function secondsLeft(until: number, now: number): number {
  return Math.max(0, Math.ceil(until + 1 - now));
}
