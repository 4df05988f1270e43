// The tracer against the kernel: random rule sets, real packets, and the counters that moved.
import { type Random, randomFrom } from "../../fuzz/inputs.ts";
import { type Backend, FAMILIES, type Family } from "../iptables_text.ts";
import { allStages } from "../../../src/trace/nft/stages.ts";
import { readTables, type Ruleset } from "../../../src/trace/tables.ts";
import { type Trace, traceStages } from "../../../src/trace/verdict.ts";
import { traceTables } from "../trace.ts";
import { ALL, type Counts, countsOf, deciding, difference, keyOf, keysOf } from "./counters.ts";
import { type Asked, PacketMaker } from "./packets.ts";
import { RuleMaker } from "./rules.ts";
import { ADDRESSES, type TestBed } from "./test_bed.ts";

/** What was tried, and the results. */
export interface Tally {
  /** Packets sent whose way the tracer knew. */
  known: number;
  /** Questions that it could not answer. */
  unknown: number;
  /** Questions answered that were not tried, because several ways led to one answer. */
  left: number;
  /** Unknown packets that were sent anyway: their end must be one that the tracer considered possible. */
  possible: number;
  /** Questions that were answered from nft's output as well, to the same end. */
  nft: number;
  /** Rule sets. */
  sets: number;
  /** Packets by verdict. */
  readonly verdicts: Record<string, number>;
  /** Where the kernel did not do what the tracer said. */
  readonly mismatches: string[];
}

/** How much to try. */
export interface DifferentialOptions {
  readonly seed: number;
  /** Packets to ask about. */
  readonly packets: number;
}

/** Packets for one rule set. */
const BATCH = 60;
/** Of those whose way or end the tracer does not know, how many are sent one by one. */
const SINGLES = 1;
/** Mismatches after which a run ends. */
const ENOUGH = 5;

/** What iptables-save prints of tables that it cannot show. */
const HIDDEN = ["raw", "mangle", "nat", "filter"]
  .map((name) => `# Table \`${name}' is incompatible, use 'nft' tool.\n`).join("");

/** Which tables hold rules. */
type Backends = readonly Backend[];
const COMBINATIONS: readonly Backends[] = [["nft"], ["legacy"], ["nft", "legacy"]];

/** Tries rule sets until enough packets were traced. */
export async function compareWithKernel(
  testBed: TestBed,
  { seed, packets }: DifferentialOptions,
): Promise<Tally> {
  const random = randomFrom(seed);
  const tally: Tally = {
    known: 0,
    unknown: 0,
    left: 0,
    nft: 0,
    possible: 0,
    sets: 0,
    verdicts: {},
    mismatches: [],
  };
  const makers = Object.fromEntries(
    FAMILIES.map((family) => [family, new PacketMaker({ random, family })]),
  ) as Record<Family, PacketMaker>;
  while (tally.known + tally.unknown < packets && tally.mismatches.length < ENOUGH) {
    const family = FAMILIES[tally.sets % 2]!;
    // Both at once is the rarer case, on real machines too.
    const backends = COMBINATIONS[[0, 1, 0, 1, 2][Math.floor(tally.sets / 2) % 5]!]!;
    await new Round(testBed, { family, backends, random, maker: makers[family] }).run(tally);
    tally.sets++;
  }
  return tally;
}

interface RoundOptions {
  readonly family: Family;
  readonly backends: Backends;
  readonly random: Random;
  readonly maker: PacketMaker;
}

/** One rule set and its packets. */
class Round {
  constructor(readonly testBed: TestBed, readonly options: RoundOptions) {}

  async run(tally: Tally): Promise<void> {
    const { random, maker, backends, family } = this.options;
    const now = Date.now() / 1000;
    const translates = random(2) === 0;
    for (const backend of backends) await this.testBed.open(backend, family);
    // Connections that were made under other rules: translations by those must not count.
    const standing = translates ? [] : Array.from({ length: 10 }, () => maker.standing(now));
    if (standing.length > 0) await this.testBed.send(standing.map(({ first }) => first));
    const text = new RuleMaker({ random, family, now, nat: translates });
    for (const backend of backends) await this.#load(backend, text);
    const rulesets = await this.#read();
    const asked = [
      ...standing.map(({ next }) => next),
      ...Array.from({ length: BATCH - standing.length }, () => maker.opening(now)),
    ].map((one) => {
      // Sometimes the machine's addresses are not given.
      const machine = random(4) === 0 ? {} : { addresses: ADDRESSES[family] };
      return { ...one, trace: traceTables(rulesets.map(({ set }) => set), one.packet, machine) };
    });
    if (backends.length === 1 && backends[0] === "nft") {
      this.#compareNft(asked, { nft: await this.testBed.readNft(), tally });
    }
    const unknown = asked.filter(({ trace }) => trace.verdict === "unknown");
    const known = asked.filter(({ trace }) => trace.verdict !== "unknown");
    // What is unknown on the way may make no difference; then only the end can be foretold.
    const sure = known.filter(({ trace }) => trace.sure);
    const singles = known.filter(({ trace }) => !trace.sure).slice(0, SINGLES);
    tally.unknown += unknown.length;
    tally.known += sure.length + singles.length;
    tally.left += known.length - sure.length - singles.length;
    for (const { trace } of [...sure, ...singles]) {
      tally.verdicts[trace.verdict] = (tally.verdicts[trace.verdict] ?? 0) + 1;
    }
    await this.#compareAll(sure, { rulesets, tally });
    for (const one of [...singles, ...unknown.slice(0, SINGLES)]) {
      await this.#comparePossible(one, tally);
    }
    for (const backend of backends) await this.testBed.open(backend, family);
  }

