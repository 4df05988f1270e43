import { runProgram } from "./process.ts";

/** Seconds that ip(8) may take: it asks the kernel and waits for nobody. */
const LIMIT = 5;

/**
 * The interface of the default route: of IPv4 if there is one, else of IPv6.
 *
 * @returns `null` without such a route, or where ip(8) is missing or does not answer
 */
export async function readDefaultInterface(): Promise<string | null> {
  for (const family of ["-4", "-6"]) {
    const args = [family, "route", "show", "default"];
    const outcome = await runProgram("ip", { args, limit: LIMIT });
    if (!outcome.ok || outcome.value.code !== 0) continue;
    const name = findDefaultInterface(outcome.value.stdout);
    if (name !== null) return name;
  }
  return null;
}

/**
 * Finds the interface of the route that the kernel takes, the one with the lowest metric.
 *
 * @param printed what `ip route show default` prints: a line a route, such as
 * `default via 198.51.100.254 dev eth0 proto dhcp metric 100`; without a metric it is 0 (ip-route(8))
 * @returns `null` if no line names an interface
 */
export function findDefaultInterface(printed: string): string | null {
  const routes = printed.split("\n").flatMap((line) => {
    const name = /^default .*?\bdev (\S+)/.exec(line)?.[1];
    const metric = Number(/ metric (\d+)/.exec(line)?.[1] ?? 0);
    return name === undefined ? [] : [{ name, metric }];
  });
  return routes.toSorted((a, b) => a.metric - b.metric)[0]?.name ?? null;
}
