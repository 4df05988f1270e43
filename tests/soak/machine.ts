// The two machines of a soak, a server with knockd and a visitor with many addresses, and the versions
// of the rules file.
import { EMPTY_FILTER, FAMILIES, type Family, withoutOurs } from "../support/iptables_text.ts";
import { type Backend } from "../support/iptables_text.ts";
import { Namespace, PKTABLES, program } from "../support/namespace.ts";
import { serve } from "../support/traffic.ts";
import { Model, skeletonOf } from "./model.ts";
import type { Counts } from "./prober.ts";

/** Addresses of the server, and what its visitors' start with. */
export const SERVER = { ipv4: "10.9.0.1", ipv6: "fd00:9::1" } as const;
const PREFIX = { ipv4: "10.9.0.", ipv6: "fd00:9::" } as const;

/** Never let in, and let in by every version of the rules file. */
const [STRANGER, ALWAYS] = ["250", "251"];

/** How many addresses the visitor has in each family, from number 10 on. */
const VISITORS = 30;

/** Names of knocks, and the ports of each. */
export const KNOCKS = { open: "7000,8000,9000", close: "9000,7000,8000" } as const;

const LOG = "/mnt/hooks";
const FAMILY_ADDRESSES = FAMILIES.map((family) => `${PREFIX[family]}${ALWAYS}`).join(", ");

/** Versions of the rules file: what may change in one, one after another. */
export const VERSIONS: readonly string[] = [
  "service ssh tcp 22 syn drop\nservice web tcp 80, 443 drop\n",
  "service ssh tcp 22, 2222 syn drop\nservice web tcp 80 reject\n    allow 10.9.1.0/24\n",
  "service ssh tcp 22 syn reject\nservice web tcp 80, 443 accept\n    established\n",
  "service ssh tcp 22 syn drop\n    allow 198.51.100.7, 2001:db8:7::/48\n" +
  '    log prefix "ssh " limit 10/minute\nservice web tcp 8000-8010 drop\n',
  "service ssh tcp 22 drop\n    allow 10.8.0.0/16\nservice web tcp 80, 443 drop\n    on eth0\n",
].flatMap((text, at) => {
  const vpn = `service vpn udp 500 ${
    at % 2 === 0 ? "drop" : "reject"
  }\n    allow ${FAMILY_ADDRESSES}\n`;
  const extra = "service extra udp 9999 drop\n    allow fd00:7::/32\n";
  return [text + vpn, text + vpn + extra];
});

/** Foreign rules, which nothing may touch. */
const FOREIGN = EMPTY_FILTER.replace(
  "COMMIT",
  ":others - [0:0]\n-A INPUT -i lo -j ACCEPT\n-A FORWARD -j others\n-A others -j RETURN\nCOMMIT",
).replace(":FORWARD ACCEPT", ":FORWARD DROP");

