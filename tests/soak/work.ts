// What happens on the server during a soak, all at once, and the pauses in between at which the kernel
// has to be what the model says.
import { familyOf } from "../support/chains.ts";
import { type Fault, install } from "../support/fake_iptables/fake_iptables.ts";
import { type Backend, FAMILIES, type Family } from "../support/iptables_text.ts";
import { PKTABLES, program } from "../support/namespace.ts";
import type { Outcome } from "../support/process.ts";
import { Findings } from "./model.ts";
import { KNOCKS, SERVER, sleep, TestBed, VERSIONS } from "./machine.ts";

/** What was done on one machine, and what was found. */
export class Tally {
  readonly counts: Record<string, number> = {};
  readonly findings: Findings = new Findings();

  constructor(readonly backend: Backend) {}

  add(what: string, times = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + times;
  }
}

const FAIL = { kind: "fail", code: 4, stderr: "line 3: RULE_INSERT failed (No space)" } as const;

/** The faults between two pauses. */
const FAULTS: readonly (readonly Fault[])[] = [
  [],
  [{ phase: "write", action: FAIL, times: 4 }],
  [{ phase: "write", action: { kind: "killed" }, times: 4 }],
  [{ phase: "save", action: FAIL, times: 3 }],
  [{ phase: "write", action: { kind: "killedAfter" }, times: 4 }],
  [{ phase: "write", action: { kind: "slow", seconds: 0.2 }, times: 4 }],
  [{ phase: "test", action: FAIL, times: 2 }, { phase: "write", action: FAIL, times: 2 }],
  [{ family: "ipv6", phase: "write", action: FAIL, times: 4 }],
];

/** Milliseconds of work between two pauses. */
const WORK = 6000;

const random = (limit: number) => Math.floor(Math.random() * limit);
const oneOf = <T>(list: readonly T[]): T => list[random(list.length)]!;
const networkOf = (address: string) => `${address}/${address.includes(":") ? 128 : 32}`;

/** One machine under load until `end`. */
export class Soak {
  #until = 0;
  /** Whether a command that was refused may have changed the kernel anyway. */
  #unclear = false;
  /** Numbers of the doors that the neighbour opened since the last pause. */
  readonly #neighbours: number[] = [];

  constructor(readonly testBed: TestBed, readonly tally: Tally) {}

