// A kernel with only -m recent, as in xt_recent.c. It reads rules as text and shares
// no code with the program under test.

/** A packet: protocol, port, who sends it, and when, in seconds. */
export interface Knocked {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  readonly from: string;
  readonly at: number;
}

/** Stamps of one address that the kernel keeps on a list. */
const STAMPS = 32;

/** A chain, the jumps to it, and what is on the lists. */
export class RecentMachine {
  readonly #lists = new Map<string, Map<string, number[]>>();

  /**
   * @param jumps The words behind `-A INPUT`.
   * @param rules The words behind `-A CHAIN`.
   */
  constructor(readonly jumps: readonly string[], readonly rules: readonly string[]) {}

  /** Lets a packet in. */
  receive(packet: Knocked): void {
    for (const jump of this.jumps) if (this.#matches(jump, packet)) this.#walk(packet);
  }

  /** When an address was last recorded on a list; `null` if it is not on it. */
  lastSeen(list: string, from: string): number | null {
    return this.#lists.get(list)?.get(from)?.at(-1) ?? null;
  }

  #walk(packet: Knocked): void {
    for (const rule of this.rules) {
      if (this.#matches(rule, packet) && rule.endsWith(" -j RETURN")) return;
    }
  }

  /** Tries the matches from left to right; one that held has had its effect. */
  #matches(rule: string, packet: Knocked): boolean {
    const words = rule.split(" ");
    const take = () => words.shift() ?? "";
    while (words.length > 0) {
      const word = take();
      if (word === "-j") return true;
      if (word === "-p" && take() !== packet.protocol) return false;
      if (word === "--dport" || word === "--dports") {
        const isIn = take().split(",").some((range) => {
          const [from, to = from] = range.split(":").map(Number);
          return from! <= packet.port && packet.port <= to!;
        });
        if (!isIn) return false;
      }
      if (word === "-m" && take() === "recent") {
        const end = words.findIndex((one) => one === "-m" || one === "-j");
        const options = words.splice(0, end < 0 ? words.length : end);
        if (!this.#recent(options, packet)) return false;
      }
    }
    return true;
  }

  #recent(options: readonly string[], { from, at }: Knocked): boolean {
    const value = (name: string) => options[options.indexOf(name) + 1] ?? "";
    const list = this.#lists.get(value("--name")) ?? new Map<string, number[]>();
    this.#lists.set(value("--name"), list);
    const stamps = list.get(from);
    if (options.includes("--set")) {
      list.set(from, [...stamps ?? [], at].slice(-STAMPS));
      return true;
    }
    if (options.includes("--remove")) return list.delete(from);
    if (!options.includes("--rcheck")) throw new Error(`what is ${options.join(" ")}?`);
    const seconds = options.includes("--seconds") ? Number(value("--seconds")) : Infinity;
    return (stamps?.some((stamp) => at - stamp <= seconds) ?? false) !== options.includes("!");
  }
}
