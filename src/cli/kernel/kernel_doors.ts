// The doors of kernel knocks. They are in no rule but on lists of xt_recent, so they are read and closed
// there. Loaded with the tracer, and only if a chain has a rule that checks such a list.
import {
  type Address,
  compareAddresses,
  coversAddress,
  parseAddress,
} from "../../firewall/address.ts";
import { isKnockRule } from "../../firewall/kernel_knock.ts";
import { type RecentEntry, secondsSince, type Ticks } from "../../firewall/recent_list.ts";
import { ok, type Result } from "../../result.ts";
import { doorListOf } from "../../firewall/rule.ts";
import { chainOf, knockedServiceOf, type KnockStep, type Service } from "../../firewall/service.ts";
import { readKernelKnocks } from "../../firewall/kernel_knock_reader.ts";
import type { FilterTable } from "../../firewall/table.ts";
import type { Failure } from "../../system/failure.ts";
import type { RecentState, System } from "../../system/system.ts";
import type { DoorView, ServiceView } from "../report/view.ts";

/** A list that a rule of a service's chain checks. */
interface DoorList {
  readonly service: string;
  readonly table: FilterTable;
  /** Its name. */
  readonly list: string;
  /** How long an address on it gets in. */
  readonly seconds: number;
  /** Index of the rule in the chain. */
  readonly at: number;
}

/** A list of those who have begun to knock. */
interface StageList {
  readonly service: string;
  readonly list: string;
  readonly seconds: number;
}

function doorListsOf(table: FilterTable, service: string): DoorList[] {
  return table.rules(chainOf(service)).flatMap(({ rule }, at) =>
    rule.kind === "knocked" ? [{ service, table, list: rule.list, seconds: rule.seconds, at }] : []
  );
}

/** The first stage of each knock that is heard; its list has the time of the first packet. */
function stageListsOf(table: FilterTable): StageList[] {
  const found = new Map<string, StageList>();
  for (const chain of table.chainNames) {
    const service = knockedServiceOf(chain);
    if (service === null) continue;
    for (const { text } of table.rules(chain)) {
      // A comment may look like a list.
      if (!isKnockRule(text)) continue;
      const [, seconds, list] = /--rcheck --seconds (\d+) --name (pk-\S+\.s1) /.exec(text) ?? [];
      if (list !== undefined) found.set(list, { service, list, seconds: Number(seconds) });
    }
  }
  return [...found.values()];
}

/** Whether an entry still counts; unknown without the kernel's clock. */
function isFresh(entry: RecentEntry, seconds: number, ticks: Ticks | null): boolean {
  return ticks === null || secondsSince(entry, ticks) <= seconds;
}

/** Services with the doors that knocks have opened, and warnings about the kernel's lists. */
export interface ShownDoors {
  /** The services. */
  readonly services: readonly ServiceView[];
  /** A sentence for each full list. */
  readonly full: readonly string[];
  /** A sentence for each list that cannot be read. */
  readonly unread: readonly string[];
}

/**
 * Adds to services the doors that knocks opened and that the kernel has not yet closed, and reports which
 * lists are full, and which cannot be read.
 *
 * @param given the tables that the services were read from, and the machine
 * @returns the unchanged services if none has such a knock
 */
export async function withKernelDoors(
  services: readonly ServiceView[],
  { tables, system }: { tables: readonly FilterTable[]; system: System },
): Promise<ShownDoors> {
  const names = new Set(services.map(({ name }) => name));
  const lists = tables.flatMap((table) => [...names].flatMap((name) => doorListsOf(table, name)));
  const stages = tables.flatMap(stageListsOf).filter(({ service }) => names.has(service));
  const state = await system.recent.read([...lists, ...stages].map(({ list }) => list));
  const now = system.now();
  const all = services.map((service): ServiceView => {
    const own = lists.filter(({ service: name, table }) =>
      name === service.name && service.families.includes(table.family)
    ).flatMap((list) => viewDoors(list, { state, now }));
    const doors = [...service.doors, ...own].sort((a, b) => compareAddresses(a.address, b.address));
    return own.length === 0 ? service : { ...service, doors };
  });
  const unread = lists.filter(({ list }) => !state.lists.has(list)).map(({ service, list }) =>
    `${service}: who has knocked is not shown: the kernel's list ${list} cannot be read`
  );
  return { services: all, full: describeFull({ lists, stages }, state), unread };
}

function viewDoors(
  { list, seconds, table, service, at }: DoorList,
  { state: { lists, ticks }, now }: { state: RecentState; now: number },
): DoorView[] {
  const end = table.endOf(chainOf(service))?.at ?? Infinity;
  return (lists.get(list) ?? []).filter((entry) => isFresh(entry, seconds, ticks))
    .flatMap((entry): DoorView[] => {
      const address = parseAddress(entry.address);
      if (!address.ok || address.value.family !== table.family) return [];
      return [{
        address: address.value,
        kind: "kernel",
        // `secondsLeft` counts the second that an end names as well, the kernel here does not.
        until: ticks === null ? null : now + seconds - secondsSince(entry, ticks) - 1,
        isDead: at > end,
        packets: null,
        bytes: null,
      }];
    });
}

