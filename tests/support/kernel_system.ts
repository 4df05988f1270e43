// The program's verbs in this process, on the real tables of a namespace: hundreds of runs in seconds.
import type { Family as SourceFamily } from "../../src/firewall/address.ts";
import { err, ok, type Result } from "../../src/result.ts";
import { type Failure, failure } from "../../src/system/failure.ts";
import type { Iptables } from "../../src/system/system.ts";
import { run } from "../../src/cli/run.ts";
import type { Box } from "./box.ts";
import { type Ended, FakeSystem } from "./fake_system.ts";
import { program } from "./namespace.ts";

/** One start of iptables-save, iptables-restore, or of iptables to list a chain. */
export interface Start {
  readonly verb: "save" | "list" | "restore";
  readonly family: SourceFamily;
  readonly payload: string;
}

/** The iptables programs of a box, each start written down. */
export class KernelIptables implements Iptables {
  readonly starts: Start[] = [];

  constructor(readonly box: Box) {}

  async save(family: SourceFamily): Promise<Result<string, Failure>> {
    this.starts.push({ verb: "save", family, payload: "" });
    const args = ["-t", "filter", "-c"];
    return ok(await this.box.ns.must([`${program(this.box.backend, family)}-save`, ...args]));
  }

  async readChain(family: SourceFamily, chain: string): Promise<Result<string, Failure>> {
    this.starts.push({ verb: "list", family, payload: chain });
    const args = ["-w", "10", "-v", "-S", chain];
    const listed = await this.box.ns.run([program(this.box.backend, family), ...args]);
    const { code, stdout, stderr } = listed;
    return code === 0 ? ok(stdout) : err(failure("refused", stderr, stderr));
  }

  async restore(
    family: SourceFamily,
    payload: string,
    { test = false }: { readonly test?: boolean } = {},
  ): Promise<Result<null, Failure>> {
    this.starts.push({ verb: "restore", family, payload });
    const args = ["--noflush", "--counters", "-w", "10", ...(test ? ["--test"] : [])];
    const { code, stderr } = await this.box.ns.run(
      [`${program(this.box.backend, family)}-restore`, ...args],
      { stdin: payload },
    );
    return code === 0 ? ok(null) : err(failure("refused", stderr, stderr));
  }

  async listNft(family: SourceFamily): Promise<Result<string[] | null, Failure>> {
    if (this.box.backend === "legacy") return ok(null);
    const table = family === "ipv4" ? "ip" : "ip6";
    return ok([await this.box.ns.must(["nft", "-j", "list", "table", table, "filter"])]);
  }

  print(): Promise<Result<string, Failure>> {
    throw new Error("no test of this kind prints a chain");
  }
}

/** Runs a command line on a box, its rules file on standard input, the clock right. */
export async function runOn(
  iptables: KernelIptables,
  { line, input }: { readonly line: string; readonly input: string },
): Promise<Ended & { readonly starts: readonly Start[] }> {
  const system = new FakeSystem();
  system.contents["-"] = input;
  system.clock = Date.now() / 1000;
  const from = iptables.starts.length;
  const { console, lock, files, paths, recent, surroundings } = system;
  const status = await run(line.split(" "), {
    iptables: () => iptables,
    ...{ console, lock, files, paths, recent, surroundings },
    ipv6: () => system.ipv6(),
    now: () => system.now(),
    randomBytes: system.randomBytes,
    interruption: () => system.interruption(),
    syslog: (text, level) => system.syslog(text, level),
    dropFileAccess: () => system.dropFileAccess(),
  });
  const starts = iptables.starts.slice(from);
  return { status, out: console.outText, err: console.errText, starts };
}