/** What runs on the server from start to end. */
export class TestBed implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  #lasting: ReadonlySet<number> = new Set();

  private constructor(
    readonly backend: Backend,
    readonly server: Namespace,
    readonly visitor: Namespace,
    readonly model: Model,
    stack: AsyncDisposableStack,
  ) {
    this.#stack = stack;
  }

  /** Makes both machines, loads version 0, starts servers, knockd and the prober. */
  static async create(backend: Backend): Promise<TestBed> {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await Namespace.create());
    const visitor = stack.use(await Namespace.create({ sibling: server }));
    const numbers = [
      STRANGER,
      ALWAYS,
      ...Array.from({ length: VISITORS }, (_, at) => `${10 + at}`),
    ];
    await server.connect(visitor, {
      here: [`${SERVER.ipv4}/24`, `${SERVER.ipv6}/64`],
      there: FAMILIES.flatMap((family) =>
        numbers.map((number) => `${PREFIX[family]}${number}/${family === "ipv4" ? 24 : 64}`)
      ),
    });
    for (const family of FAMILIES) await server.load(backend, family, FOREIGN);
    const foreign = {
      ipv4: withoutOurs(await server.save(backend, "ipv4")),
      ipv6: withoutOurs(await server.save(backend, "ipv6")),
    };
    const model = new Model(await skeletons(backend), foreign);
    const testBed = new TestBed(backend, server, visitor, model, stack.move());
    await testBed.#start();
    return testBed;
  }

  async #start(): Promise<void> {
    await this.writeRules(0);
    await this.server.must([PKTABLES, "load", "/mnt/rules.pk", "--backend", this.backend]);
    await serve(this.server, [22, 500]);
    await Deno.writeTextFile(this.server.path("/mnt/knockd.conf"), this.#knockdConf());
    await Deno.writeTextFile(this.server.path(LOG), "");
    this.server.spawn(["knockd", "-i", "pk0", "-c", "/mnt/knockd.conf"], { timeout: 86_400_000 });
    const prober = [Deno.execPath(), "run", "--no-config", "--no-lock", "--no-check", "-A"];
    this.visitor.spawn([
      ...prober,
      `${import.meta.dirname}/prober.ts`,
      "/mnt/probes",
      ...FAMILIES.map((family) =>
        `${SERVER[family]}=${PREFIX[family]}${ALWAYS},${PREFIX[family]}${STRANGER}`
      ),
    ], { env: { PATH: "/usr/bin:/bin", HOME: Deno.env.get("HOME") ?? "/" }, timeout: 86_400_000 });
    for (let tries = 0; tries < 100 && await this.probes() === null; tries++) await sleep(100);
    this.#lasting = new Set(await this.server.processes());
  }

  #knockdConf(): string {
    const section = (name: keyof typeof KNOCKS, verb: string) =>
      `[${name}]\n  sequence = ${KNOCKS[name]}\n  seq_timeout = 10\n  tcpflags = syn\n` +
      // knockd runs it by system(), so the shell can keep the status.
      `  command = ${PKTABLES} ${verb} %IP% --service ssh --backend ${this.backend} --wait 60 ` +
      `2>/dev/null >/dev/null; echo "${verb} %IP% $?" >> ${LOG}\n`;
    return `[options]\n  logfile = /mnt/knockd.log\n${section("open", "add")}${
      section("close", "delete")
    }`;
  }

  /** What knockd's hooks printed: `add 10.9.0.7 0`, oldest first. */
  async hooks(): Promise<string[]> {
    return (await Deno.readTextFile(this.server.path(LOG))).split("\n").slice(0, -1);
  }

  /** Puts a version of the rules file in place. */
  async writeRules(version: number): Promise<void> {
    await Deno.writeTextFile(this.server.path("/mnt/rules.pk"), VERSIONS[version] ?? "");
  }

  /** The prober's counts; `null` before it has any. */
  async probes(): Promise<Counts | null> {
    const text = await Deno.readTextFile(this.visitor.path("/mnt/probes")).catch(() => null);
    return text === null ? null : JSON.parse(text);
  }

  /** The visitor's addresses of one family. */
  visitors(family: Family): string[] {
    return Array.from({ length: VISITORS }, (_, at) => `${PREFIX[family]}${10 + at}`);
  }

  /** Makes the visitor talk to the server from one of its addresses, until changed. */
  async speakAs(address: string): Promise<void> {
    const family = address.includes(":") ? "ipv6" : "ipv4";
    const [flag, length] = family === "ipv6" ? ["-6", 128] : ["-4", 32];
    const route = [`${SERVER[family]}/${length}`, "dev", "pk0", "src", address];
    await this.visitor.must(["ip", flag, "route", "replace", ...route]);
  }

  /**
   * Whether SSH answers the visitor from that address.
   *
   * @param address One of the visitor's.
   * @param patience Seconds to wait for the answer: a busy machine may take more than one.
   */
  async answers(address: string, patience: number): Promise<boolean> {
    await this.speakAs(address);
    const host = SERVER[address.includes(":") ? "ipv6" : "ipv4"];
    const ask = `head -n 1 < /dev/tcp/${host}/22`;
    const { stdout } = await this.visitor.run(["timeout", String(patience), "bash", "-c", ask]);
    return stdout.startsWith("open");
  }

  /** Packets of each of the server's rules, by chain and words. */
  async counters(family: Family): Promise<Map<string, number>> {
    const save = [`${program(this.backend, family)}-save`, "-c", "-t", "filter"];
    const lines = (await this.server.must(save)).split("\n");
    return new Map(lines.flatMap((line) => {
      const [, packets, rule] = /^\[(\d+):\d+\] -A (.*)$/.exec(line) ?? [];
      return rule === undefined ? [] : [[rule, Number(packets)]];
    }));
  }

  /** Waits until no command runs on the server, including children of killed ones. */
  async settle(): Promise<void> {
    for (let tries = 0; tries < 1200; tries++) {
      const pids = await this.server.processes();
      if (pids.every((pid) => this.#lasting.has(pid))) return;
      await sleep(25);
    }
    throw new Error(`commands do not end on the server (${this.backend})`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** What each version looks like in the kernel when iptables-restore has read it on an empty machine. */
async function skeletons(backend: Backend): Promise<Record<Family, string[]>> {
  await using machine = await Namespace.create();
  const all: Record<Family, string[]> = { ipv4: [], ipv6: [] };
  for (const text of VERSIONS) {
    for (const family of FAMILIES) {
      await machine.load(backend, family, FOREIGN);
      const compile = [PKTABLES, "compile", "-", `--${family}`];
      const payload = await machine.must(compile, { stdin: text });
      const restore = `${program(backend, family)}-restore`;
      await machine.must([restore, "--noflush"], { stdin: payload });
      all[family].push(skeletonOf(await machine.save(backend, family)));
    }
  }
  return all;
}

/** Waits. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