  /** Works and pauses in turn until `end`, in milliseconds since 1970. */
  async run(end: number): Promise<void> {
    while (Date.now() < end) {
      const faults = oneOf(FAULTS);
      await install(this.testBed.server, faults);
      this.#unclear = faults.some(({ action }) => action.kind === "killedAfter");
      this.#until = Math.min(end, Date.now() + WORK);
      await Promise.all([
        ...[0, 1, 2].map((number) => this.#repeat(() => this.#hook(number))),
        this.#repeat(() => this.#knock()),
        this.#repeat(() => this.#load()),
        this.#repeat(() => this.#sweep()),
        ...(random(2) === 0 ? [this.#repeat(() => this.#neighbour())] : []),
      ]);
      await this.#pause();
    }
  }

  async #repeat(work: () => Promise<void>): Promise<void> {
    while (Date.now() < this.#until) await work();
  }

  /** Runs pktables on the server; some of the runs are killed. */
  async #pktables(name: string, args: readonly string[]): Promise<Outcome> {
    const { testBed: { server, backend }, tally } = this;
    const line = [PKTABLES, ...args, "--backend", backend, "--wait", "60"];
    const running = server.spawn(line, { timeout: 120_000 });
    tally.add("operations");
    tally.add(name);
    if (random(12) === 0) setTimeout(() => running.kill("SIGKILL"), random(150));
    const outcome = await running.outcome;
    if (outcome.signal !== null) tally.add("killed");
    else if (outcome.code === 1) tally.add("refused");
    else if (outcome.code !== 0) {
      tally.findings.add("broken", `${args.join(" ")}: ${outcome.code}: ${outcome.stderr}`);
    }
    return outcome;
  }

  /** A hook as another daemon would run it; each worker has addresses of its own. */
  async #hook(worker: number): Promise<void> {
    const { model } = this.testBed;
    const family = oneOf(FAMILIES);
    // Some are the visitor's, whose packets show it; few enough that each is met again and again.
    const shared = this.testBed.visitors(family).slice(10 * worker, 10 * worker + 5);
    const away = Array.from(
      { length: 15 },
      (_, at) =>
        family === "ipv4"
          ? `198.51.${100 + worker}.${1 + at}`
          : `2001:db8:${1 + worker}::${1 + at}`,
    );
    const address = oneOf(random(2) === 0 ? shared : away);
    const service = oneOf(["ssh", "vpn"]);
    const door = `${service} ${networkOf(address)}`;
    if (model.isUnsure(door)) return;
    const verb = random(9) < 5 ? "add" : "delete";
    const seconds = verb === "delete" ? null : oneOf([null, null, 3600, 3]);
    const time = seconds === null ? [] : ["--for", `${seconds}s`];
    const asked = Date.now();
    const args = [verb, address, "--service", service, ...time];
    const { code, signal } = await this.#pktables(verb, args);
    if (signal !== null || code !== 0 && this.#unclear) model.unsure(door);
    else if (code !== 0) return;
    else if (verb === "delete") model.closed(door);
    else model.opened(door, { seconds: seconds ?? Infinity, asked });
  }

  /** A real knock from one of the visitor's addresses that no hook uses. */
  async #knock(): Promise<void> {
    const { testBed, tally } = this;
    const family = oneOf(FAMILIES);
    const address = oneOf(testBed.visitors(family).filter((_, at) => at % 10 >= 5));
    const door = `ssh ${networkOf(address)}`;
    if (testBed.model.isUnsure(door)) return;
    const name = oneOf(["open", "close"] as const);
    const before = (await testBed.hooks()).length;
    await testBed.speakAs(address);
    const flag = family === "ipv6" ? "-6" : "-4";
    const ports = KNOCKS[name].split(",");
    await testBed.visitor.must(["knock", flag, "-d", "20", SERVER[family], ...ports]);
    tally.add("operations");
    tally.add("knocks");
    const status = await this.#heard(address, before);
    if (status === null) tally.add("knocks not heard");
    else if (status === 1) tally.add("refused");
    if (status === null || status !== 0 && this.#unclear) testBed.model.unsure(door);
    else if (status !== 0) return;
    else if (name === "close") testBed.model.closed(door);
    else testBed.model.opened(door, { seconds: Infinity, asked: Date.now() });
  }

  /** The status of knockd's hook for an address; `null` if there was none in ten seconds. */
  async #heard(address: string, before: number): Promise<number | null> {
    for (let tries = 0; tries < 400; tries++) {
      const line = (await this.testBed.hooks()).slice(before)
        .find((line) => line.split(" ")[1] === address);
      if (line !== undefined) return Number(line.split(" ")[2]);
      await sleep(25);
    }
    return null;
  }

  async #load(): Promise<void> {
    const version = random(VERSIONS.length);
    await this.testBed.writeRules(version);
    const { code } = await this.#pktables("loads", ["load", "/mnt/rules.pk", "--prune", "--quiet"]);
    this.testBed.model.loaded(version, code === 0);
    await sleep(random(500));
  }

