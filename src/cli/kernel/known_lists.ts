// What the tracer is told of who has knocked `by kernel`. Loaded with the tracer, never by a hook.
import { secondsSince } from "../../firewall/recent_list.ts";
import type { RecentLists } from "../../system/system.ts";
import {
  hostKey,
  type KnownList,
  type KnownLists,
  NO_LISTS_KNOWN,
  NOBODY_KNOCKED,
} from "../../trace/lists.ts";
import { parseHost } from "../../trace/network.ts";

/**
 * Reads the lists that rules name.
 *
 * @param texts rules as iptables-save prints them
 * @returns without such a rule and without reading anything: lists on which nobody is; without the
 * kernel's clock: nothing known; nothing of a list that cannot be read
 */
export async function readKnownLists(
  recent: RecentLists,
  texts: readonly string[],
): Promise<KnownLists> {
  const names = new Set(
    texts.flatMap((text) => [...text.matchAll(/ --name (pk-\S+)/g)].map(([, name = ""]) => name)),
  );
  if (names.size === 0) return NOBODY_KNOCKED;
  const { lists, ticks } = await recent.read([...names]);
  if (ticks === null) return NO_LISTS_KNOWN;
  const known = new Map([...lists].map(([name, entries]): [string, KnownList] => [
    name,
    new Map(entries.flatMap((entry) => {
      const family = entry.address.includes(":") ? "ipv6" : "ipv4";
      const host = parseHost(entry.address, family);
      return host === null ? [] : [[hostKey(host), secondsSince(entry, ticks)] as const];
    })),
  ]));
  return (name) => known.get(name) ?? (names.has(name) ? undefined : NOBODY_KNOCKED(name));
}
