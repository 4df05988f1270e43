import { binary } from "./binary.ts";
import { type Backend, type Family, normalize } from "./iptables_text.ts";
import {
  isMachineRoot,
  killAll,
  type Outcome,
  PLAIN_ENVIRONMENT,
  processesIn,
  type ProcessOptions,
  type Running,
  start,
} from "./process.ts";

/**
 * What the holder process does. Private tmpfs on /run: /run/xtables.lock and /run/pktables.lock belong
 * to this namespace, so tests that run at once do not wait for each other. /mnt is the harness's own
 * folder. Without duplicate address detection an IPv6 address can be used at once. `cat` ends at the end
 * of its input, that is, when the test process ends, however it ends.
 */
const HOLD = `set -e
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/bin
: > /mnt/bin/pktables
mount --bind "$1" /mnt/bin/pktables
for file in /proc/sys/net/ipv6/conf/all/accept_dad /proc/sys/net/ipv6/conf/default/accept_dad; do
  [ ! -e "$file" ] || echo 0 > "$file"
done
ip link set lo up
echo ready
exec cat`;

/** The tables of the kernel's packet filter. */
const TABLES = ["security", "raw", "mangle", "nat", "filter"];

/** An unused table: built-in chains that accept, and no rules. */
const UNTOUCHED = /^\*(?!filter)\w+\n(:[A-Z]+ ACCEPT( \[\d+:\d+\])?\n)*COMMIT\n/gm;

/** The path of the program under test inside every namespace, readable by any user. */
export const PKTABLES = "/mnt/bin/pktables";

/** How a namespace is made. */
export interface NamespaceOptions {
  /**
   * Share this one's user namespace, so that a veth pair may join the two. Without meaning for root,
   * who needs no user namespace.
   */
  readonly sibling?: Namespace;
  /** The program under test. Default: {@link binary}. */
  readonly binary?: string;
}

/** Addresses of the two ends of a veth pair, each with its prefix length, for example `10.9.0.1/24`. */
export interface VethEnds {
  readonly name?: string;
  readonly here: readonly string[];
  readonly there: readonly string[];
}

/**
 * A network and mount namespace of its own (and, where the tests do not run as root, a user namespace),
 * alive until it is disposed of. Nothing done in it reaches the machine's own tables.
 */
export class Namespace implements AsyncDisposable {
  readonly #holder: Deno.ChildProcess;
  readonly #printed: ReadableStreamDefaultReader<Uint8Array>;
  readonly #enter: readonly string[];
  readonly #running = new Set<Running>();
  #disposed = false;

  private constructor(
    holder: Deno.ChildProcess,
    printed: ReadableStreamDefaultReader<Uint8Array>,
    enter: readonly string[],
  ) {
    this.#holder = holder;
    this.#printed = printed;
    this.#enter = enter;
  }