/** The full lists: those with as many addresses as they can hold, all of which still count. */
function describeFull(
  { lists, stages }: { lists: readonly DoorList[]; stages: readonly StageList[] },
  { lists: entries, ticks, capacity }: RecentState,
): string[] {
  const isFull = ({ list, seconds }: { list: string; seconds: number }) => {
    const fresh = (entries.get(list) ?? []).filter((entry) => isFresh(entry, seconds, ticks));
    return capacity !== null && fresh.length >= capacity;
  };
  const more = `more: the module's option ip_list_tot, in /etc/modprobe.d`;
  const doors = lists.filter(isFull).map(({ service, list }) =>
    `${service}: ${capacity} doors are open by knocks, and the kernel's list ${list} holds no more: ` +
    `the next knock closes the oldest (${more})`
  );
  const knocks = stages.filter(isFull).map(({ service, list }) =>
    `${service}: ${capacity} addresses knock at once, and the kernel's list ${list} holds no more: ` +
    `knocks get lost (${more})`
  );
  return [...doors, ...knocks];
}

/** The hosts of an address or network that are on a list. */
export interface ListedHosts {
  /** The service of the list. */
  readonly service: string;
  /** Its name. */
  readonly list: string;
  /** The hosts, as the kernel writes them. */
  readonly hosts: readonly string[];
  /** How many of them still get in. */
  readonly open: number;
}

/**
 * Finds the doors that knocks have opened to an address, or to hosts of a network.
 *
 * @param given the service, and the table of the address's family
 * @returns the lists with such hosts, and the lists that cannot be read
 */
export async function findKernelDoors(
  system: System,
  { table, name, address }: { table: FilterTable; name: string; address: Address },
): Promise<{ doors: ListedHosts[]; unread: readonly string[] }> {
  const lists = doorListsOf(table, name);
  const state = await system.recent.read(lists.map(({ list }) => list));
  const doors = lists.flatMap(({ service, list, seconds }) => {
    const found = (state.lists.get(list) ?? []).filter((entry) => {
      const host = parseAddress(entry.address);
      return host.ok && coversAddress(address, host.value);
    });
    if (found.length === 0) return [];
    const open = found.filter((entry) => isFresh(entry, seconds, state.ticks)).length;
    return [{ service, list, hosts: found.map((entry) => entry.address), open }];
  });
  return { doors, unread: lists.map(({ list }) => list).filter((list) => !state.lists.has(list)) };
}

/** Closes such doors. */
export async function closeKernelDoors(
  system: System,
  doors: readonly ListedHosts[],
): Promise<Result<null, Failure>> {
  for (const { list, hosts } of doors) {
    const closed = await system.recent.remove(list, hosts);
    if (!closed.ok) return closed;
  }
  return ok(null);
}

/** What a change of a service's knocks means for the addresses on its lists. */
export interface Forgotten {
  /** The services whose expired doors cannot be determined. */
  readonly unknown: readonly string[];
  /** The services that had doors of a removed knock, on a list that another knock takes over. */
  readonly gone: readonly string[];
}

/**
 * Removes from the lists, before the rules change, addresses that must not get in by a later rule: those
 * whose doors have expired if a rule is to let in for longer, because an address stays on a list when its
 * time has expired; and those of a removed knock if another one of the service takes over its list.
 *
 * @param given the tables as they are, and the services as they are to be
 */
export async function forgetClosedDoors(
  system: System,
  { tables, services }: { tables: readonly FilterTable[]; services: readonly Service[] },
): Promise<Result<Forgotten, Failure>> {
  const lists = tables.flatMap((table) =>
    services.flatMap((service) => changedLists(table, service))
  );
  const [unknown, gone] = [new Set<string>(), new Set<string>()];
  if (lists.length === 0) return ok({ unknown: [], gone: [] });
  const state = await system.recent.read(lists.map(({ list }) => list));
  for (const { service, list, seconds, isGone } of lists) {
    const entries = state.lists.get(list) ?? [];
    const isUnknown = !state.lists.has(list) || state.ticks === null && entries.length > 0;
    if (entries.length > 0 && isGone) gone.add(service);
    else if (isUnknown) unknown.add(service);
    const over = entries.filter((entry) => isGone || !isFresh(entry, seconds, state.ticks));
    const taken = await system.recent.remove(list, over.map(({ address }) => address));
    if (!taken.ok) return taken;
  }
  return ok({ unknown: [...unknown], gone: [...gone] });
}

/** The lists of a service that will let in for longer, or that a removed knock leaves to another. */
function changedLists(table: FilterTable, service: Service): (DoorList & { isGone: boolean })[] {
  const { name, knocks = [] } = service;
  const key = ({ steps }: { steps: readonly KnockStep[] }) =>
    steps.map(({ port, protocol }) => `${port}:${protocol}`).join();
  const wanted = new Map(
    knocks.map((knock, at) => [doorListOf(name, { number: at + 1, family: table.family }), knock]),
  );
  const keys = new Set(knocks.map(key));
  const lists = doorListsOf(table, name);
  const seen = readKernelKnocks(table, name).map(key);
  return lists.flatMap((one, at) => {
    const next = wanted.get(one.list);
    if (next === undefined) return [];
    const now = seen.length === lists.length ? seen[at]! : key(next);
    const isGone = now !== key(next) && !keys.has(now) && seen.includes(key(next));
    return isGone || next.for > one.seconds ? [{ ...one, isGone }] : [];
  });
}
