import type { Family } from "../firewall/address.ts";
import { err, ok, type Result } from "../result.ts";
import { describeExit, explain, type Failure, failure } from "./failure.ts";
import { runProgram } from "./process.ts";
import type { Surroundings } from "./system.ts";

/** Seconds that a program may take; nft needs its time for 100,000 rules. */
const LIMIT = 20;

const IP_FAMILY: Readonly<Record<Family, string>> = { ipv4: "-4", ipv6: "-6" };
const PROGRAM: Readonly<Record<Family, string>> = { ipv4: "iptables", ipv6: "ip6tables" };

async function output(name: string, args: readonly string[]): Promise<Result<string, Failure>> {
  const ended = await runProgram(name, { args, limit: LIMIT, reads: true });
  if (!ended.ok) return ended;
  const { code, stdout, stderr } = ended.value;
  if (code === 0) return ok(stdout);
  const exit = describeExit(name, code);
  const { kind, message, raw } = explain(stderr, exit);
  const what = kind === "refused" ? exit : message;
  return err(failure(kind, what, raw));
}

/** Reads the machine around the tables, by iptables-save, nft, ip and ss; nothing is changed. */
export const realSurroundings: Surroundings = {
  saveAll(family, backend) {
    const name = backend === "system" ? "" : `-${backend}`;
    return output(`${PROGRAM[family]}${name}-save`, ["-c"]);
  },

  nft() {
    return output("nft", ["-j", "list", "ruleset"]);
  },

  async defaultInterface(family) {
    const shown = await output("ip", [IP_FAMILY[family], "route", "show", "default"]);
    return shown.ok ? ok(readDefaultInterface(shown.value)) : shown;
  },

  async addresses(family) {
    const shown = await output("ip", ["-o", IP_FAMILY[family], "address", "show"]);
    return shown.ok ? ok(readAddresses(shown.value)) : shown;
  },

  // Hooks need neither: they do not load the parsers.
  async sockets() {
    const { readSockets } = await import("./sockets.ts");
    return await readSockets();
  },

  async interfaces(family, routes) {
    const { readInterfaces } = await import("./sockets.ts");
    return await readInterfaces(family, routes);
  },
};

/**
 * Reads the output of `ip route show default`.
 *
 * @returns the interface of the default route; `null` if there is none, or several of the same metric
 * with different interfaces
 */
export function readDefaultInterface(text: string): string | null {
  const routes = text.split("\n").filter((line) => line.startsWith("default ")).map((line) => ({
    // What has no metric comes first (ip-route(8)); IPv6 prints its 1024.
    metric: Number(/ metric (\d+)/.exec(line)?.[1] ?? "0"),
    name: / dev (\S+)/.exec(line)?.[1] ?? null,
  }));
  const best = Math.min(...routes.map(({ metric }) => metric));
  const names = new Set(routes.filter(({ metric }) => metric === best).map(({ name }) => name));
  const [first] = names;
  return names.size === 1 ? first ?? null : null;
}

/** Reads the output of `ip -o address show`: the addresses, without their lengths. */
export function readAddresses(text: string): string[] {
  return [...text.matchAll(/ inet6? ([0-9a-f.:]+)/g)].map(([, address = ""]) => address);
}
