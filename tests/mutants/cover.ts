// Which test files run which lines, and how long each takes: measured once for each state of the
// sources and of a test file, and kept in dist/out/cache/mutants/.
import { createHash } from "node:crypto";
import { type FunctionCoverage, isRun, readRun, type Run } from "./map.ts";
import { TOP } from "../../dist/build/network.ts";
import { run } from "../../dist/script.ts";
import { STAGES } from "../run/stages.ts";

/** What is known of one test file. */
export interface Measured {
  /** Path in the repository. */
  readonly test: string;
  /** How long the file takes alone, with starting Deno. */
  readonly milliseconds: number;
  /** For each source file that it loads, what of it was run. */
  readonly runs: Readonly<Record<string, Run>>;
}

/** The stages whose tests take part: those that need neither the binary nor a kernel. */
const TAKING_PART = ["unit", "golden"];

/** Takes longer than all others together, and notices what they notice. */
const LEFT_OUT = "tests/fuzz/";

const CACHE = `${TOP}/dist/out/cache/mutants`;

/** All files below a path, sorted. */
export function filesBelow(path: string): string[] {
  if (Deno.statSync(`${TOP}/${path}`).isFile) return [path];
  const entries = [...Deno.readDirSync(`${TOP}/${path}`)].sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name }) => filesBelow(`${path}/${name}`));
}

/** The test files that take part. */
export function testFiles(): string[] {
  const stages = STAGES.filter(({ name }) => TAKING_PART.includes(name));
  const files = stages.flatMap(({ paths, ignore = [] }) =>
    paths.flatMap(filesBelow).filter((file) =>
      !ignore.some((folder) => file.startsWith(`${folder}/`))
    )
  );
  return files.filter((file) => file.endsWith("_test.ts") && !file.startsWith(LEFT_OUT));
}

function digest(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file}\0`).update(Deno.readFileSync(`${TOP}/${file}`));
  return hash.digest("hex").slice(0, 24);
}

/** Where the tests are run. */
export interface Place {
  /** A copy of the repository. */
  readonly folder: string;
  /** `deno`, `test` and what every run needs. */
  readonly command: readonly string[];
  /** Arguments of `deno` for its other commands. */
  readonly env: Readonly<Record<string, string>>;
}

/** Runs one test file with coverage. */
async function measure(test: string, { folder, command, env }: Place): Promise<Measured> {
  const profile = `${folder}/profile`;
  const start = performance.now();
  const counting = [...command, `--coverage=${profile}`, "--coverage-raw-data-only", test];
  const { code, output } = await run(counting, { cwd: folder, env });
  const milliseconds = Math.round(performance.now() - start);
  if (code !== 0) throw new Error(`${test} fails without any mutant:\n${output}`);
  const runs = await readProfile(profile, folder);
  await Deno.remove(profile, { recursive: true });
  return { test, milliseconds, runs };
}

/** Where Deno keeps the JavaScript that it makes. */
async function madeFolder(): Promise<string> {
  const { stdout, output } = await run([Deno.execPath(), "info", "--json"]);
  try {
    return JSON.parse(stdout).typescriptCache;
  } catch {
    throw new Error(`deno info: ${output}`);
  }
}

/** What a profile says about src/ and grammar/. */
async function readProfile(profile: string, folder: string): Promise<Record<string, Run>> {
  const made = await madeFolder();
  const runs: Record<string, Run> = {};
  for (const { name } of Deno.readDirSync(profile)) {
    const { url, functions } = JSON.parse(Deno.readTextFileSync(`${profile}/${name}`)) as {
      url: string;
      functions: readonly FunctionCoverage[];
    };
    const file = url.startsWith(`file://${folder}/`) ? url.slice(`file://${folder}/`.length) : "";
    if (!/^(src|grammar)\//.test(file)) continue;
    runs[file] = readRun(Deno.readTextFileSync(`${made}/file${folder}/${file}.js`), functions);
  }
  return runs;
}

/**
 * What each test file runs. Only files without data for this state are run.
 *
 * @param place A copy of the repository without any mutant.
 * @param progress Called ahead of each file that is run.
 * @returns One entry for each test file.
 * @throws {Error} If a test fails.
 */
export async function measureAll(
  place: Place,
  progress: (test: string) => void,
): Promise<Measured[]> {
  const tests = testFiles();
  const others = filesBelow("tests").filter((file) => !file.endsWith("_test.ts"));
  const shared = ["src", "grammar", "deno.json", "deno.lock", "README.md"].flatMap(filesBelow);
  const state = digest([...shared, ...others, "tests/mutants/map.ts"]);
  Deno.mkdirSync(CACHE, { recursive: true });
  const kept = new Set<string>();
  const all: Measured[] = [];
  for (const test of tests) {
    const name = `${state}-${digest([test])}.json`;
    kept.add(name);
    try {
      all.push(JSON.parse(Deno.readTextFileSync(`${CACHE}/${name}`)));
    } catch {
      progress(test);
      const measured = await measure(test, place);
      Deno.writeTextFileSync(`${CACHE}/${name}`, JSON.stringify(measured));
      all.push(measured);
    }
  }
  for (const { name } of Deno.readDirSync(CACHE)) {
    if (!kept.has(name)) Deno.removeSync(`${CACHE}/${name}`);
  }
  return all;
}

/** A place in a source file: a line, from 1, and a column, from 0. */
export interface Spot {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The test files that run a place, those first that are likely to notice soon: the fast ones, and of
 * these the ones that run little else.
 *
 * @param all From {@linkcode measureAll}.
 * @param spot The place.
 */
export function testsOf(all: readonly Measured[], spot: Spot): Measured[] {
  const breadth = ({ runs }: Measured) =>
    Object.values(runs).reduce((sum, { lines }) => sum + lines.length, 0);
  const cost = (one: Measured) => one.milliseconds * (1 + breadth(one) / 2000);
  return all.filter(({ runs }) => isRun(runs[spot.file], spot)).sort((a, b) => cost(a) - cost(b));
}

/** Whether there is code on a line; unknown, and so true, in a file that no test loads. */
export function holdsCode(all: readonly Measured[], { file, line }: Spot): boolean {
  const runs = all.flatMap(({ runs }) => runs[file] ?? []);
  return runs.length === 0 ||
    runs.some(({ lines, idle }) => lines.includes(line) || idle.includes(line));
}
