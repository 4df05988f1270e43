// The lists in /proc/net/xt_recent, by cat(1) and tee(1): this program itself may not read or write under
// /proc and /sys, which Deno allows only with all permissions. Functions of other modules are passed in: the
// bundler would put what this module shares with a hook into a file of its own, and each file adds to the
// start of every hook.
import { parseRecentList, parseTicks } from "../firewall/recent_list.ts";
import type { Result } from "../result.ts";
import type { Failure, failure } from "./failure.ts";
import type { runProgram } from "./process.ts";
import type { RecentState } from "./system.ts";

/** Functions of other modules. */
export interface Tools {
  /** See process.ts. */
  readonly run: typeof runProgram;
  /** See failure.ts. */
  readonly failure: typeof failure;
}

/** Where the kernel shows the lists, one file each. */
const FOLDER = "/proc/net/xt_recent";
/** The kernel's clock; only root may read it. */
const CLOCK = "/proc/timer_list";
/** How many addresses the kernel keeps on a list. */
const CAPACITY = "/sys/module/xt_recent/parameters/ip_list_tot";
/** Seconds that one program may take. */
const LIMIT = 10;

/** Names of lists that are safe in a path. */
const SAFE_NAME = /^[A-Za-z0-9][\w.-]*$/;

/** Reads lists, see `RecentLists`. */
export async function readLists(names: readonly string[], tools: Tools): Promise<RecentState> {
  const paths = names.map((name) => SAFE_NAME.test(name) ? `${FOLDER}/${name}` : null);
  const [clock, capacity, ...lists] = await Promise.all(
    [CLOCK, CAPACITY, ...paths].map((path) => show(path, tools)),
  );
  return {
    lists: new Map(names.flatMap((name, at) => {
      const text = lists[at] ?? null;
      return text === null ? [] : [[name, parseRecentList(text)] as const];
    })),
    ticks: parseTicks(clock ?? ""),
    capacity: /^\d+$/.test(capacity?.trim() ?? "") ? Number(capacity) : null,
  };
}

/** The content of a file of the kernel; `null` if there is none, or it cannot be read. */
async function show(path: string | null, { run }: Tools): Promise<string | null> {
  if (path === null) return null;
  const shown = await run("cat", { args: [path], limit: LIMIT, reads: true });
  return shown.ok && shown.value.code === 0 ? shown.value.stdout : null;
}

/** Removes hosts from a list, see `RecentLists`. One write for each (xt_recent.c, recent_mt_proc_write()). */
export async function takeOff(
  { name, hosts }: { readonly name: string; readonly hosts: readonly string[] },
  { run, failure }: Tools,
): Promise<Result<null, Failure>> {
  const path = `${FOLDER}/${name}`;
  for (const host of hosts) {
    const input = `-${host}\n`;
    const written = await run("tee", { args: [path], input, limit: LIMIT });
    if (!written.ok) return written;
    const { code, stderr } = written.value;
    if (code === 0) continue;
    const kind = /Permission denied/.test(stderr) ? "not-root" : "refused";
    const message = `the kernel's list ${path} could not be changed`;
    return { ok: false, problem: failure(kind, message, stderr) };
  }
  return { ok: true, value: null };
}
