import {
  type Address,
  compareAddresses,
  type Family,
  formatAddress,
} from "../../firewall/address.ts";
import { type Counters, type FilterTable, type ObservedRule } from "../../firewall/table.ts";
import {
  propertyOf,
  SEEN_NAMES,
  type SeenName,
  type SeenProperties,
} from "../../firewall/properties.ts";
import { chainOf } from "../../firewall/service.ts";
import { type ObservedService, observeService } from "../../firewall/survey.ts";
import { type Overrule, overruleOf } from "../../plan/overrule.ts";
import { rulesOfOthers } from "../../plan/others.ts";
import { isRestricted } from "../../plan/service_end.ts";
import type { Standing } from "../../plan/standing.ts";

/** An address that gets in. */
export interface DoorView {
  /** Who gets in. */
  readonly address: Address;
  /**
   * `allow` for an address of a rules file, `door` for one that was let in by `add`, `kernel` for one that
   * knocked `by kernel`.
   */
  readonly kind: "allow" | "door" | "kernel";
  /** Seconds since 1970; `null` for no end, or for an unknown one of a kernel's door. */
  readonly until: number | null;
  /** Whether it is behind the end of its chain, which no packet reaches. */
  readonly isDead: boolean;
  /** Packets that it let in; `null` if the kernel counts those of all such doors together. */
  readonly packets: number | null;
  /** Their bytes, likewise. */
  readonly bytes: number | null;
}

/** A rule that this tool did not write, as iptables-save prints it. */
export interface OtherView extends Counters {
  /** The family of the table. */
  readonly family: Family;
  /** The words behind `-A CHAIN`. */
  readonly text: string;
}

/** A service in the families in which it is the same. */
export interface ServiceView extends Counters {
  /** Without the `pk-` of its chain. */
  readonly name: string;
  /** The families that have its chain, all alike, IPv4 first. */
  readonly families: readonly Family[];
  /** Its properties, from the rules. */
  readonly observed: ObservedService;
  /** Whether the kernel opens it to a knock; such doors are on lists, not in rules. */
  readonly isKnocked: boolean;
  /** Of all families, in address order, IPv4 first. */
  readonly doors: readonly DoorView[];
  /** The rules of its chains that this tool does not understand. */
  readonly others: readonly OtherView[];
  /** The jumps to it that have further matches: fewer packets reach it than its ports say. */
  readonly restricted: readonly OtherView[];
  /** Foreign rules in its chain that decide every packet in place of its policy; by family. */
  readonly overruled: readonly { readonly family: Family; readonly overrule: Overrule }[];
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
  const alike = new Map<string, { table: FilterTable; observed: ObservedService }[]>();
  for (const table of tables) {
    const observed = observeService(table, name);
    if (observed === null) continue;
    const print = fingerprint(observed);
    alike.set(print, [...alike.get(print) ?? [], { table, observed }]);
  }
  return [...alike.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [viewFamilies(name, [first, ...rest])]
  );
}