  /** What can be read of iptables' tables from nft is the same as what iptables-save prints of them. */
  #compareNft(
    asked: readonly (Asked & { trace: Trace })[],
    { nft, tally }: { nft: string; tally: Tally },
  ): void {
    const { family } = this.options;
    const stages = allStages([readTables(HIDDEN, { family, backend: "nft" })], nft);
    for (const { packet, trace } of asked) {
      const shown = traceStages(stages, packet, { addresses: ADDRESSES[family] });
      if (!trace.sure || shown.verdict === "unknown") continue;
      tally.nft++;
      if (shown.verdict === trace.verdict) continue;
      tally.mismatches.push(
        `nft says ${shown.verdict}: ${JSON.stringify({ packet, trace })}\n${nft}`,
      );
    }
  }

  /** A rule set that the kernel takes: some combinations of matches it does not. */
  async #load(backend: Backend, maker: RuleMaker): Promise<void> {
    for (let tries = 0;; tries++) {
      const text = maker.text();
      try {
        return await this.testBed.load(backend, this.options.family, text);
      } catch (error) {
        if (tries > 20) throw new Error(`no rule set is taken:\n${text}`, { cause: error });
      }
    }
  }

  async #read(): Promise<{ text: string; set: Ruleset; counts: Counts }[]> {
    const { family, backends } = this.options;
    return await Promise.all(backends.map(async (backend) => {
      const text = await this.testBed.read(backend, family);
      return { text, set: readTables(text, { family, backend }), counts: countsOf(text, backend) };
    }));
  }

  /** Sends packets and waits until the last one is counted. */
  async #sendAndRead(packets: readonly Asked[]) {
    const before = await this.#read();
    const all = (read: typeof before) => read[0]?.counts.get(ALL(this.options.backends[0]!)) ?? 0;
    await this.testBed.send(packets.map(({ sent }) => sent));
    for (let tries = 0;; tries++) {
      const after = await this.#read();
      if (all(after) - all(before) >= packets.length) return { before, after };
      if (tries > 40) throw new Error(`${packets.length} sent, ${all(after) - all(before)} came`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #compareAll(
    asked: readonly (Asked & { trace: Trace })[],
    { rulesets, tally }: { rulesets: readonly { set: Ruleset }[]; tally: Tally },
  ): Promise<void> {
    if (asked.length === 0) return;
    const { before, after } = await this.#sendAndRead(asked);
    const moved = difference(before, after);
    const wanted = new Map<string, number>();
    for (const { trace } of asked) {
      for (const key of keysOf(trace)) wanted.set(key, (wanted.get(key) ?? 0) + 1);
    }
    const wrong = [...deciding(rulesets.map(({ set }) => set))]
      .filter((key) => (moved.get(key) ?? 0) !== (wanted.get(key) ?? 0));
    if (wrong.length === 0) return;
    const shown = wrong.map((key) =>
      `${key}: ${wanted.get(key) ?? 0} said, ${moved.get(key) ?? 0}`
    );
    const single = await this.#findSingle(asked);
    tally.mismatches.push([
      `${this.options.family} ${this.options.backends}: ${shown.join("; ")}`,
      ...single,
      ...after.map(({ text }) => text),
    ].join("\n"));
  }

  /** Which packet it was: sent once more, each by itself. */
  async #findSingle(asked: readonly (Asked & { trace: Trace })[]): Promise<string[]> {
    for (const one of asked) {
      if (one.packet.established) continue;
      const again = { ...one, sent: { ...one.sent, sourcePort: one.sent.sourcePort ^ 0x1 } };
      const { before, after } = await this.#sendAndRead([again]);
      const moved = [...difference(before, after).keys()];
      const wanted = keysOf(one.trace);
      if (wanted.some((key) => !moved.includes(key))) {
        return [
          JSON.stringify(one.sent),
          JSON.stringify(one.packet),
          `said ${wanted}`,
          `was ${moved}`,
        ];
      }
    }
    return ["none by itself"];
  }

  async #comparePossible(asked: Asked & { trace: Trace }, tally: Tally): Promise<void> {
    const { outcomes } = asked.trace;
    const ends = outcomes.map(({ by }) => by === null ? null : keyOf(by));
    if (outcomes.some(({ verdict }) => verdict === "unknown")) return;
    const { before, after } = await this.#sendAndRead([asked]);
    const moved = difference(before, after);
    tally.possible++;
    if (ends.some((end) => end === null || (moved.get(end) ?? 0) > 0)) return;
    tally.mismatches.push([
      `${this.options.family} ${this.options.backends}: none of ${ends.join(", ")}`,
      `but ${[...moved.keys()].join(", ")}`,
      JSON.stringify(asked),
      ...after.map(({ text }) => text),
    ].join("\n"));
  }
}
