import { err, ok, type Result } from "../../src/result.ts";
import { type Failure, failure } from "../../src/system/failure.ts";
import type {
  Console,
  Files,
  Interruption,
  IptablesOptions,
  Lock,
  RecentLists,
  Surroundings,
  System,
} from "../../src/system/system.ts";
import { run } from "../../src/cli/run.ts";
import { parseSockets } from "../../src/system/sockets.ts";
import { FIXED_PATHS } from "./fixed_paths.ts";
import { FakeKernel } from "./fake_kernel.ts";
import { type MemoryFile, memoryReader } from "./memory_reader.ts";

/** 2026-05-06T07:08:09Z, when the tests take place. */
export const NOW = Date.parse("2026-05-06T07:08:09Z") / 1000;

/** The output and status of a command. */
export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** A machine that is all in memory. */
export class FakeSystem implements System {
  readonly kernel: FakeKernel;
  readonly options: IptablesOptions[] = [];
  /** What was done, in order: `lock 10`, `drop`, `unlock`. */
  readonly steps: string[] = [];
  /** The calls that read who is connected. */
  readonly asked: string[] = [];
  clock = NOW;
  /** Seconds for which another command holds the lock. */
  lockBusy = 0;
  lockProblem: Failure | null = null;
  readonly console: Console & { outText: string; errText: string; columns: number } = {
    outText: "",
    errText: "",
    inIsTerminal: false,
    outIsTerminal: false,
    errIsTerminal: false,
    columns: 80,
    rows: 24,
    noColor: false,
    out(text) {
      this.outText += text;
    },
    err(text) {
      this.errText += text;
    },
  };

  constructor(start: ConstructorParameters<typeof FakeKernel>[0] = {}) {
    this.kernel = new FakeKernel(start);
  }

  iptables(options: IptablesOptions): FakeKernel {
    this.options.push(options);
    return this.kernel;
  }

  /** What `trace` reads besides the fake kernel's table `filter`. */
  readonly around: {
    /** Output of `nft -j list ruleset`; `null` where there is no nft. */
    nft: string | null;
    /** Interface of the default route. */
    interface: string | null;
    addresses: string[];
    /** Other tables, ahead of table `filter`, and those of iptables-legacy. */
    tables: string;
    legacy: string;
    /** What `ss -Htn` prints, or why it prints nothing. */
    ss: string | Failure;
    /** Interfaces of peers that do not come by that of the default route. */
    routes: Record<string, string>;
  } = {
    ...{ nft: '{"nftables": []}', interface: "eth0", addresses: [], tables: "", legacy: "" },
    ...{ ss: "", routes: {} },
  };

  readonly surroundings: Surroundings = {
    saveAll: (family, backend) => {
      const { legacy, tables } = this.around;
      if (backend === "legacy") return Promise.resolve(ok(legacy));
      return Promise.resolve(this.kernel.saveAll(family, tables));
    },
    nft: () => {
      const { nft } = this.around;
      return Promise.resolve(nft === null ? err(failure("absent", "no nft")) : ok(nft));
    },
    defaultInterface: () => Promise.resolve(ok(this.around.interface)),
    addresses: () => Promise.resolve(ok(this.around.addresses)),
    sockets: () => {
      this.asked.push("ss");
      const { ss } = this.around;
      if (typeof ss !== "string") return Promise.resolve(err(ss));
      return Promise.resolve(ok(parseSockets(ss)));
    },
    interfaces: (family, routes) => {
      this.asked.push(`ip route get ${family} ${routes.length}`);
      const found = routes.map(({ peer }) => this.around.routes[peer] ?? this.around.interface);
      return Promise.resolve(found);
    },
  };

  /** The kernel's lists by name: the addresses, and how many seconds ago each knocked. */
  readonly knocked: Record<string, Record<string, number>> = {};
  /** Whether the kernel shows its clock, and how many addresses a list holds. */
  readonly kernelKnocks: { isClockShown: boolean; capacity: number | null } = {
    isClockShown: true,
    capacity: 100,
  };
  recentProblem: Failure | null = null;
  /** Whether the kernel's lists can be read. */
  areListsShown = true;

