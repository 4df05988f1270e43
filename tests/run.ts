// `tests/run.ts [STAGE…] [--filter TEXT]`: runs the stages of tests/run/stages.ts that need not be named,
// or the named ones, and ends with one line: `N passed, N failed`. A stage that is no test run counts as one.
import { installNeeded, TEST_NEEDS } from "../dist/debian.ts";
import { findNetwork, type Network, TOP } from "../dist/build/network.ts";
import { cleanUpOnSignal, main, type Outcome, run } from "../dist/script.ts";
import { chooseStages, commandOf, type Context, type Stage } from "./run/stages.ts";
import { type Counts, countsOf } from "./run/summary.ts";

/** The default time limit of a stage. */
const STAGE_MINUTES = 15;

/** In CI nothing may be left out: a skipped test is a failure there. */
const IN_CI = !["", "0", "false", undefined].includes(Deno.env.get("CI"));

interface Request {
  readonly stages: readonly Stage[];
  readonly filter?: string;
}

/** Reads the command line. */
function readRequest(args: readonly string[]): Request {
  const names: string[] = [];
  let filter: string | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--filter") filter = args[++i] ?? "";
    else if (arg.startsWith("--filter=")) filter = arg.slice("--filter=".length);
    else names.push(arg);
  }
  const stages = chooseStages(names);
  return filter === undefined ? { stages } : { stages, filter };
}

/** The newest Deno 2 that npm has. */
async function newestDeno(): Promise<Context["deno"] | string> {
  const code = "console.log(Deno.execPath(), Deno.version.deno)";
  const options = { timeLimit: 300_000 };
  const { code: status, stdout, output } = await run(
    ["npx", "-y", "deno@2", "eval", "--no-lock", "--no-config", code],
    options,
  );
  const [path, version] = stdout.trim().split(" ");
  if (status !== 0 || !path || !version) {
    return `the newest Deno cannot be installed with npx:\n${output}`;
  }
  return { path, version };
}

/**
 * The prefix of a command that needs its own network: nothing for root; for others a user
 * namespace, with an own network and an own /run (iptables-legacy and `ip netns` write there).
 */
async function kernelPrefix(): Promise<readonly string[] | string> {
  if (Deno.uid() === 0) return [];
  const enter = ["unshare", "--map-root-user", "--net", "--mount", "sh", "-c"];
  const script = 'mount -t tmpfs -o mode=755 tmpfs /run && ip link set lo up && exec "$@"';
  const { code, output } = await run([...enter, script, "sh", "true"], { timeLimit: 10_000 });
  return code === 0 ? [...enter, script, "sh"] : `no root and no user namespace here:\n${output}`;
}

/** Runs one stage; a text is the reason why it cannot run. */
async function runStage(stage: Stage, context: Context): Promise<Outcome | string> {
  const deno = stage.newest ? await newestDeno() : context.deno;
  if (typeof deno === "string") return deno;
  const prefix = stage.needsKernel ? await kernelPrefix() : [];
  if (typeof prefix === "string") return prefix;
  const command = commandOf(stage, { ...context, deno });
  return await run([...prefix, ...command], {
    cwd: TOP,
    timeLimit: (stage.minutes ?? STAGE_MINUTES) * 60_000,
    env: { DENO_JOBS: String(stage.jobs ?? 1), DENO_NO_UPDATE_CHECK: "1" },
  });
}

/** The counts of a stage that ran. */
function countStage(stage: Stage, outcome: Outcome, filter: string | undefined): Counts {
  const task = { passed: 0, failed: 1, ignored: 0 };
  if (stage.kind === "task") return outcome.code === 0 ? { ...task, passed: 1, failed: 0 } : task;
  const counts = countsOf(outcome.output);
  if (!counts) return task;
  const ran = counts.passed + counts.failed > 0 || filter !== undefined;
  // A run that fails without a failed test (a leak, a crash) has failed as well.
  return outcome.code !== 0 && counts.failed === 0 || !ran ? { ...counts, failed: 1 } : counts;
}

/** Runs a stage and prints its line; what a failed one wrote is printed whole. */
async function report(stage: Stage, context: Context): Promise<Counts> {
  const start = performance.now();
  const outcome = await runStage(stage, context);
  const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  const title = stage.name.padEnd(13);
  if (typeof outcome === "string") {
    console.log(`${title}NOT RUN${IN_CI ? ", which is a failure in CI" : ""}: ${outcome}`);
    return { passed: 0, failed: IN_CI ? 1 : 0, ignored: 0 };
  }
  const counts = countStage(stage, outcome, context.filter);
  const ignored = counts.ignored > 0 ? `, ${counts.ignored} IGNORED` : "";
  const bad = counts.failed > 0 || IN_CI && counts.ignored > 0;
  if (bad || ignored) console.log(outcome.output);
  if (outcome.timedOut) console.log(`killed after ${stage.minutes ?? STAGE_MINUTES} min`);
  const verdict = bad ? "FAILED" : "ok";
  const numbers = stage.kind === "tests" ? `${counts.passed} passed, ${counts.failed} failed` : "";
  console.log(`${title}${verdict.padEnd(8)}${seconds.padStart(8)}  ${numbers}${ignored}`);
  if (stage.tells && !bad) console.log(outcome.stdout.trim().replace(/^/gm, " ".repeat(13)));
  return { ...counts, failed: counts.failed + (IN_CI ? counts.ignored : 0) };
}

async function test(): Promise<number> {
  const { stages, filter } = readRequest(Deno.args);
  cleanUpOnSignal();
  const network: Network = await findNetwork();
  const total = { passed: 0, failed: 0 };
  if (stages.some((stage) => stage.needsKernel)) {
    for (const problem of await installNeeded(TEST_NEEDS)) {
      console.log(problem);
      if (IN_CI) total.failed++;
    }
  }
  const deno = { path: Deno.execPath(), version: Deno.version.deno };
  for (const stage of stages) {
    const { passed, failed } = await report(stage, { network, deno, filter });
    total.passed += passed;
    total.failed += failed;
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

/** Always ends with the counts: the caller reads them. */
async function testOrCount(): Promise<number> {
  try {
    return await test();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) console.log("0 passed, 1 failed");
    throw error;
  }
}

if (import.meta.main) await main("test", testOrCount);
