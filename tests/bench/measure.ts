// What all measures of `tests/bench/bench.ts` share: timing a thing against its floor in one run, so that
// other load affects both, and printing the ratios.
import { TOP } from "../../dist/build/network.ts";

/** The programs that are compared. */
export const PKTABLES = `${TOP}/dist/pktables`;

/** An empty program, compiled with the same flags: what no program of this kind can be faster than. */
export const EMPTY = `${TOP}/dist/out/bench/empty`;

/** Which iptables; each is measured by itself. */
export type Backend = "nft" | "legacy";

/** What can be measured, in the order in which it runs. */
export const MEASURE_NAMES = ["hook", "foreign", "memory", "language", "load", "list"] as const;

/** Both, in the order of the tables. */
export const BACKENDS: readonly Backend[] = ["nft", "legacy"];

/** The median of some values, and their spread. */
export interface Spread {
  readonly median: number;
  /** First and third quartile: half of the values lie between them. */
  readonly low: number;
  readonly high: number;
}

/** One line of a table: what was measured, as a ratio to its floor. */
export interface Figure {
  readonly what: string;
  /** Of the pairs: each run divided by the run of the floor beside it. */
  readonly ratio: Spread;
  /** The same of processor time; absent for what is no time. */
  readonly cpu?: number;
  /** Milliseconds or megabytes. */
  readonly value: number;
  readonly floor: number;
  /** What the ratio (or `value`, where `goalIsValue`) is to stay under; nothing: no goal was set. */
  readonly goal?: number;
  readonly goalIsValue?: boolean;
  /** Further columns. */
  readonly beside?: Readonly<Record<string, string>>;
}

/** Something that can be timed. */
export type Run = () => void | Promise<void>;

/**
 * Runs a command to its end; its output is discarded.
 *
 * @param command Program and arguments.
 * @throws {Error} If its status is not 0, with what it said.
 */
export function execute(...command: readonly string[]): void {
  const [program = "", ...args] = command;
  const { code, stderr } = new Deno.Command(program, { args, stdout: "null", stdin: "null" })
    .outputSync();
  if (code === 0) return;
  throw new Error(`${command.join(" ")}: status ${code}: ${new TextDecoder().decode(stderr)}`);
}

/** What a run took, in milliseconds. */
export interface Taken {
  readonly wall: number;
  /** Of all processes that it started, on all cores, user and system time together. */
  readonly cpu: number;
}

/** Times a run. */
export async function time(run: Run): Promise<Taken> {
  const [start, used] = [performance.now(), cpuOfChildren()];
  await run();
  return { wall: performance.now() - start, cpu: cpuOfChildren() - used };
}

const LIBC = Deno.dlopen("libc.so.6", {
  getrusage: { parameters: ["i32", "buffer"], result: "i32" },
});

/** getrusage(2) of the children that have ended: its first four numbers are user and system time. */
function cpuOfChildren(): number {
  const usage = new BigInt64Array(18);
  LIBC.symbols.getrusage(-1, usage);
  const [seconds = 0n, micros = 0n, more = 0n, microsMore = 0n] = usage;
  return Number(seconds + more) * 1000 + Number(micros + microsMore) / 1000;
}

/** The median and the quartiles of at least one value. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number) => {
    const place = part * (sorted.length - 1);
    const [below = 0, above = 0] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return below + (above - below) * (place % 1);
  };
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** The runs of things that were timed beside each other. */
export type Times<K extends string> = Readonly<Record<K, Taken[]>>;

/**
 * Times several sequences beside each other: each round runs all of them, every second round the
 * other way round, so that neither a slow minute nor being first favours one.
 *
 * @param sequences Each a list of steps; a step with a name is timed under that name.
 * @param rounds How often; one more round ahead of them is not counted.
 * @returns The times by name, in round order.
 */