  readonly recent: RecentLists = {
    read: (names) => {
      this.steps.push(`read lists ${names.join(" ")}`);
      const ticks = { now: 1_000_000, hz: 100 };
      const entries = (name: string) =>
        Object.entries(this.knocked[name] ?? {}).map(([address, ago]) => (
          { address, lastSeen: ticks.now - ago * ticks.hz }
        ));
      const { isClockShown, capacity } = this.kernelKnocks;
      return Promise.resolve({
        lists: new Map(this.areListsShown ? names.map((name) => [name, entries(name)]) : []),
        ticks: isClockShown ? ticks : null,
        capacity,
      });
    },
    remove: (name, hosts) => {
      if (this.recentProblem !== null) return Promise.resolve(err(this.recentProblem));
      for (const host of hosts) {
        this.steps.push(`off ${name} ${host}`);
        delete this.knocked[name]?.[host];
      }
      return Promise.resolve(ok(null));
    },
  };

  readonly lock: Lock = {
    take: (seconds: number): Promise<Result<{ release(): void }, Failure>> => {
      this.steps.push(`lock ${seconds}`);
      if (this.lockProblem !== null) return Promise.resolve(err(this.lockProblem));
      this.clock += Math.min(seconds, this.lockBusy);
      if (this.lockBusy > seconds) {
        const message = `another pktables held the lock for more than ${seconds} s`;
        return Promise.resolve(err(failure("locked", message)));
      }
      return Promise.resolve(ok({ release: () => void this.steps.push("unlock") }));
    },
  };

  /** The files of this machine by path; `-` is standard input. */
  contents: Record<string, MemoryFile> = {};

  get files(): Files {
    const replace: Files["replace"] = (path, text) => {
      this.contents[path] = text;
      return { ok: true };
    };
    return {
      ...memoryReader(this.contents),
      replace,
      rewrite: (path, { text }) => replace(path, text),
      isPublic: () => false,
      create: (path, text) => {
        if (this.contents[path] !== undefined) return { ok: false, words: "already exists" };
        this.contents[path] = text;
        return { ok: true };
      },
    };
  }

  readonly paths = FIXED_PATHS;

  #seed = 1;
  /** Deterministic, but without repeated numbers for a while. */
  readonly randomBytes = (length: number): Uint8Array =>
    Uint8Array.from({ length }, () => (this.#seed = (this.#seed * 181 + 57) % 65_521) % 256);

  /** Lines for the system's log, each after its level. */
  readonly logged: string[] = [];
  syslogProblem: Failure | null = null;

  syslog(line: string, level: string): Promise<Result<null, Failure>> {
    if (this.syslogProblem !== null) return Promise.resolve(err(this.syslogProblem));
    this.logged.push(`${level} ${line}`);
    return Promise.resolve(ok(null));
  }

  /** How many pauses a verb that runs until it is interrupted gets. */
  pauses = 0;

  /** How the machine can be reached by IPv6, read only without ip6tables. */
  reachable: Result<string | null, Failure> = ok(null);

  ipv6(): Promise<Result<string | null, Failure>> {
    this.steps.push("ipv6?");
    return Promise.resolve(this.reachable);
  }

  interruption(): Interruption {
    let left = this.pauses;
    const pause = (seconds: number) => {
      this.clock += seconds;
      left--;
      return Promise.resolve();
    };
    return {
      get over() {
        return left < 0;
      },
      pause,
      [Symbol.dispose]: () => void this.steps.push("listens no more"),
    };
  }

  now(): number {
    return this.clock;
  }

  dropFileAccess(): Promise<void> {
    this.steps.push("drop");
    return Promise.resolve();
  }

  /** Runs a command line; words are split at spaces, `~` is a space inside a word. */
  async run(line: string | readonly string[]): Promise<Ended> {
    const words = typeof line === "string"
      ? line.split(" ").filter((word) => word !== "").map((word) => word.replaceAll("~", " "))
      : line;
    this.console.outText = "";
    this.console.errText = "";
    const status = await run(words, this);
    return { status, out: this.console.outText, err: this.console.errText };
  }

  /** Both families as iptables-save prints them. */
  dump(): string {
    return this.kernel.dump("ipv4") + this.kernel.dump("ipv6");
  }
}
