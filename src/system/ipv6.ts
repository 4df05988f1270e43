import { err, ok, type Result } from "../result.ts";
import { describeExit, type Failure, failure } from "./failure.ts";
import { type Outcome, runProgram } from "./process.ts";

/** Seconds that `ip` may take. */
const LIMIT = 10;

/** Kinds of routes that let no packet in or out, see ip-route(8). */
const DEAD_ROUTES = new Set(["unreachable", "blackhole", "prohibit", "throw"]);

/** Every kernel with IPv6 has this as soon as `lo` is up; it cannot be reached from outside. */
const LOOPBACK = /^::1(\/128)?$/;

/**
 * How this machine can be reached by IPv6, from ip(8): an address other than ::1, or a route.
 *
 * @returns one of them in words, for instance `address 2001:db8::1/64 on eth0`; `null` if there is none;
 * a failure `absent` without `ip`, or another failure of `ip`
 */
export async function findIpv6(): Promise<Result<string | null, Failure>> {
  const addresses = await ask(["-6", "-o", "address", "show"]);
  if (!addresses.ok) return addresses;
  const { code, stdout, stderr } = addresses.value;
  if (code !== 0) return err(failure("refused", describeExit("ip", code), stderr));
  const address = findAddress(stdout);
  if (address !== null) return ok(address);
  // An `ip` without `table all` has listed all addresses: anything else is rare.
  const routes = await ask(["-6", "route", "show", "table", "all"]);
  return ok(routes.ok && routes.value.code === 0 ? findRoute(routes.value.stdout) : null);
}

function ask(args: readonly string[]): Promise<Result<Outcome, Failure>> {
  return runProgram("ip", { args, limit: LIMIT, reads: true });
}

/**
 * Looks for an address that may be reached from outside.
 *
 * @param printed by `ip -6 -o address show`: `2: eth0    inet6 2001:db8::1/64 scope global ...`
 * @returns the first in words, or `null`
 */
export function findAddress(printed: string): string | null {
  for (const line of printed.split("\n")) {
    const [, device, address] = /^\d+:\s+(\S+)\s+inet6\s+(\S+)/.exec(line) ?? [];
    if (device === undefined || address === undefined || LOOPBACK.test(address)) continue;
    return `address ${address} on ${device}`;
  }
  return null;
}

/**
 * Looks for a route that packets may take.
 *
 * @param printed by `ip -6 route show table all`: `2001:db8::/64 dev eth0 proto kernel ...`, with the
 * route's kind ahead of it unless that is `unicast`
 * @returns the first in words, or `null`
 */
export function findRoute(printed: string): string | null {
  for (const line of printed.split("\n")) {
    const [first = "", second = ""] = line.trim().split(/\s+/);
    const isKind = /^[a-z]+$/.test(first) && first !== "default";
    const target = isKind ? second : first;
    if (target === "" || DEAD_ROUTES.has(first) || LOOPBACK.test(target)) continue;
    return `route ${isKind ? `${first} ` : ""}${target}`;
  }
  return null;
}
