import { type Backend, BACKENDS, EMPTY_FILTER, FAMILIES, type Family } from "./iptables_text.ts";
import { Namespace, PKTABLES } from "./namespace.ts";
import type { Outcome, ProcessOptions, Running } from "./process.ts";

/** A machine of one's own: a {@link Namespace} and the one backend of a test. */
export class Box implements AsyncDisposable {
  private constructor(readonly ns: Namespace, readonly backend: Backend) {}

  /**
   * A box whose `filter` tables are there and empty, so that states before and after can be compared
   * whole (the first reader of a table makes it, which would be a difference).
   */
  static async create(backend: Backend): Promise<Box> {
    const ns = await Namespace.create();
    try {
      const box = new Box(ns, backend);
      for (const family of FAMILIES) await box.load(family, EMPTY_FILTER);
      return box;
    } catch (error) {
      await ns[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs the program under test on this box's backend. */
  pktables(...args: readonly string[]): Promise<Outcome> {
    return this.spawn(args).outcome;
  }

  /** Starts the program under test on this box's backend. */
  spawn(args: readonly string[], options: ProcessOptions = {}): Running {
    return this.ns.spawn([PKTABLES, ...args, "--backend", this.backend], options);
  }

  /**
   * Runs the program under test, which has to succeed.
   *
   * @returns What it printed to standard output.
   * @throws {Error} If its status is not 0.
   */
  must(...args: readonly string[]): Promise<string> {
    return this.ns.must([PKTABLES, ...args, "--backend", this.backend]);
  }

  /** See {@link Namespace.iptables}. */
  iptables(family: Family, ...args: readonly string[]): Promise<string> {
    return this.ns.iptables(this.backend, family, ...args);
  }

  /** See {@link Namespace.load}. */
  load(family: Family, text: string): Promise<void> {
    return this.ns.load(this.backend, family, text);
  }

  /** See {@link Namespace.save}. */
  save(family: Family, options: { readonly counters?: boolean } = {}): Promise<string> {
    return this.ns.save(this.backend, family, options);
  }

  /** The states of both families in one text, for "nothing changed". */
  async saveAll(options: { readonly counters?: boolean } = {}): Promise<string> {
    const [v4, v6] = await Promise.all([this.save("ipv4", options), this.save("ipv6", options)]);
    return `# ipv4\n${v4}# ipv6\n${v6}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ns[Symbol.asyncDispose]();
  }
}

/**
 * Registers a test once for iptables-nft and once for iptables-legacy, each in a box of its own.
 *
 * @param name A sentence about behaviour; the backend is appended.
 * @param body The test.
 */
export function forEachBackend(name: string, body: (box: Box) => Promise<void>): void {
  for (const backend of BACKENDS) {
    Deno.test(`${name} (${backend})`, async () => {
      await using box = await Box.create(backend);
      await body(box);
    });
  }
}