export async function timeBeside<K extends string>(
  sequences: readonly (readonly (readonly [name: K | null, run: Run])[])[],
  rounds: number,
): Promise<Times<K>> {
  const times: Record<string, Taken[]> = {};
  for (let round = -1; round < rounds; round++) {
    for (const sequence of round % 2 === 0 ? sequences : sequences.toReversed()) {
      for (const [name, run] of sequence) {
        const taken = await time(run);
        if (name !== null && round >= 0) (times[name] ??= []).push(taken);
      }
    }
  }
  return times as Times<K>;
}

/**
 * A line for runs and the runs of their floor beside them. Each is divided by the one beside it. The
 * ratio of processor time is reported as well: another program on the machine hardly moves it.
 */
export function compare(
  what: string,
  { runs, floors, ...rest }:
    & { runs: readonly Taken[]; floors: readonly Taken[] }
    & Pick<Figure, "goal" | "beside">,
): Figure {
  const of = (key: keyof Taken) =>
    ratios(runs.map((taken) => taken[key]), floors.map((taken) => taken[key]));
  return {
    what,
    ratio: of("wall"),
    cpu: of("cpu").median,
    value: spread(runs.map(({ wall }) => wall)).median,
    floor: spread(floors.map(({ wall }) => wall)).median,
    ...rest,
  };
}

/** Divides values by the values beside them. */
export function ratios(runs: readonly number[], floors: readonly number[]): Spread {
  return spread(runs.map((run, at) => run / (floors[at] ?? NaN)));
}

/** Whether a figure reaches its goal, as a word for the table. */
function verdict({ goal, goalIsValue, value, ratio }: Figure): string {
  if (goal === undefined) return "";
  return (goalIsValue ? value : ratio.median) <= goal ? "reached" : "MISSED";
}

/**
 * Prints figures as a table, and keeps them in dist/out/bench/NAME.json.
 *
 * @param name Of the measure.
 * @param title What was measured against what.
 * @param figures The lines.
 * @param unit Of values and floors.
 */
export function report(
  name: string,
  { title, figures, unit }: { title: string; figures: readonly Figure[]; unit: "ms" | "MB" },
): void {
  const extra = [...new Set(figures.flatMap(({ beside }) => Object.keys(beside ?? {})))];
  const head = ["", unit, "floor", "ratio", "middle half", "goal", "", "CPU ratio", ...extra];
  const rows = figures.map((figure) => [
    figure.what,
    figure.value.toFixed(1),
    figure.floor.toFixed(1),
    figure.ratio.median.toFixed(2),
    `${figure.ratio.low.toFixed(2)}-${figure.ratio.high.toFixed(2)}`,
    figure.goal === undefined ? "" : `${figure.goal}${figure.goalIsValue ? ` ${unit}` : ""}`,
    verdict(figure),
    figure.cpu?.toFixed(2) ?? "",
    ...extra.map((key) => figure.beside?.[key] ?? ""),
  ]);
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((row) => row[at]!.length)));
  const draw = (row: readonly string[]) =>
    row.map((cell, at) => at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))
      .join("  ").trimEnd();
  console.log(`\n${name}: ${title}\n${[head, ...rows].map(draw).join("\n")}`);
  Deno.mkdirSync(`${TOP}/dist/out/bench`, { recursive: true });
  const kept = { name, title, unit, machine: describeMachine(), figures };
  Deno.writeTextFileSync(
    `${TOP}/dist/out/bench/${name}.json`,
    `${JSON.stringify(kept, null, 2)}\n`,
  );
}

/** The machine in one line: processor, kernel, iptables. */
export function describeMachine(): string {
  const read = (path: string) => Deno.readTextFileSync(path);
  const processor = /model name\s*: (.*)/.exec(read("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  const kernel = read("/proc/sys/kernel/osrelease").trim();
  const { stdout } = new Deno.Command("/usr/sbin/iptables", { args: ["--version"] }).outputSync();
  const version = /v\S+/.exec(new TextDecoder().decode(stdout))?.[0] ?? "unknown";
  const cores = navigator.hardwareConcurrency;
  return `${processor.trim()}, ${cores} cores, Linux ${kernel}, iptables ${version}`;
}
