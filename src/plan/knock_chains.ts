import {
  isKnockRule,
  type KnockChain,
  knockChainsOf,
  plainKnockRule,
} from "../firewall/kernel_knock.ts";
import { isServiceName, knockedServiceOf, type Service } from "../firewall/service.ts";
import type { FilterTable, ObservedRule } from "../firewall/table.ts";
import { editChain, longestAscending, type Placed } from "./arrange.ts";
import type { Edit } from "./edit.ts";

/** The plan for the chains in which the kernel hears knocks. */
export interface KnockPlan {
  /** The chains that are wanted, in the order of their services. */
  readonly chains: readonly KnockChain[];
  /** The edits that create the missing ones. */
  readonly create: readonly Edit[];
  /** The edits that correct their rules. */
  readonly inside: readonly Edit[];
  /** The chains to remove: those of removed services and of knocks that are no longer wanted. */
  readonly remove: readonly string[];
}

/**
 * Plans the chains of kernel knocks. A list of xt_recent lives on as long as some rule names it, and a
 * transaction that replaces a rule leaves it one, so doors and knocks in progress stay.
 *
 * @param services those that are created or changed; one whose `allow` is `null` does not define its
 * knocks, so their chains stay
 * @param remove names of services to remove
 */
export function planKnocks(
  table: FilterTable,
  { services, remove }: { services: readonly Service[]; remove: readonly string[] },
): KnockPlan {
  const chains = services.flatMap((service) => knockChainsOf(service, table.family));
  const wanted = new Set(chains.map(({ chain }) => chain));
  const changed = new Set([
    ...remove,
    ...services.filter(({ allow }) => allow !== null).map(({ name }) => name),
  ]);
  const standing = table.chainNames.filter((chain) => knockedServiceOf(chain) !== null);
  return {
    chains,
    create: chains.filter(({ chain }) => !table.hasChain(chain))
      .map(({ chain }) => ({ op: "create-chain", chain })),
    inside: chains.flatMap(({ chain, rules }) => {
      const observed = table.rules(chain);
      return editChain(chain, { observed, placed: placeRules(observed, rules) });
    }),
    remove: standing.filter((chain) =>
      !wanted.has(chain) && changed.has(knockedServiceOf(chain) ?? "")
    ),
  };
}

/**
 * Foreign rules stay on their side of ours: one that drops what the knock's rules have seen must not move
 * ahead of them. Ours that are in order already stay in place.
 */
function placeRules(observed: readonly ObservedRule[], rules: readonly string[]): Placed[] {
  const places = new Map<string, number>();
  const others: number[] = [];
  observed.forEach(({ text }, at) => {
    const plain = plainKnockRule(text);
    if (!isKnockRule(text)) others.push(at);
    // No knock has a rule twice: a doubled one counts where it comes first.
    else if (!places.has(plain)) places.set(plain, at);
  });
  const found = rules.map((text) => ({ text, at: places.get(text) ?? null }));
  const standing = new Set(longestAscending(found.flatMap(({ at }) => at === null ? [] : [at])));
  const ours = found.map(({ text, at }): Placed =>
    at !== null && standing.has(at) ? at : { text, packets: 0, bytes: 0 }
  );
  const firstOurs = observed.findIndex((_, at) => !others.includes(at));
  const ahead = others.filter((at) => firstOurs < 0 || at < firstOurs);
  return mergeOthers([...ahead, ...ours], others.filter((at) => !ahead.includes(at)));
}

/** Puts foreign rules behind the rules that they are behind now. */
function mergeOthers(placed: readonly Placed[], others: readonly number[]): Placed[] {
  const merged: Placed[] = [];
  const rest = [...others];
  for (const one of placed) {
    while (typeof one === "number" && rest[0] !== undefined && rest[0] < one) {
      merged.push(rest.shift()!);
    }
    merged.push(one);
  }
  return [...merged, ...rest];
}

/** The services that have only the chains of their knocks left. */
export function orphanKnocks(table: FilterTable): string[] {
  const names = table.chainNames.map(knockedServiceOf).filter((name) => name !== null);
  return [...new Set(names)].filter((name) =>
    isServiceName(name) && !table.serviceNames.includes(name)
  );
}