  async #sweep(): Promise<void> {
    await this.#pktables("sweeps", ["sweep"]);
    await sleep(random(1500));
  }

  /** Waits for silence, then compares the kernel with the model, and sends packets. */
  async #pause(): Promise<void> {
    const { testBed, tally } = this;
    await testBed.settle();
    const struck = await testBed.server.must(["ls", "/mnt/fake/count"]);
    tally.add("faults", struck.split("\n").filter((line) => line !== "").length);
    await install(testBed.server, []);
    tally.add("pauses");
    await this.#compare(this.#neighbours.length === 0);
    await this.#tidyUp();
    for (const family of FAMILIES) await this.#askSome(family);
    await this.#readProbes();
  }

  async #compare(sorted: boolean): Promise<void> {
    const { server, backend, model } = this.testBed;
    for (const family of FAMILIES) {
      const saved = await server.save(backend, family);
      model.compare({ family, saved, sorted }, this.tally.findings);
    }
  }

  /** Another program, without pktables' lock, opens a door at the top of the chain by iptables. */
  async #neighbour(): Promise<void> {
    const { server, backend, model } = this.testBed;
    const number = 1 + this.#neighbours.length;
    for (const address of [`192.0.2.${number}`, `2001:db8:9::${number}`]) {
      const iptables = `/mnt/fake/real/${program(backend, familyOf(address))}`; // not the failing one
      const rule = ["-s", address, "-j", "ACCEPT"];
      await server.must([iptables, "-w", "60", "-I", "pk-ssh", ...rule]);
      model.opened(`ssh ${networkOf(address)}`, { seconds: Infinity, asked: Date.now() });
      this.tally.add("foreign doors");
    }
    this.#neighbours.push(number);
    await sleep(400 + random(800));
  }

  /** Closes the neighbour's doors, which brings the chain back into order. */
  async #tidyUp(): Promise<void> {
    if (this.#neighbours.length === 0) return;
    for (const number of this.#neighbours.splice(0)) {
      for (const address of [`192.0.2.${number}`, `2001:db8:9::${number}`]) {
        const line = [PKTABLES, "delete", address, "--service", "ssh", "--quiet"];
        await this.testBed.server.must([...line, "--backend", this.testBed.backend]);
        this.testBed.model.closed(`ssh ${networkOf(address)}`);
      }
    }
    await this.#compare(true);
  }

  /** Real packets from some visitors, let in and not; the rule that decided has to have counted them. */
  async #askSome(family: Family): Promise<void> {
    const { testBed, tally } = this;
    for (const wanted of [true, true, false]) {
      const known = testBed.visitors(family).filter((address) =>
        testBed.model.isOpen(`ssh ${networkOf(address)}`) === wanted
      );
      if (known.length === 0) continue;
      const address = oneOf(known);
      const door = `ssh ${networkOf(address)}`;
      const before = await testBed.counters(family);
      const answered = await testBed.answers(address, wanted ? 10 : 1);
      const after = await testBed.counters(family);
      if (wanted !== testBed.model.isOpen(door)) continue; // its time ended just now
      tally.add(answered ? "visitors let in" : "visitors kept out");
      if (answered && !wanted) tally.findings.add("wronglyOpen", `${address} got an answer`);
      if (!answered && wanted) tally.findings.add("lost", `${address} got no answer`);
      const rule = [...after.keys()].find((rule) =>
        wanted ? rule.startsWith(`pk-ssh -s ${networkOf(address)} `) : isEnd(rule)
      );
      const counted = (after.get(rule ?? "") ?? 0) - (before.get(rule ?? "") ?? 0);
      if (counted < 1) tally.findings.add("broken", `${address} was not counted by ${rule}`);
    }
  }

  async #readProbes(): Promise<void> {
    const { testBed, tally } = this;
    const now = await testBed.probes();
    if (now === null) return;
    const { counts, findings } = tally;
    const [before, missed] = [counts["stranger answered"] ?? 0, counts["allowed unanswered"] ?? 0];
    if (now.answered > before) findings.add("wronglyOpen", "a stranger's packet got an answer");
    if (now.unanswered > missed) findings.add("lost", "an allowed packet got no answer");
    counts["stranger answered"] = now.answered;
    counts["allowed unanswered"] = now.unanswered;
    counts["packets of strangers"] = now.strangers;
    counts["packets of allowed"] = now.allowed;
  }
}

/** The policy of the chain of SSH. */
function isEnd(rule: string): boolean {
  return /^pk-ssh (-p tcp )?-j (DROP|REJECT)/.test(rule);
}
