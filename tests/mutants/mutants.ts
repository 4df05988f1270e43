// `tests/mutants/mutants.ts [AREA…]`: breaks the program in some 180 ways, one at a time, each in a scratch
// copy of the tree, and runs the tests of that part. All have to fail. Exits with 1 if a mutant survives, or
// if the text that one replaces is no longer in its file exactly once.
// `tests/mutants/mutants.ts --random COUNT --seed N [PATH…]` draws others, see mutants_random.ts.
import { writeProgram } from "../support/from_source.ts";
import { findNetwork, resolutionArguments, TOP } from "../../dist/build/network.ts";
import { type Area, AREAS, type Mutant } from "./list.ts";
import { type RandomRequest, tryRandom } from "./random.ts";
import { run, withScratch } from "../../dist/script.ts";

/** How many scratch copies are worked in at once. */
const JOBS = 2;

/** What no mutant may take longer than: one that hangs is caught as well. */
const LIMIT_MILLISECONDS = 180_000;

/** What a scratch copy needs. */
const PARTS = ["src", "grammar", "tests", "dist", "deno.json", "deno.lock", "README.md"];

interface Task {
  readonly area: Area;
  readonly mutant: Mutant;
}

/** The source with the mutant in it. */
function mutate([file, text, into]: Mutant, root: string): string {
  const source = Deno.readTextFileSync(`${root}/${file}`);
  const count = source.split(text).length - 1;
  if (count !== 1) throw new Error(`${file}: occurs ${count} times, not once: ${text}`);
  return source.replace(text, () => into);
}

/** All mutants of the areas; throws if the list is out of date. */
function readTasks(names: readonly string[]): Task[] {
  const unknown = names.find((name) => AREAS.every((area) => area.name !== name));
  if (unknown !== undefined) throw new Error(`unknown area \`${unknown}\``);
  const areas = AREAS.filter(({ name }) => names.length === 0 || names.includes(name));
  const tasks = areas.flatMap((area) => area.mutants.map((mutant) => ({ area, mutant })));
  const stale = tasks.flatMap(({ mutant }) => {
    try {
      mutate(mutant, TOP);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
  if (stale.length > 0) throw new Error(`the list is out of date:\n${stale.join("\n")}`);
  return tasks;
}

/** A copy of the tree in which mutants are tried one after another. */
class Scratch implements AsyncDisposable {
  private constructor(readonly folder: string, readonly resolution: readonly string[]) {}

  static async create(resolution: readonly string[]): Promise<Scratch> {
    const folder = await Deno.makeTempDir({ prefix: "pktables-mutants-" });
    const scratch = new Scratch(folder, resolution.map((word) => word.replace(TOP, folder)));
    const from = PARTS.map((part) => `${TOP}/${part}`);
    const { code, output } = await run(["cp", "-r", ...from, folder]);
    if (code !== 0) throw new Error(output);
    await writeProgram(`${folder}/program`, {
      module: `${folder}/src/main.ts`,
      flags: scratch.resolution,
    });
    return scratch;
  }

  /** Whether the tests of the area notice the mutant; without one, whether they fail at all. */
  async catches({ tests, filter, build }: Area, mutant: Mutant | null): Promise<boolean> {
    const file = mutant === null ? null : `${this.folder}/${mutant[0]}`;
    const source = file === null ? "" : await Deno.readTextFile(file);
    if (file !== null) await Deno.writeTextFile(file, mutate(mutant!, this.folder));
    try {
      if (build && await this.#fails(["run", "-A", "--no-lock", "dist/build.ts"])) return true;
      const flags = ["test", "-A", "--no-check", "--fail-fast", ...this.resolution];
      if (filter !== undefined) flags.push(`--filter=${filter}`);
      for (const test of tests) if (await this.#fails([...flags, test])) return true;
      return false;
    } finally {
      if (file !== null) await Deno.writeTextFile(file, source);
    }
  }

  async #fails(args: readonly string[]): Promise<boolean> {
    const env = { PKTABLES_BINARY: `${this.folder}/program`, DENO_NO_UPDATE_CHECK: "1" };
    const options = { cwd: this.folder, env, timeLimit: LIMIT_MILLISECONDS };
    return (await run([Deno.execPath(), ...args], options)).code !== 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Tries tasks until none is left; returns those that live. */
async function work(tasks: Task[], scratch: Scratch): Promise<Task[]> {
  const alive: Task[] = [];
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
    if (await scratch.catches(task.area, task.mutant)) continue;
    alive.push(task);
    const [file, text, into, breaks] = task.mutant;
    console.log(`LIVES  ${task.area.name}: ${breaks}\n  ${file}\n  - ${text}\n  + ${into}`);
  }
  return alive;
}

/** What `--random` asks for; nothing without it. */
function readRandom(args: readonly string[]): RandomRequest | null {
  if (!args.includes("--random")) return null;
  const words = [...args];
  const take = (option: string): number => {
    const [, value = ""] = words.splice(words.indexOf(option), 2);
    if (!/^\d{1,9}$/.test(value)) throw new Error(`${option} needs a number`);
    return Number(value);
  };
  const count = take("--random");
  const seed = words.includes("--seed") ? take("--seed") : Math.floor(Math.random() * 1e6);
  const unknown = words.find((word) => word.startsWith("-"));
  if (unknown !== undefined) throw new Error(`unknown option \`${unknown}\``);
  return { count, seed, paths: words };
}

async function main(): Promise<number> {
  const random = readRandom(Deno.args);
  const network = await findNetwork();
  if (random !== null) {
    const folder = `${await Deno.realPath("/tmp")}/pktables-mutants-${Deno.pid}`;
    return await withScratch(folder, () => tryRandom(random, { network, folder }));
  }
  const tasks = readTasks(Deno.args);
  const areas = new Set(tasks.map(({ area }) => area));
  const count = tasks.length;
  await using stack = new AsyncDisposableStack();
  const scratches: Scratch[] = [];
  for (let job = 0; job < JOBS; job++) {
    scratches.push(stack.use(await Scratch.create(resolutionArguments(network))));
  }
  for (const area of areas) {
    if (!await scratches[0]!.catches(area, null)) continue;
    throw new Error(`the tests of ${area.name} fail without a mutant`);
  }
  const alive = (await Promise.all(scratches.map((scratch) => work(tasks, scratch)))).flat();
  for (const { name, mutants } of areas) {
    const living = alive.filter(({ area }) => area.name === name).length;
    console.log(`${name.padEnd(12)} ${mutants.length - living} of ${mutants.length} caught`);
  }
  console.log(`${count - alive.length} of ${count} mutants caught, ${alive.length} live`);
  return alive.length > 0 ? 1 : 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    console.error(`mutants: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
