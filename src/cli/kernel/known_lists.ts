// What the tracer knows of who has knocked `by kernel`. Loaded with the tracer, never by a hook.
import { secondsSince } from "../../firewall/recent_list.ts";
import type { RecentLists } from "../../system/system.ts";
import {
  hostKey,
  type KnownList,
  type KnownLists,
  NO_LISTS_KNOWN,
  NOBODY_KNOCKED,
} from "../../trace/lists.ts";
import type { ListedHosts } from "./kernel_doors.ts";
import { parseHost } from "../../trace/network.ts";

/** Who has knocked. */
export interface Knocked {
  /** What is known of each list. */
  readonly lists: KnownLists;
  /** The addresses on any of them, as the kernel writes them. */
  readonly hosts: readonly string[];
}

/** The lists of kernel knocks that rules name, each once. */
function listNamesIn(texts: readonly string[]): string[] {
  const names = texts.flatMap((text) =>
    [...text.matchAll(/ --name (pk-\S+)/g)].map(([, name = ""]) => name)
  );
  return [...new Set(names)];
}

/** The same lists once hosts are removed from some of them. */
export function withoutHosts(lists: KnownLists, gone: readonly ListedHosts[]): KnownLists {
  if (gone.length === 0) return lists;
  return (name) => {
    const known = lists(name);
    if (known === undefined) return known;
    const rest = new Map(known);
    for (const { list, hosts } of gone) {
      for (const address of list === name ? hosts : []) {
        const host = parseHost(address, address.includes(":") ? "ipv6" : "ipv4");
        if (host !== null) rest.delete(hostKey(host));
      }
    }
    return rest;
  };
}

/**
 * Reads the lists that rules name.
 *
 * @param texts rules as iptables-save prints them
 * @returns without such a rule, without reading anything: empty lists; without the kernel's clock:
 * nothing known; nothing about a list that cannot be read
 */
export async function readKnownLists(
  recent: RecentLists,
  texts: readonly string[],
): Promise<Knocked> {
  const names = listNamesIn(texts);
  if (names.length === 0) return { lists: NOBODY_KNOCKED, hosts: [] };
  const { lists, ticks } = await recent.read(names);
  const hosts = [...new Set([...lists.values()].flat().map(({ address }) => address))];
  if (ticks === null) return { lists: NO_LISTS_KNOWN, hosts };
  const known = new Map([...lists].map(([name, entries]): [string, KnownList] => [
    name,
    new Map(entries.flatMap((entry) => {
      const family = entry.address.includes(":") ? "ipv6" : "ipv4";
      const host = parseHost(entry.address, family);
      return host === null ? [] : [[hostKey(host), secondsSince(entry, ticks)] as const];
    })),
  ]));
  return {
    lists: (name) => known.get(name) ?? (names.includes(name) ? undefined : NOBODY_KNOCKED(name)),
    hosts,
  };
}
