// `tests/mutants/mutants.ts --random COUNT --seed N [PATH…]`: draws changes over the lines of src/ and grammar/,
// folder by folder, and runs for each one the tests that run its line, the fast ones first, up to the
// first that fails. Nothing is type-checked but what survives: what does not check, cannot be built, and
// counts as caught.
import { applyChange, type Change, changesOf } from "./draw.ts";
import { filesBelow, holdsCode, measureAll, type Measured, type Place, testsOf } from "./cover.ts";
import { EQUIVALENTS } from "./equal.ts";
import { writeProgram } from "../support/from_source.ts";
import { resolutionArguments, TOP } from "../../dist/build/network.ts";
import type { Network } from "../../dist/build/network.ts";
import { run } from "../../dist/script.ts";

/** The options. */
export interface RandomRequest {
  /** How many mutants are tried. */
  readonly count: number;
  /** The same seed draws the same mutants of the same sources. */
  readonly seed: number;
  /** Files or folders to draw from; all of src/ and grammar/ without one. */
  readonly paths: readonly string[];
}

/** A change and the file that it is made in. */
export interface Drawn extends Change {
  readonly file: string;
  readonly source: string;
}

/** The result of a mutant. `void` does not count: it does not parse, or changes only types. */
type Fate =
  | "caught"
  | "caught by types"
  | "hung"
  | "survived"
  | "equivalent"
  | "not run"
  | "void";

/** How long tests may take with a mutant, on a machine that is busy with other things as well. */
const timeLimit = (tests: readonly Measured[]) =>
  30_000 + 10 * tests.reduce((sum, { milliseconds }) => sum + milliseconds, 0);

/** Random numbers from 0 up to 1, the same for a seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The lines of a folder on which something can be changed, each with its changes. */
type Lines = readonly (readonly Drawn[])[];

/** What can be drawn, by folder. */
export function readFolders(paths: readonly string[]): Map<string, Lines> {
  const folders = new Map<string, Drawn[][]>();
  for (const file of ["src", "grammar"].flatMap(filesBelow)) {
    if (!file.endsWith(".ts") || file.endsWith(".d.ts")) continue;
    if (paths.length > 0 && !paths.some((path) => `${file}/`.startsWith(`${path}/`))) continue;
    const source = Deno.readTextFileSync(`${TOP}/${file}`);
    const folder = file.slice(0, file.lastIndexOf("/"));
    const byLine = Map.groupBy(changesOf(source), ({ line }) => line);
    const lines = folders.get(folder) ?? [];
    folders.set(folder, lines);
    for (const changes of byLine.values()) {
      lines.push(changes.map((change) => ({ ...change, file, source })));
    }
  }
  return folders;
}

/** How many are drawn from each folder: by its lines, and at least one where there are enough. */
export function shares(folders: ReadonlyMap<string, Lines>, count: number): Map<string, number> {
  const all = [...folders.values()].reduce((sum, { length }) => sum + length, 0);
  const given = new Map<string, number>();
  let lines = 0;
  let before = 0;
  for (const [folder, { length }] of folders) {
    lines += length;
    const upTo = Math.round(count * lines / all);
    given.set(folder, upTo - before);
    before = upTo;
  }
  return given;
}

/** Draws from one folder without end; a line is drawn once, until all have been. */
export function* draw(lines: Lines, seed: number): Generator<Drawn> {
  const random = randomNumbers(seed);
  for (;;) {
    const left = [...lines];
    while (left.length > 0) {
      const [changes] = left.splice(Math.floor(random() * left.length), 1);
      yield changes![Math.floor(random() * changes!.length)]!;
    }
  }
}

/** The lines that a change touches, before and after, without the blanks around them. */
export function linesOf(mutant: Drawn): { from: string; to: string } {
  const { source, start, end } = mutant;
  const first = source.lastIndexOf("\n", start - 1) + 1;
  const last = source.indexOf("\n", end);
  const after = applyChange(source, mutant);
  return {
    from: source.slice(first, last).trim(),
    to: after.slice(first, last + after.length - source.length).trim(),
  };
}

/** What does not parse. */
const NO_MODULE = /could not be parsed|Uncaught SyntaxError|error: SyntaxError/;

/** A copy of the repository in which mutants are tried one after another. */
class Trial {
  constructor(readonly place: Place, readonly resolution: readonly string[]) {}

  async fate(mutant: Drawn, measured: readonly Measured[]): Promise<Fate> {
    const tests = testsOf(measured, mutant);
    if (tests.length === 0) return holdsCode(measured, mutant) ? "not run" : "void";
    const path = `${this.place.folder}/${mutant.file}`;
    await Deno.writeTextFile(path, applyChange(mutant.source, mutant));
    try {
      for (const batch of batches(tests)) {
        const caught = await this.#fails(batch);
        if (caught !== undefined) return caught;
      }
      const { from, to } = linesOf(mutant);
      const isKnown = EQUIVALENTS.some((one) =>
        one.file === mutant.file && one.from === from && one.to.includes(to)
      );
      if (isKnown) return "equivalent";
      return await this.#checks() ? "survived" : "caught by types";
    } finally {
      await Deno.writeTextFile(path, mutant.source);
    }
  }

