import {
  chainOf,
  type Door,
  isServiceName,
  type Policy,
  type Service,
} from "../firewall/service.ts";
import type { FilterTable } from "../firewall/table.ts";
import type { Edit } from "./edit.ts";
import { type NamedRule, type Overrule, overruleOf } from "./overrule.ts";
import { describeDrift } from "./drift.ts";
import { orphanKnocks } from "./knock_chains.ts";
import { PlannedTable } from "./planned_table.ts";
import { planTable } from "./service.ts";
import { endFor, isRestricted, revivableDoors } from "./service_end.ts";

/** What a rules file wants of the kernel. */
export interface Rules {
  /** In the order of the file. */
  readonly services: readonly Service[];
  /** Whether services that are not in the file are removed. */
  readonly prune: boolean;
  /** Whether jumps with further matches are replaced by those of the file. */
  readonly replaceJumps?: boolean;
  /** Where jumps go in INPUT, see `Wanted`. */
  readonly places?: ReadonlyMap<string, number>;
  /** Seconds since 1970. */
  readonly now: number;
  /** Whether to remove expired doors (default: yes); otherwise they are not a difference. */
  readonly sweep?: boolean;
}

/** What happens to one service in one family. */
export interface ServiceChange {
  /** The service. */
  readonly name: string;
  /** Its place in the file, from 0; infinite if it is not there. */
  readonly place: number;
  /** `changed` if any of its rules is written. */
  readonly state: "created" | "changed" | "removed" | "unchanged";
  /** What differs from the file, in words; empty for a service that is created or unchanged. */
  readonly drift: readonly string[];
  /** How many doors stay open through a change; 0 where nothing changes. */
  readonly doorsKept: number;
  /** Doors behind the end of the chain that move ahead of it and open again. */
  readonly revived: readonly Door[];
  /** The part of the transaction for this service. */
  readonly edits: readonly Edit[];
}

/** A difference from the file that `load` does not undo. */
export type Staying =
  /** A foreign rule in the service's chain decides instead of its policy. */
  | { readonly kind: "overrule"; readonly overrule: Overrule; readonly wanted: Policy }
  /** A foreign jump sends fewer packets to the service's chain. */
  | { readonly kind: "jump"; readonly name: string; readonly jump: NamedRule };

/** How one family's table is made to follow a rules file. */
export interface FollowPlan {
  /** The whole transaction. */
  readonly edits: readonly Edit[];
  /** Services of the file in its order, then those that are removed. */
  readonly changes: readonly ServiceChange[];
  /** Services that are not in the file and stay. */
  readonly unmanaged: readonly string[];
  /** What differs from the file and stays anyway, because others wrote it. */
  readonly stays: readonly Staying[];
  /** Two services that keep the order of their jumps although the file has them the other way. */
  readonly swapped: { readonly first: string; readonly second: string } | null;
}

/**
 * Plans how one family's table is made to follow a rules file: the smallest transaction, in which open doors
 * stay open. A service that the file narrows to the other family is removed here.
 */
export function planFollow(table: FilterTable, rules: Rules): FollowPlan {
  const { services, prune, now, replaceJumps = false, sweep = true, places = new Map() } = rules;
  const covered = services.filter(({ families }) => families.includes(table.family));
  const named = new Map(services.map(({ name }, at) => [name, at]));
  const placeOf = (name: string) => named.get(name) ?? Infinity;
  const unmanaged = table.serviceNames.filter((name) => !named.has(name));
  const excluded = services.filter(({ name, families }) =>
    !families.includes(table.family) && table.hasChain(chainOf(name))
  ).map(({ name }) => name);
  const left = orphanKnocks(table).filter((name) => !named.has(name));
  const prunable = [...unmanaged.filter(isServiceName), ...left];
  const remove = [...excluded, ...(prune ? prunable : [])];
  const until = sweep ? now : -Infinity;
  const plan = planTable(table, {
    services: covered,
    remove,
    now: until,
    replaceJumps,
    places,
    revive: true,
  });
  const changes = covered.map((service): ServiceChange => {
    const edits = plan.byService.get(service.name) ?? [];
    const created = !table.hasChain(chainOf(service.name));
    const state = created ? "created" : edits.length > 0 ? "changed" : "unchanged";
    const drift = state === "changed" ? describeDrift(table, { service, now: until, edits }) : [];
    return {
      name: service.name,
      place: placeOf(service.name),
      state,
      drift,
      edits,
      doorsKept: countDoors(edits, table, service),
      revived: edits.length === 0 ? [] : revivableDoors(table, { service, now: until }),
    };
  });
  const gone = remove.map((name): ServiceChange => ({
    name,
    place: placeOf(name),
    state: "removed",
    drift: [],
    doorsKept: 0,
    revived: [],
    edits: plan.byService.get(name) ?? [],
  }));
  const inInput = plan.edits.filter(({ chain }) => chain === "INPUT");
  return {
    edits: plan.edits,
    changes: [...changes, ...gone],
    unmanaged: prune ? [] : [...unmanaged, ...left],
    stays: covered.flatMap((service) => findStaying(table, { service, replaceJumps })),
    ...describeInput(new PlannedTable(table, inInput).read(), covered),
  };
}

/** The differences of a service from the file that stay. */
function findStaying(
  table: FilterTable,
  { service, replaceJumps }: { service: Service; replaceJumps: boolean },
): Staying[] {
  const { name, policy } = service;
  const overrule = overruleOf(table, { name, policy, end: endFor(table, service) });
  const input = table.rules("INPUT");
  const jumps = replaceJumps ? [] : table.jumpsTo(chainOf(name)).filter(isRestricted);
  return [
    ...(overrule === null ? [] : [{ kind: "overrule", overrule, wanted: policy } as const]),
    ...jumps.map((jump) => (
      { kind: "jump", name, jump: { at: input.indexOf(jump) + 1, text: jump.text } } as const
    )),
  ];
}

/**
 * What the places of the jumps in INPUT mean for the services of a file: jumps that exist keep them.
 *
 * @param table as it will be
 */
function describeInput(
  table: FilterTable,
  services: readonly Service[],
): Pick<FollowPlan, "swapped"> {
  const places = new Map<string, number>();
  table.rules("INPUT").forEach(({ rule }, at) => {
    if (rule.kind === "jump" && !places.has(rule.chain)) places.set(rule.chain, at);
  });
  const jumps = services.map(({ name }) => ({ name, at: places.get(chainOf(name)) ?? Infinity }));
  const wrong = jumps.findIndex(({ at }, index) => at < (jumps[index - 1]?.at ?? 0));
  const [first, second] = [jumps[wrong], jumps[wrong - 1]];
  return {
    swapped: first === undefined || second === undefined
      ? null
      : { first: first.name, second: second.name },
  };
}

/** The doors of a chain that are still there after its edits; 0 where there are none. */
function countDoors(edits: readonly Edit[], table: FilterTable, { name }: Service): number {
  if (edits.length === 0) return 0;
  const chain = chainOf(name);
  const isDoor = new Map(
    table.rules(chain).filter(({ rule }) => rule.kind === "door").map(({ text }) => [text, true]),
  );
  let count = table.rules(chain).filter(({ rule }) => rule.kind === "door").length;
  for (const edit of edits) {
    if (!("text" in edit) || edit.chain !== chain || !isDoor.has(edit.text)) continue;
    count += edit.op === "insert" ? 1 : -1;
  }
  return count;
}
