// A server whose kernel hears knocks, and visitors of any address at the other end of a cable.
import { type Cable, sendSteps, type Step } from "./frames.ts";
import type { Backend, Family } from "./iptables_text.ts";
import { addressOf, Knocking, RULES, serverOf } from "./knocking.ts";

/** A step of a knock as the language writes it: `8022:udp`. */
export type Port = string;

/** The two machines. */
export class KernelKnocking implements AsyncDisposable {
  private constructor(readonly knocking: Knocking, readonly family: Family) {}

  /** Makes both machines, without rules. */
  static async create(backend: Backend, family: Family = "ipv4"): Promise<KernelKnocking> {
    const knocking = await Knocking.create(backend);
    const { ns } = knocking.server;
    // Any source may come by the cable.
    const script = `for f in all default pk0; do
      echo 0 > /proc/sys/net/ipv4/conf/$f/rp_filter
    done`;
    await ns.must(["sh", "-c", script]);
    return new KernelKnocking(knocking, family);
  }

  /** Address number `n` of those that may knock. */
  visitor(n: number): string {
    const [high, low] = [n >> 8, n & 255];
    return this.family === "ipv4" ? `10.9.${16 + high}.${low}` : `fd00:9:2::${n.toString(16)}:1`;
  }

  /** The visitor that has its own address and can connect. */
  get own(): string {
    return addressOf(1, this.family);
  }

  /** Loads rules; returns the output. */
  async load(rules: string): Promise<string> {
    await Deno.writeTextFile(this.knocking.server.ns.path(RULES), rules, { mode: 0o600 });
    return await this.knocking.server.must("load", RULES);
  }

  /** The packets of a knock. */
  steps(ports: readonly Port[], from: string): Step[] {
    return ports.map((port): Step => {
      const [number = "", protocol] = port.split(":");
      return { port: Number(number), protocol: protocol === "udp" ? "udp" : "tcp", from };
    });
  }

  /** Sends packets. */
  send(steps: readonly Step[]): Promise<void> {
    const { server, client } = this.knocking;
    const cable: Cable = {
      from: client,
      to: server.ns,
      name: "pk0",
      destination: serverOf(1, this.family),
    };
    return sendSteps(cable, steps);
  }

  /** The addresses on a door's list, sorted: the kernel shows them by their hash. */
  async open(list = "pk-ssh"): Promise<string[]> {
    const name = this.family === "ipv4" ? list : `${list}.v6`;
    const text = await this.knocking.server.ns.must(["cat", `/proc/net/xt_recent/${name}`]);
    return [...text.matchAll(/^src=(\S+)/gm)].map(([, address = ""]) => this.#short(address))
      .sort();
  }

  /** Counts the packets that come in from an address. */
  async count(from: string): Promise<() => Promise<number>> {
    const { server } = this.knocking;
    await server.iptables(this.family, "-I", "INPUT", "1", "-s", from);
    let before = 0;
    return async () => {
      const printed = await server.iptables(this.family, "-L", "INPUT", "1", "-v", "-n", "-x");
      const all = Number(/\d+/.exec(printed)?.[0]);
      const since = all - before;
      before = all;
      return since;
    };
  }

  /** Empties every list. */
  async forget(): Promise<void> {
    const script = 'for f in /proc/net/xt_recent/*; do echo / > "$f"; done';
    await this.knocking.server.ns.must(["sh", "-ec", script]);
  }

  #short(address: string): string {
    if (this.family === "ipv4") return address;
    return new URL(`http://[${address}]`).hostname.slice(1, -1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.knocking[Symbol.asyncDispose]();
  }
}