  /**
   * Makes a namespace with `lo` up and nothing else.
   *
   * @param options See {@link NamespaceOptions}.
   * @returns The namespace; use it with `await using`.
   * @throws {Error} If the kernel or a missing tool refuses, with what `unshare` printed.
   */
  static async create(options: NamespaceOptions = {}): Promise<Namespace> {
    const path = options.binary ?? await binary();
    const isRoot = Deno.uid() === 0;
    const inside = isRoot || options.sibling === undefined
      ? []
      : ["nsenter", "-t", String(options.sibling.pid), "-U", "--preserve-credentials", "--"];
    const user = isRoot || options.sibling !== undefined ? [] : ["--user", "--map-root-user"];
    const [program = "", ...args] = [
      ...inside,
      ...["unshare", ...user, "--net", "--mount", "--", "sh", "-c", HOLD, "sh", path],
    ];
    const holder = new Deno.Command(program, {
      args,
      clearEnv: true,
      env: { ...PLAIN_ENVIRONMENT },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const printed = holder.stdout.getReader();
    const { value } = await printed.read();
    if (value === undefined) {
      const reason = await new Response(holder.stderr).text();
      await holder.stdin.close();
      await holder.status;
      throw new Error(`no network namespace could be made: ${reason.trim()}`);
    }
    const credentials = isRoot ? [] : ["-U", "--preserve-credentials"];
    const enter = ["nsenter", "-t", String(holder.pid), ...credentials, "-n", "-m", "--"];
    return new Namespace(holder, printed, enter);
  }

  /** The holder's process id, by which other tools find the namespace. */
  get pid(): number {
    return this.#holder.pid;
  }

  /**
   * Where a file inside the namespace is seen from outside.
   *
   * @param inside An absolute path in the namespace's mounts.
   * @returns A path for Deno's own file functions.
   */
  path(inside: string): string {
    return `/proc/${this.pid}/root${inside}`;
  }

  /**
   * Starts a command in the namespace. The command keeps the process id of the returned process, so a
   * signal sent to it reaches the command itself.
   *
   * @param argv Program and arguments; no shell reads them.
   * @param options Input, environment (default: PATH and LC_ALL=C only), time limit.
   * @returns The started process.
   */
  spawn(argv: readonly string[], options: ProcessOptions = {}): Running {
    const { env, ...rest } = options;
    // The environment goes to the command alone: nsenter is not what is to be tested with LD_PRELOAD.
    const setting = env === undefined
      ? []
      : ["env", "-i", ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
    const running = start([...this.#enter, ...setting, ...argv], rest);
    this.#running.add(running);
    void running.outcome.then(() => this.#running.delete(running));
    return running;
  }

  /**
   * Runs a command in the namespace to its end.
   *
   * @param argv Program and arguments; no shell reads them.
   * @param options See {@link spawn}.
   * @returns Status and outputs, also of a command that failed.
   */
  run(argv: readonly string[], options: ProcessOptions = {}): Promise<Outcome> {
    return this.spawn(argv, options).outcome;
  }

  /**
   * Runs a command that has to succeed.
   *
   * @param argv Program and arguments.
   * @param options See {@link spawn}.
   * @returns What it printed to standard output.
   * @throws {Error} If its status is not 0; the message holds what it printed.
   */
  async must(argv: readonly string[], options: ProcessOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(argv, options);
    if (code !== 0) throw new Error(`${argv.join(" ")}: status ${code}\n${stderr}${stdout}`);
    return stdout;
  }

  /**
   * Runs the program under test.
   *
   * @param args Its arguments.
   * @returns Status and outputs.
   */
  pktables(...args: readonly string[]): Promise<Outcome> {
    return this.run([PKTABLES, ...args]);
  }

  /**
   * Runs iptables or ip6tables of one backend; it has to succeed.
   *
   * @returns What it printed.
   * @throws {Error} If iptables refused.
   */
  iptables(backend: Backend, family: Family, ...args: readonly string[]): Promise<string> {
    return this.must([program(backend, family), "-w", "10", ...args]);
  }

  /**
   * All tables of one backend and family as iptables-save prints them, without comment lines.
   *
   * iptables-legacy (1.8.9) sets the policies' own counters to 0 whenever a table is written, even by
   * a plain `iptables -A` to some other chain: for legacy they are left out even where counters are
   * asked for. Those of rules are kept by both.
   *
   * @param backend Which iptables.
   * @param family Which address family.
   * @param options `counters: true` keeps counters and prints those of rules too.
   * @returns Text for comparing whole.
   */
  async save(
    backend: Backend,
    family: Family,
    options: { readonly counters?: boolean } = {},
  ): Promise<string> {
    const flags = options.counters === true ? ["-c"] : [];
    const save = [`${program(backend, family)}-save`, ...flags];
    // The list of legacy tables (/proc/net/ip_tables_names) is readable for the machine's root alone,
    // not for the root of a user namespace: there each table has to be read by its name, which
    // makes those that were not there yet, so that untouched ones are left out.
    const tables = backend === "legacy" && !isMachineRoot() ? TABLES : [undefined];
    let text = "";
    for (const table of tables) {
      text += await this.must([...save, ...(table === undefined ? [] : ["-t", table])]);
    }
    const all = normalize(text, options);
    const normal = tables.length > 1 ? all.replaceAll(UNTOUCHED, "") : all;
    return backend === "nft" ? normal : normal.replaceAll(/^(:.*) \[\d+:\d+\]$/gm, "$1");
  }

  /**
   * Sets a start state, counters included (but ip6tables-nft-restore 1.8.9 sets none of rules). Replaces the tables that the text names, no others.
   *
   * @param backend Which iptables.
   * @param family Which address family.
   * @param text Text in iptables-save's form.
   * @throws {Error} If iptables-restore refused it.
   */
  async load(backend: Backend, family: Family, text: string): Promise<void> {
    const wait = backend === "legacy" ? ["-w", "10"] : [];
    const restore = `${program(backend, family)}-restore`;
    await this.must([restore, ...wait, "-c"], { stdin: text });
  }

  /**
   * Joins this namespace to another by a veth pair. Addresses can be used at once: IPv6 does no
   * duplicate address detection, and both ends are up on return.
   *
   * @param other The other end; where tests do not run as root it has to be a sibling.
   * @param ends Addresses of both ends; the interface has the same name (default `pk0`) in both.
   */
  async connect(other: Namespace, ends: VethEnds): Promise<void> {
    const name = ends.name ?? "pk0";
    const peer = ["peer", "name", name, "netns", String(other.pid)];
    await this.must(["ip", "link", "add", name, "type", "veth", ...peer]);
    for (const [side, addresses] of [[this, ends.here], [other, ends.there]] as const) {
      for (const address of addresses) {
        await side.must(["ip", "address", "add", address, "dev", name]);
      }
      await side.must(["ip", "link", "set", name, "up"]);
    }
  }

  /**
   * What runs in the namespace besides its holder, also children whose parent has been killed.
   *
   * @returns Process ids, as the machine outside counts them.
   */
  async processes(): Promise<number[]> {
    const pids = await processesIn(await Deno.readLink(`/proc/${this.pid}/ns/net`));
    return pids.filter((pid) => pid !== this.pid);
  }

  /** Ends every process that still runs in the namespace, and with the last of them the namespace. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    const own = await Deno.readLink(`/proc/${this.pid}/ns/net`).catch(() => undefined);
    if (own !== undefined) killAll(await processesIn(own));
    await Promise.all([...this.#running].map((running) => running.outcome));
    await this.#holder.stdin.close().catch(() => undefined);
    await Promise.all([
      this.#holder.status,
      this.#printed.cancel(),
      this.#holder.stderr.cancel(),
    ]);
  }
}

/**
 * The name of iptables for one backend and family; `-save` and `-restore` may be appended.
 *
 * @returns For example `ip6tables-legacy`.
 */
export function program(backend: Backend, family: Family): string {
  return `${family === "ipv4" ? "iptables" : "ip6tables"}-${backend}`;
}
