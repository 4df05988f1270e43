// `tests/run/coverage.ts`: which lines and branches of src/ and grammar/ the tests run. Unit and golden
// tests count as they are; some kernel tests run the program from source, because src/system/ is only
// reached by real commands. Ends with 1 if less than the goal is covered, or a test fails.
import { readTrace, report } from "./coverage_report.ts";
import { writeProgram } from "../support/from_source.ts";
import { findNetwork, resolutionArguments, TOP } from "../../dist/build/network.ts";
import { main, must } from "../../dist/script.ts";
import { commandOf, type Context, STAGES } from "./stages.ts";

/** Per cent of all lines that are to be covered. */
const GOAL = 95;

/** Stages whose tests count as they are. */
const COUNTED = ["unit", "golden"];

/**
 * Kernel tests by which the real system is reached, on one backend: the code is the same for both.
 * Left out are those that take rights from the program, with which Deno itself does not start, and
 * those in which it waits for a lock, because only `Deno.exit()` ends it then.
 */
const KERNEL: readonly (readonly [file: string, filter: string])[] = [
  [
    "system",
    "/(one write|first is written|said once|changes nothing) \\(nft\\)|no lock is|longer than|without --backend|--version and/",
  ],
  ["init", "(nft)"],
  ["list", "(nft)"],
  ["timed_door", "(nft)"],
];

async function coverage(): Promise<number> {
  const network = await findNetwork();
  const folder = await Deno.makeTempDir({ prefix: "pktables-coverage-" });
  const deno = { path: Deno.execPath(), version: Deno.version.deno };
  const context: Context = { network, deno };
  try {
    for (const stage of STAGES.filter(({ name }) => COUNTED.includes(name))) {
      const command = commandOf(stage, context);
      const counting = command.toSpliced(
        2,
        0,
        `--coverage=${folder}/profile`,
        "--coverage-raw-data-only",
      );
      await must(counting, { name: `stage ${stage.name}`, cwd: TOP });
    }
    const resolution = resolutionArguments(network);
    const program = `${folder}/pktables`;
    await writeProgram(program, {
      module: `${TOP}/tests/run/coverage_program.ts`,
      flags: [`--coverage=${folder}/profile`, ...resolution],
    });
    const test = [deno.path, "test", "-A", "--no-check", ...resolution];
    for (const [file, filter] of KERNEL) {
      const command = [...test, `--filter=${filter}`, `tests/kernel/${file}_test.ts`];
      const env = { PKTABLES_BINARY: program };
      await must(command, { name: `tests/kernel/${file}_test.ts from source`, cwd: TOP, env });
    }
    const trace = await must([
      deno.path,
      "coverage",
      "--lcov",
      `--include=^file://${TOP}/(src|grammar)/`,
      `${folder}/profile`,
    ], { name: "deno coverage", cwd: TOP });
    const covered = report(readTrace(trace));
    console.log(`goal ${GOAL} % of all lines: ${covered >= GOAL ? "reached" : "MISSED"}`);
    return covered >= GOAL ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main("coverage", coverage);
