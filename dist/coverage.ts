// `deno task coverage`: which lines and branches of src/ and grammar/ the tests run. Unit and golden
// tests count as they are; some kernel tests run the program from source, because src/system/ is only
// reached by real commands. Ends with 1 if less than the goal is covered.
import { findNetwork, resolutionArguments, TOP } from "./network.ts";
import { run } from "./process.ts";
import { commandOf, type Context, STAGES } from "./stages.ts";

/** Per cent of all lines that are to be covered. */
const GOAL = 95;

/** Stages whose tests count as they are. */
const COUNTED = ["unit", "golden"];

/** Kernel tests by which the real system is reached, on one backend: the code is the same for both. */
const KERNEL = ["system", "init", "list", "unit"].map((name) => `tests/kernel/${name}_test.ts`);
const FILTER = "/\\(nft\\)|unit/";

/**
 * Why lines of some files are missing above. Deno also counts a line as missed where `?? x` or a `||`
 * in it was never taken, so even what runs all the time may be listed.
 */
const REASONS: readonly (readonly [files: RegExp, why: string])[] = [
  [
    /^grammar\/railroad/,
    "draws documentation; its result is compared by a test that needs no drawing",
  ],
  [
    /^src\/cli\/(completion|commands\/(completions|sweep|unit|complete))/,
    "by the binary, in tools and kernel",
  ],
  [
    /^src\/system\//,
    "refusals of the system: by the binary, as other users and in namespaces, in kernel",
  ],
];

/** What is covered of one file. */
interface Covered {
  readonly file: string;
  readonly lines: { readonly found: number; readonly hit: number };
  readonly branches: { readonly found: number; readonly hit: number };
  /** Line numbers, from 1. */
  readonly missed: readonly number[];
}

/** Reads lcov's trace file format (geninfo(1)). */
function readTrace(text: string): Covered[] {
  return text.split("end_of_record").flatMap((record) => {
    const path = /^SF:(.*)$/m.exec(record)?.[1];
    if (path === undefined) return [];
    const count = (key: string) =>
      Number(new RegExp(`^${key}:(\\d+)$`, "m").exec(record)?.[1] ?? 0);
    const missed = [...record.matchAll(/^DA:(\d+),0$/gm)].map(([, line]) => Number(line));
    return [{
      file: path.slice(TOP.length + 1),
      lines: { found: count("LF"), hit: count("LH") },
      branches: { found: count("BRF"), hit: count("BRH") },
      missed,
    }];
  });
}

/** `7, 9-12`. */
function describe(lines: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === line - 1) last[1] = line;
    else runs.push([line, line]);
  }
  return runs.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(", ");
}

function percent({ found, hit }: { found: number; hit: number }): string {
  return found === 0 ? "-" : (100 * hit / found).toFixed(1);
}

/** Prints the table; returns the per cent of lines. */
function report(files: readonly Covered[]): number {
  const sum = (key: "lines" | "branches") => ({
    found: files.reduce((total, file) => total + file[key].found, 0),
    hit: files.reduce((total, file) => total + file[key].hit, 0),
  });
  const width = Math.max(...files.map(({ file }) => file.length));
  const line = (file: string, covered: Pick<Covered, "lines" | "branches">, rest = "") =>
    console.log(
      `${file.padEnd(width)}  ${percent(covered.lines).padStart(5)}  ` +
        `${percent(covered.branches).padStart(8)}  ${rest}`.trimEnd(),
    );
  console.log(`${"".padEnd(width)}  lines  branches  lines that no test runs`);
  for (const covered of files) line(covered.file, covered, describe(covered.missed));
  for (const [pattern, why] of REASONS) {
    const low = files.filter(({ file, lines }) => pattern.test(file) && lines.hit < lines.found);
    console.log(`tested elsewhere (${why}): ${low.map(({ file }) => file).join(", ")}`);
  }
  const all = { lines: sum("lines"), branches: sum("branches") };
  line(`${files.length} files`, all);
  return 100 * all.lines.hit / all.lines.found;
}

/** A script that runs the program from source as if it were the binary, and counts. */
async function writeProgram(folder: string, resolution: readonly string[]): Promise<string> {
  const variables = ["HOME", "DENO_DIR", "DENO_TLS_CA_STORE"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [`export ${name}='${value}'`];
  });
  const flags = ["-A", "-q", "--no-check", "--cached-only", `--coverage=${folder}/profile`];
  const command = [Deno.execPath(), "run", ...flags, ...resolution, `${TOP}/dist/coverage_main.ts`];
  const path = `${folder}/pktables`;
  await Deno.writeTextFile(
    path,
    `#!/bin/sh\n${variables.join("\n")}\nexec ${command.join(" ")} "$@"\n`,
  );
  await Deno.chmod(path, 0o755);
  return path;
}

async function main(): Promise<number> {
  const network = await findNetwork();
  const folder = await Deno.makeTempDir({ prefix: "pktables-coverage-" });
  const deno = { path: Deno.execPath(), version: Deno.version.deno };
  const context: Context = { network, deno };
  try {
    for (const stage of STAGES.filter(({ name }) => COUNTED.includes(name))) {
      const command = commandOf(stage, context)!;
      const counting = command.toSpliced(
        2,
        0,
        `--coverage=${folder}/profile`,
        "--coverage-raw-data-only",
      );
      const { code, output } = await run(counting, { cwd: TOP });
      if (code !== 0) throw new Error(`stage ${stage.name} fails:\n${output}`);
    }
    const resolution = resolutionArguments(network);
    const program = await writeProgram(folder, resolution);
    const test = [deno.path, "test", "-A", "--no-check", ...resolution, `--filter=${FILTER}`];
    // Tests that take rights from the program fail here, because Deno itself then cannot start.
    await run([...test, ...KERNEL], { cwd: TOP, env: { PKTABLES_BINARY: program } });
    const trace = await run([
      deno.path,
      "coverage",
      "--lcov",
      `--include=^file://${TOP}/(src|grammar)/`,
      `${folder}/profile`,
    ], { cwd: TOP });
    if (trace.code !== 0) throw new Error(trace.output);
    const covered = report(readTrace(trace.stdout));
    console.log(`goal ${GOAL} % of all lines: ${covered >= GOAL ? "reached" : "MISSED"}`);
    return covered >= GOAL ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    console.error(`coverage: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
