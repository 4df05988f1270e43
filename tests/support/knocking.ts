// Two machines and a cable between them: a server with the real knockd, and visitors who really knock.
import type { Backend } from "./iptables_text.ts";
import { Box } from "./box.ts";
import { Namespace, PKTABLES } from "./namespace.ts";
import type { Running } from "./process.ts";

/** The folder of the server's files, in its own mounts. */
export const RULES = "/mnt/rules.pk";
/** The knockd.conf that knockd is started with. */
export const CONF = "/mnt/knockd.conf";

/** The server's addresses: visitor number `n` uses the one with its own number. */
export function serverOf(visitor: number, family: "ipv4" | "ipv6" = "ipv4"): string {
  return family === "ipv4" ? `10.9.1.${visitor}` : `fd00:9:1::${visitor}`;
}

/** The address that visitor number `n` has. */
export function addressOf(visitor: number, family: "ipv4" | "ipv6" = "ipv4"): string {
  return family === "ipv4" ? `10.9.2.${visitor}` : `fd00:9:2::${visitor}`;
}

/** The two machines. */
export class Knocking implements AsyncDisposable {
  private constructor(readonly server: Box, readonly client: Namespace) {}

  /**
   * Makes both machines. The kernel chooses a visitor's own address by the address that is knocked at,
   * so that one namespace holds them all.
   *
   * @param backend The server's iptables.
   * @param visitors How many there are, from 1.
   */
  static async create(backend: Backend, visitors = 1): Promise<Knocking> {
    const server = await Box.create(backend);
    try {
      const client = await Namespace.create({ sibling: server.ns });
      const knocking = new Knocking(server, client);
      const numbers = Array.from({ length: visitors }, (_, index) => index + 1);
      await server.ns.connect(client, { here: [], there: [] });
      await knocking.#addresses(numbers);
      return knocking;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #addresses(visitors: readonly number[]): Promise<void> {
    const here: string[] = [];
    const there: string[] = [];
    for (const visitor of visitors) {
      for (const [family, length] of [["ipv4", 16], ["ipv6", 32]] as const) {
        // An address that is still looked for on the cable cannot be sent from.
        const nodad = family === "ipv6" ? " nodad" : "";
        const [own, other] = [addressOf(visitor, family), serverOf(visitor, family)];
        here.push(`address add ${other}/${length} dev pk0${nodad}`);
        there.push(`address add ${own}/${length} dev pk0${nodad}`);
        const full = family === "ipv4" ? 32 : 128;
        there.push(`route add ${other}/${full} dev pk0 src ${own}`);
      }
    }
    await this.server.ns.must(["ip", "-batch", "-"], { stdin: `${here.join("\n")}\n` });
    await this.client.must(["ip", "-batch", "-"], { stdin: `${there.join("\n")}\n` });
  }

  /** Loads rules and starts knockd with what `pktables knockd` writes for them. */
  async listen(rules: string, ...options: readonly string[]): Promise<Running> {
    await this.load(rules);
    const args = ["--options", "--interface", "pk0", ...options];
    return await this.start(await this.server.must("knockd", RULES, ...args));
  }

  /** Loads rules. */
  async load(rules: string): Promise<void> {
    await Deno.writeTextFile(this.server.ns.path(RULES), rules, { mode: 0o600 });
    await this.server.must("load", RULES);
  }

  /** Starts the real knockd and waits until it listens. */
  async start(conf: string): Promise<Running> {
    await Deno.writeTextFile(this.server.ns.path(CONF), conf, { mode: 0o600 });
    const log = this.server.ns.path("/mnt/knockd.log");
    await Deno.writeTextFile(log, "");
    // Its output goes to a file: a pipe would be held open by the children of a killed knockd.
    const line = 'exec knockd -c "$1" -i pk0 -v > /mnt/knockd.log 2>&1';
    const knockd = this.server.ns.spawn(["sh", "-c", line, "sh", CONF], { timeout: 120_000 });
    for (let tries = 0; tries < 100; tries++) {
      if ((await Deno.readTextFile(log)).includes("listening on")) return knockd;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    throw new Error(`knockd does not listen:\n${await Deno.readTextFile(log)}\n${conf}`);
  }

  /** The output of knockd. */
  log(): Promise<string> {
    return Deno.readTextFile(this.server.ns.path("/mnt/knockd.log"));
  }

  /**
   * Knocks with the real knock(1), one visitor's knock after another's. knockd 0.8 forgets all knocks
   * that are half done whenever one is done (its list of attempts is cut at the first), so knocks
   * that mingle fail; what they start still runs at the same time.
   *
   * @param steps Such as `7001:udp`.
   * @param visitors Their numbers.
   */
  async knockAll(
    steps: readonly string[],
    visitors: readonly number[],
    family: "ipv4" | "ipv6" = "ipv4",
  ): Promise<void> {
    const [version, ...line] = [family === "ipv4" ? "-4" : "-6", "-d", "0"];
    const addresses = visitors.map((visitor) => serverOf(visitor, family));
    const script = `for server in ${addresses.join(" ")}; do knock "$@" $server ${
      steps.join(" ")
    }; done`;
    await this.client.must(["sh", "-ec", script, "sh", version, ...line]);
  }

  /**
   * Knocks with the real knock(1).
   *
   * @param steps Such as `7001:udp`.
   * @param from The visitor's number and family.
   */
  async knock(
    steps: readonly string[],
    { visitor = 1, family = "ipv4" }: { visitor?: number; family?: "ipv4" | "ipv6" } = {},
  ): Promise<void> {
    const version = family === "ipv4" ? "-4" : "-6";
    await this.client.must(["knock", version, "-d", "20", serverOf(visitor, family), ...steps]);
  }

  /** Waits until a condition holds; fails with knockd's log after five seconds. */
  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 5000;
    while (!await holds()) {
      if (Date.now() > end) throw new Error(`not within 5 s: ${what}\n${await this.log()}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

export { PKTABLES };
