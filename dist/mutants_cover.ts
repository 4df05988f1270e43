// Which test files run which lines, and how long each takes: measured once for each state of the
// sources and of a test file, and kept in dist/cache/mutants/.
import { createHash } from "node:crypto";
import { readTrace } from "./coverage_report.ts";
import { TOP } from "./network.ts";
import { run } from "./process.ts";
import { STAGES } from "./stages.ts";

/** What is known of one test file. */
export interface Measured {
  /** Path in the repository. */
  readonly test: string;
  /** How long the file takes alone, with starting Deno. */
  readonly milliseconds: number;
  /** For each source file, the lines that were run. */
  readonly lines: Readonly<Record<string, readonly number[]>>;
}

/** The stages whose tests take part: those that need neither the binary nor a kernel. */
const TAKING_PART = ["unit", "golden"];

const CACHE = `${TOP}/dist/cache/mutants`;

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
  return files.filter((file) => file.endsWith("_test.ts"));
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
  const include = `--include=^file://${folder}/(src|grammar)/`;
  const trace = await run([Deno.execPath(), "coverage", "--lcov", include, profile], {
    cwd: folder,
    env,
  });
  await Deno.remove(profile, { recursive: true });
  // A test file that runs no line of the program leaves nothing to report.
  const files = trace.code === 0 ? readTrace(trace.stdout, folder) : [];
  return {
    test,
    milliseconds,
    lines: Object.fromEntries(files.map(({ file, run }) => [file, run])),
  };
}

/**
 * What each test file runs. Only files are run of which nothing is known for this state.
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
  const state = digest([...shared, ...others]);
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

/**
 * The test files that run a line, those first that are likely to notice soon: the fast ones, and of
 * these the ones that run little else.
 *
 * @param all From {@linkcode measureAll}.
 * @param place The source file and the line, from 1.
 */
export function testsOf(
  all: readonly Measured[],
  { file, line }: { file: string; line: number },
): Measured[] {
  const breadth = ({ lines }: Measured) =>
    Object.values(lines).reduce((sum, { length }) => sum + length, 0);
  const cost = (one: Measured) => one.milliseconds * (1 + breadth(one) / 2000);
  return all.filter(({ lines }) => lines[file]?.includes(line)).sort((a, b) => cost(a) - cost(b));
}