  async #fails(batch: readonly Measured[]): Promise<Fate | undefined> {
    const { folder, command, env } = this.place;
    const files = batch.map(({ test }) => test);
    const options = { cwd: folder, env, timeLimit: timeLimit(batch) };
    const { code, output, timedOut } = await run([...command, "--fail-fast", ...files], options);
    if (timedOut) return "hung";
    if (code === 0) return undefined;
    return NO_MODULE.test(output) ? "void" : "caught";
  }

  async #checks(): Promise<boolean> {
    const { folder, env } = this.place;
    const command = [Deno.execPath(), "check", ...this.resolution, "src", "grammar"];
    return (await run(command, { cwd: folder, env })).code === 0;
  }
}

/** Tests that are run by one Deno: few at first, for most mutants fall at once; slow ones alone. */
function batches(tests: readonly Measured[]): Measured[][] {
  const all: Measured[][] = [];
  let size = 2;
  let left = [...tests];
  while (left.length > 0) {
    const isSlow = left[0]!.milliseconds > 1500;
    all.push(left.slice(0, isSlow ? 1 : size));
    left = left.slice(all.at(-1)!.length);
    size *= 2;
  }
  return all;
}

function show(mutant: Drawn, fate: string): void {
  const { from, to } = linesOf(mutant);
  const cut = (text: string) => text.split("\n").slice(0, 6).join("\n    ");
  console.log(`${fate.toUpperCase()}  ${mutant.file}:${mutant.line}  ${mutant.what}`);
  if (fate === "survived") console.log(`  - ${cut(from)}\n  + ${cut(to)}`);
}

/** Tries as many mutants of a folder as its share is. */
async function tryFolder(
  trial: Trial,
  { lines, count, seed, measured }: {
    lines: Lines;
    count: number;
    seed: number;
    measured: readonly Measured[];
  },
): Promise<Map<Fate, number>> {
  const fates = new Map<Fate, number>();
  let tried = 0;
  for (const mutant of draw(lines, seed)) {
    if (tried >= count) break;
    const fate = await trial.fate(mutant, measured);
    fates.set(fate, (fates.get(fate) ?? 0) + 1);
    if (fate === "void") continue;
    tried++;
    if (fate !== "caught" && fate !== "caught by types") show(mutant, fate);
  }
  return fates;
}

/** One line: the rate, and what it leaves out. */
function describe(fates: ReadonlyMap<Fate, number>): string {
  const of = (fate: Fate) => fates.get(fate) ?? 0;
  const caught = of("caught") + of("caught by types") + of("hung");
  const counted = caught + of("survived");
  const rate = counted === 0 ? "-" : (100 * caught / counted).toFixed(1);
  const rest = [
    `${of("survived")} survived`,
    `${of("equivalent")} equivalent`,
    `${of("not run")} run by no unit test`,
    `${of("caught by types")} caught by types, ${of("hung")} by the time limit`,
  ];
  return `${rate} % of ${counted} caught; ${rest.join(", ")}`;
}

/**
 * Draws and tries mutants; prints the survivors, the lines that no test runs, and the rate.
 *
 * @param request How many, with which seed, from where.
 * @param options The network, and an empty folder to work in.
 * @returns The status to end with: 1 if a mutant survived.
 */
export async function tryRandom(
  { count, seed, paths }: RandomRequest,
  { network, folder }: { network: Network; folder: string },
): Promise<number> {
  const folders = readFolders(paths);
  if (folders.size === 0) throw new Error(`nothing to draw from in ${paths.join(", ")}`);
  const parts = ["src", "grammar", "tests", "dist", "deno.json", "deno.lock", "README.md"];
  await Deno.mkdir(folder);
  const copied = await run(["cp", "-r", ...parts.map((part) => `${TOP}/${part}`), folder]);
  if (copied.code !== 0) throw new Error(copied.output);
  const resolution = resolutionArguments(network).map((word) => word.replace(TOP, folder));
  await writeProgram(`${folder}/program`, { module: `${folder}/src/main.ts`, flags: resolution });
  const env = { PKTABLES_BINARY: `${folder}/program`, DENO_NO_UPDATE_CHECK: "1" };
  const command = [Deno.execPath(), "test", "-A", "--no-check", ...resolution];
  const place = { folder, command, env };
  const measured = await measureAll(place, (test) => console.error(`measuring ${test}`));
  const trial = new Trial(place, resolution);
  const sum = new Map<Fate, number>();
  const rows: string[] = [];
  for (const [name, share] of shares(folders, count)) {
    const lines = folders.get(name)!;
    const fates = await tryFolder(trial, { lines, count: share, seed, measured });
    for (const [fate, number] of fates) sum.set(fate, (sum.get(fate) ?? 0) + number);
    if (share > 0) rows.push(`${name.padEnd(16)} ${describe(fates)}`);
  }
  console.log(rows.join("\n"));
  console.log(`seed ${seed}: ${describe(sum)}`);
  return (sum.get("survived") ?? 0) > 0 ? 1 : 0;
}
