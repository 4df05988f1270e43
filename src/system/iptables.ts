import type { Family } from "../firewall/address.ts";
import { err, ok, type Result } from "../result.ts";
import { describeExit, explain, type Failure } from "./failure.ts";
import { runProgram, type Task } from "./process.ts";
import type { Iptables, IptablesOptions } from "./system.ts";

/** Seconds a call may take beyond its wait for a lock. */
const LIMIT = 20;

/** Names of the programs for each family, before backend and verb. */
const PROGRAM = { ipv4: "iptables", ipv6: "ip6tables" } as const;

/** Up to this many chains are listed one by one; for more the whole table is read. */
const MOST_CHAINS = 8;

/** What nft calls the families of iptables and ip6tables. */
const NFT_FAMILY = { ipv4: "ip", ipv6: "ip6" } as const;

/** The real iptables, called as programs. */
export class IptablesPrograms implements Iptables {
  /**
   * Chooses the programs; nothing is started yet.
   *
   * @param options which iptables to call, and how long it may wait for its lock
   * @param lock held by every iptables-restore until it ends, if it is taken: if this process is
   * killed, the next command waits until its iptables-restore has ended as well
   */
  constructor(
    readonly options: IptablesOptions,
    readonly lock: { readonly held: Deno.FsFile | null } = { held: null },
  ) {}

  /** Calls `iptables-save -t filter -c`, or its sibling for the family and backend. */
  save(family: Family): Promise<Result<string, Failure>> {
    // iptables-save takes no lock and has no -w.
    return this.#call(family, "-save", { args: ["-t", "filter", "-c"], reads: true });
  }

  /** Calls `iptables -v -S CHAIN`, or its sibling for the family and backend. */
  readChain(family: Family, chain: string): Promise<Result<string, Failure>> {
    return this.#call(family, "", { args: [...this.#wait(), "-v", "-S", chain], reads: true });
  }

  /** Calls `iptables-restore --noflush --counters`, or its sibling for the family and backend. */
  async restore(
    family: Family,
    payload: string,
    { test = false }: { readonly test?: boolean } = {},
  ): Promise<Result<null, Failure>> {
    const args = ["--noflush", "--counters", ...this.#wait(), ...(test ? ["--test"] : [])];
    const holds = this.lock.held ?? undefined;
    const done = await this.#call(family, "-restore", { args, input: payload, holds });
    return done.ok ? ok(null) : done;
  }

  /**
   * Calls `iptables --version` for the backend, unless one was named, and `nft -j list chain`: that
   * takes 4 ms whatever else the table holds, the table as a whole 0.4 s with 20,000 rules.
   */
  async listNft(
    family: Family,
    chains: readonly string[],
  ): Promise<Result<string[] | null, Failure>> {
    const { backend } = this.options;
    if (backend === "legacy") return ok(null);
    if (backend === "system") {
      const version = await this.#call(family, "", { args: ["--version"], reads: true });
      if (!version.ok) return version;
      if (!version.value.includes("(nf_tables)")) return ok(null);
    }
    const table = [NFT_FAMILY[family], "filter"];
    const lists = chains.length > MOST_CHAINS
      ? [["table", ...table]]
      : chains.map((chain) => ["chain", ...table, chain]);
    const printed = await Promise.all(lists.map(async (what) => {
      const ended = await runProgram("nft", {
        args: ["-j", "list", ...what],
        limit: LIMIT,
        reads: true,
      });
      if (!ended.ok) return ended;
      const { code, stdout, stderr } = ended.value;
      return code === 0 ? ok(stdout) : err(explain(stderr, describeExit("nft", code)));
    }));
    const texts: string[] = [];
    for (const one of printed) {
      if (!one.ok) return one;
      texts.push(one.value);
    }
    return ok(texts);
  }

  /** Calls `iptables -L [CHAIN] -v -n`, or its sibling for the family and backend. */
  print(family: Family, chain: string | null): Promise<Result<string, Failure>> {
    const which = chain === null ? ["-L"] : ["-L", chain];
    return this.#call(family, "", { args: [...this.#wait(), ...which, "-v", "-n"], reads: true });
  }

  /** `-w` always with its number: without one, legacy iptables waits forever. */
  #wait(): string[] {
    return ["-w", String(this.options.wait)];
  }

  async #call(
    family: Family,
    verb: "" | "-save" | "-restore",
    task: Omit<Task, "limit">,
  ): Promise<Result<string, Failure>> {
    const backend = this.options.backend === "system" ? "" : `-${this.options.backend}`;
    const name = `${PROGRAM[family]}${backend}${verb}`;
    const ended = await runProgram(name, { ...task, limit: this.options.wait + LIMIT });
    if (!ended.ok) return ended;
    const { code, stdout, stderr } = ended.value;
    return code === 0 ? ok(stdout) : err(explain(stderr, describeExit(name, code)));
  }
}
