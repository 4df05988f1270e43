// Finds the connected TCP peers and the interfaces of their packets, by ss(8) and ip(8).
import { type Family, formatAddress, parseAddress } from "../firewall/address.ts";
import { err, ok, type Result } from "../result.ts";
import { type Failure, failure } from "./failure.ts";
import { runProgram } from "./process.ts";
import type { Connection, Route, Sockets } from "./system.ts";

/**
 * Seconds that a program may take. A busy server has 100,000 connections, but the lock is held meanwhile, and
 * a hook of knockd waits ten seconds for it.
 */
const LIMIT = 3;

/**
 * Reads this machine's TCP sockets, by `ss -Htn` of iproute2. Sockets that listen come with those that are
 * connected: they distinguish a port that clients connect to from one that this machine uses to connect.
 *
 * @returns a failure `absent` without ss
 */
export async function readSockets(): Promise<Result<Sockets, Failure>> {
  const args = ["-Htn", "state", "established", "state", "listening"];
  const ended = await runProgram("ss", { args, limit: LIMIT, reads: true });
  if (!ended.ok) return ended;
  const { code, stdout, stderr } = ended.value;
  if (code === 0) return ok(parseSockets(stdout));
  return err(failure("refused", `ss exited with status ${code}`, stderr));
}

/**
 * Reads the output of `ss -Htn`: `[STATE] RECV-Q SEND-Q LOCAL:PORT PEER:PORT`. There is no state if only
 * one was requested. iproute2 before 4.18 prints IPv6 without brackets, and the interface of a link-local
 * address is after it or within the brackets.
 *
 * @param text the output
 * @returns the connections, IPv4-mapped addresses as IPv4; other lines in `odd`
 */
export function parseSockets(text: string): Sockets {
  const connections: Connection[] = [];
  const listening = new Set<number>();
  const odd: string[] = [];
  for (const line of text.split("\n")) {
    const words = line.trim().split(/\s+/);
    if (line.trim() === "") continue;
    const state = /^[A-Z]/.test(words[0] ?? "") ? words[0] : "ESTAB";
    const [local, peer] = words.map(parseEnd).filter((end) => end !== null);
    if (state === "LISTEN" && local !== undefined) listening.add(local.port);
    else if (state !== "ESTAB") continue;
    else if (!isHost(local) || !isHost(peer) || local.host.family !== peer.host.family) {
      odd.push(line.trim());
    } else {
      connections.push({
        family: peer.host.family,
        peer: peer.host.text,
        local: local.host.text,
        port: local.port,
        interface: local.interface ?? peer.interface,
      });
    }
  }
  return { connections, listening: listening.size === 0 ? null : listening, odd };
}

/** An address for comparing: IPv4-mapped ones as IPv4, IPv6 in its short form. */
interface Host {
  readonly family: Family;
  readonly text: string;
}

/** One end of a connection. */
interface End {
  /** `null` for `*` and for anything else that is not an address. */
  readonly host: Host | null;
  readonly port: number;
  readonly interface: string | null;
}

function isHost(end: End | undefined): end is End & { readonly host: Host } {
  return end !== undefined && end.host !== null;
}

/** `10.0.0.1:22`, `[::1]:22`, `[fe80::1]%eth0:22`, `[fe80::1%eth0]:22`, `*:22`; `null` for another word. */
function parseEnd(word: string): End | null {
  const [, text = "", digits = ""] = /^(.+):(\d{1,5}|\*)$/.exec(word) ?? [];
  if (text === "" || Number(digits) > 65535) return null;
  const [host = "", name] = text.replace(/^\[(.*)\]$/, "$1").split("%");
  return {
    host: parseHost(host.replace(/^\[|\]$/g, "")),
    port: Number(digits),
    interface: name?.replace(/\]$/, "") ?? null,
  };
}

const DOTTED =
  /^(?:(?:[1-9]\d?|1\d\d|2[0-4]\d|25[0-5]|0)\.){3}(?:[1-9]\d?|1\d\d|2[0-4]\d|25[0-5]|0)$/;

function parseHost(text: string): Host | null {
  // A busy server has 50,000 of these, and the library takes 20 times as long.
  if (DOTTED.test(text)) return { family: "ipv4", text };
  const read = text.includes("/") ? null : parseAddress(text);
  if (read === null || !read.ok) return null;
  return { family: read.value.family, text: formatAddress(read.value).replace(/\/\d+$/, "") };
}

const IP_FAMILY: Readonly<Record<Family, string>> = { ipv4: "-4", ipv6: "-6" };

/**
 * Finds the interfaces by which packets to some addresses would leave, with one process: answers come in by
 * the same one unless the routes are asymmetric on purpose (rp_filter of ip-sysctl would drop them then).
 *
 * @param routes of one family: the peer, and the source address on this machine
 * @returns the interfaces in their order; `null` if there is no route, or if `ip` fails (that of busybox
 * has no batch mode)
 */
export async function readInterfaces(
  family: Family,
  routes: readonly Route[],
): Promise<(string | null)[]> {
  if (routes.length === 0) return [];
  const ended = await runProgram("ip", {
    args: [IP_FAMILY[family], "-o", "-force", "-batch", "-"],
    input: routes.map(({ peer, local }) => `route get ${peer} from ${local}\n`).join(""),
    limit: LIMIT,
    reads: true,
  });
  return parseInterfaces(ended.ok ? ended.value.stdout : "", routes);
}

/**
 * Reads the output of `ip -o route get`, one line for each existing route.
 *
 * @returns the interface of each wanted route, `null` if it was not printed
 */
export function parseInterfaces(text: string, routes: readonly Route[]): (string | null)[] {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, peer = "", local = "", name] =
      /^(?:[a-z]+ )?([\da-f.:]+) from ([\da-f.:]+) (?:.* )?dev (\S+)/.exec(line) ?? [];
    if (name !== undefined) found.set(`${normal(peer)} ${normal(local)}`, name);
  }
  return routes.map(({ peer, local }) => found.get(`${peer} ${local}`) ?? null);
}

function normal(text: string): string {
  return parseHost(text)?.text ?? text;
}