function viewFamilies(
  name: string,
  found: readonly [
    { table: FilterTable; observed: ObservedService },
    ...{ table: FilterTable; observed: ObservedService }[],
  ],
): ServiceView {
  const jumps = found.flatMap(({ observed }) => observed.jumps);
  return {
    name,
    families: found.map(({ table }) => table.family),
    observed: found[0].observed,
    isKnocked: found.some(({ table }) =>
      table.rules(chainOf(name)).some(({ rule }) => rule.kind === "knocked")
    ),
    doors: found.flatMap(({ table }) => viewDoors(table, chainOf(name))),
    others: found.flatMap(({ table }) =>
      rulesOfOthers(table, name).map((rule) => viewOther(rule, table.family))
    ),
    restricted: found.flatMap(({ table, observed }) =>
      observed.jumps.filter(isRestricted).map((jump) => viewOther(jump, table.family))
    ),
    overruled: found.flatMap(({ table }) => {
      const overrule = overruleOf(table, { name, policy: null });
      return overrule === null ? [] : [{ family: table.family, overrule }];
    }),
    packets: jumps.reduce((sum, { packets }) => sum + packets, 0),
    bytes: jumps.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** A service without its doors, counters and place in INPUT, for comparing. */
function fingerprint({ jumps, end, ...rest }: ObservedService): string {
  const restricted = jumps.filter(isRestricted).length;
  return JSON.stringify({ ...rest, end: end?.verdict, own: end?.isPolicy, restricted });
}

function viewOther({ text, packets, bytes }: ObservedRule, family: Family): OtherView {
  return { family, text, packets, bytes };
}

function viewDoors(table: FilterTable, chain: string): DoorView[] {
  const end = table.endOf(chain)?.at ?? Infinity;
  return table.rules(chain).flatMap(({ rule, packets, bytes }, at): DoorView[] => {
    const isDead = at > end;
    if (rule.kind === "allow") return [{ ...rule, until: null, isDead, packets, bytes }];
    if (rule.kind !== "door") return [];
    const { address, until, kind } = rule;
    return [{ address, until, kind, isDead, packets, bytes }];
  }).sort((a, b) => compareAddresses(a.address, b.address));
}

/** What is unconfirmed of the services that are shown. */
export interface UnconfirmedView {
  /** The last second in which packets meet it, in seconds since 1970. */
  readonly until: number;
  /** Seconds until the kernel takes it back. */
  readonly secondsLeft: number;
  /** The services that are new, changed or removed, by name. */
  readonly names: readonly string[];
  /** The families in which they are. */
  readonly families: readonly Family[];
}

/** What is unconfirmed; `null` if nothing is, or if the kernel has taken it back. */
export function viewUnconfirmed(
  standing: readonly Standing[],
  now: number,
): UnconfirmedView | null {
  const open = standing.flatMap(({ table: { family }, found, isOver }) =>
    found === null || isOver ? [] : [{ family, ...found }]
  );
  if (open.length === 0) return null;
  const until = Math.min(...open.map(({ until }) => until));
  return {
    until,
    secondsLeft: secondsToConfirm(until, now),
    names: [...new Set(open.flatMap(({ names }) => names))].sort(),
    families: open.map(({ family }) => family),
  };
}

/** The services as `list --json` prints them. The shape is stable; `version` grows if it changes. */
export function toJson(services: readonly ServiceView[], now: number): object {
  return { version: 1, services: services.map((service) => serviceToJson(service, now)) };
}

/** What `list --json` adds while rules are unconfirmed; otherwise nothing. */
export function unconfirmedToJson(unconfirmed: UnconfirmedView | null): object {
  if (unconfirmed === null) return {};
  const { until, secondsLeft, names, families } = unconfirmed;
  const expires = `${new Date(until * 1000).toISOString().slice(0, 19)}Z`;
  return { unconfirmed: { expires, secondsLeft, services: names, families } };
}

function serviceToJson(service: ServiceView, now: number): unknown {
  const { observed } = service;
  return {
    name: service.name,
    families: service.families,
    ...Object.fromEntries(SEEN_NAMES.map((name) => [name, propertyToJson(name, observed)])),
    doors: service.doors.map((door) => doorToJson(door, now)),
    others: service.others.map(otherToJson),
    restrictedJumps: service.restricted.map(otherToJson),
    packets: service.packets,
    bytes: service.bytes,
  };
}

function propertyToJson<K extends SeenName>(name: K, observed: SeenProperties): unknown {
  const property = propertyOf(name);
  return property.json === undefined ? observed[name] : property.json(observed[name]);
}

function otherToJson({ family, text, packets, bytes }: OtherView): unknown {
  return { family, rule: text, packets, bytes };
}

function doorToJson(
  { address, kind, until, isDead, packets, bytes }: DoorView,
  now: number,
): unknown {
  return {
    address: formatAddress(address),
    family: address.family,
    kind,
    dead: isDead,
    expires: until === null ? null : `${new Date(until * 1000).toISOString().slice(0, 19)}Z`,
    secondsLeft: until === null ? null : secondsLeft(until, now),
    packets,
    bytes,
  };
}

/** Seconds in which unconfirmed rules can still be confirmed, including the last one. */
export function secondsToConfirm(until: number, now: number): number {
  return now >= until + 1 ? 0 : Math.max(1, Math.ceil(until - now));
}

/** Seconds until the kernel closes a door; the second of its end still counts. */
export function secondsLeft(until: number, now: number): number {
  return Math.max(0, Math.ceil(until + 1 - now));
}
