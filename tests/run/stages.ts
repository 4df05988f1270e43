// What `tests/run.ts` runs, in this order. A stage is one command; most are one `deno test`.
import { type Network, resolutionArguments, TOP } from "../../dist/build/network.ts";

/** One stage of the tests. */
export interface Stage {
  readonly name: string;
  /** `tests` counts what `deno test` reports; `task` counts as one. */
  readonly kind: "task" | "tests";
  /** Folders or files it works on; all of them have to be there. */
  readonly paths: readonly string[];
  /** Arguments of Deno; the paths and the resolution of modules are added where they belong. */
  readonly command: readonly string[];
  /** Arguments after the paths. */
  readonly args?: readonly string[];
  /** Whether what it printed is shown although nothing failed. */
  readonly tells?: boolean;
  /** Paths below `paths` that belong to other stages; all of them have to be there. */
  readonly ignore?: readonly string[];
  /** Whether modules are resolved, so that the network matters. */
  readonly resolves: boolean;
  /** Runs on the newest Deno instead of the running one. */
  readonly newest?: boolean;
  /** Needs dist/pktables. */
  readonly needsBinary?: boolean;
  /** Needs root or a user namespace, and iptables. */
  readonly needsKernel?: boolean;
  /** How many test files run at once; one without it. */
  readonly jobs?: number;
  /** Runs only when it is named: it takes long, or needs more of the machine than the others. */
  readonly onRequest?: boolean;
  /** After how many minutes it is killed; 15 without it. */
  readonly minutes?: number;
}

/** The folders with TypeScript. */
const SOURCES = ["src", "grammar", "tests", "dist"];

/** Folders of tests/ that have a stage of their own; tests/support/ tests itself with real tables. */
const OWN_STAGE = ["golden", "errors", "build", "support", "kernel", "knock", "tools"]
  .map((folder) => `tests/${folder}`);

const TESTS = { kind: "tests", command: ["test", "-A", "--no-check"], resolves: true } as const;
const UNIT = { ...TESTS, paths: ["tests"], ignore: OWN_STAGE } as const;
const TYPES = { kind: "task", command: ["check"], paths: SOURCES, resolves: true } as const;
const SCRIPT = {
  kind: "task",
  command: ["run", "-A", "--no-lock"],
  resolves: false,
  needsBinary: true,
  needsKernel: true,
  tells: true,
} as const;
const KERNEL = { ...TESTS, needsBinary: true, needsKernel: true, jobs: 2 } as const;

/** All stages, in the order in which they run. */
export const STAGES: readonly Stage[] = [
  { name: "fmt", kind: "task", paths: ["."], command: ["fmt", "--check"], resolves: false },
  { name: "lint", kind: "task", paths: ["."], command: ["lint"], resolves: false },
  { name: "types", ...TYPES },
  {
    name: "doc",
    kind: "task",
    paths: ["src", "grammar"],
    command: ["doc", "--lint"],
    resolves: true,
  },
  {
    name: "build",
    kind: "task",
    paths: ["dist/build.ts"],
    command: ["run", "-A", "--no-lock"],
    resolves: false,
    tells: true,
  },
  { name: "unit", ...UNIT },
  { name: "golden", ...TESTS, paths: ["tests/golden", "tests/errors"] },
  { name: "binary", ...KERNEL, paths: ["tests/build"], jobs: 1 },
  { name: "kernel", ...KERNEL, paths: ["tests/support", "tests/kernel"], minutes: 20 },
  { name: "knock", ...KERNEL, paths: ["tests/knock"] },
  { name: "tools", ...KERNEL, paths: ["tests/tools"] },
  { name: "soak", ...SCRIPT, paths: ["tests/soak/soak.ts"], args: ["--minutes", "2"] },
  { name: "coverage", ...SCRIPT, paths: ["tests/run/coverage.ts"], needsBinary: false },
  {
    name: "userlands",
    ...SCRIPT,
    paths: ["tests/run/userlands.ts"],
    needsKernel: false, // it only runs as the machine's root, and has its own iptables
    onRequest: true,
    minutes: 60,
  },
  { name: "types-newest", ...TYPES, newest: true },
  { name: "unit-newest", ...UNIT, newest: true },
];

/**
 * The stages to run, in their order.
 *
 * @param names Those that are named; without one all run that need not be named.
 * @returns The stages, with `build` ahead of them where one of them needs the binary.
 * @throws {Error} If a name is not one of a stage.
 */
export function chooseStages(names: readonly string[]): readonly Stage[] {
  const unknown = names.find((name) => STAGES.every((stage) => stage.name !== name));
  if (unknown !== undefined) {
    const known = STAGES.map((stage) => stage.name).join(", ");
    throw new Error(`unknown stage \`${unknown}\`; the stages are: ${known}`);
  }
  const wanted = STAGES.filter(({ name, onRequest }) =>
    names.length === 0 ? onRequest !== true : names.includes(name)
  );
  const needsBuild = wanted.some((stage) => stage.needsBinary);
  return STAGES.filter((stage) => wanted.includes(stage) || needsBuild && stage.name === "build");
}

/** Whether a path of the repository exists. */
function exists(path: string): boolean {
  try {
    Deno.statSync(`${TOP}/${path}`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Every module below a folder: `deno doc` takes files only. */
function modules(folder: string): string[] {
  return [...Deno.readDirSync(`${TOP}/${folder}`)].flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return modules(path);
    return path.endsWith(".ts") && !path.endsWith(".d.ts") ? [path] : [];
  });
}

/** What a stage's command line depends on. */
export interface Context {
  readonly network: Network;
  /** The Deno that runs the stage, and its version. */
  readonly deno: { readonly path: string; readonly version: string };
  /** Of `deno test --filter`. */
  readonly filter?: string | undefined;
}

/**
 * The command line of a stage.
 *
 * @param stage The stage.
 * @param context The network, the Deno and the filter.
 * @returns The command.
 * @throws {Error} If one of the stage's paths is not there: its tests would be silently left out.
 */
export function commandOf(stage: Stage, context: Context): string[] {
  const { path, version } = context.deno;
  const { paths, ignore = [] } = stage;
  const missing = [...paths, ...ignore].filter((path) => !exists(path));
  if (missing.length > 0) {
    throw new Error(`stage ${stage.name} names paths that are not there: ${missing.join(", ")}`);
  }
  const tests = stage.kind === "tests";
  return [
    path,
    ...stage.command,
    ...(stage.resolves ? resolutionArguments(context.network, version) : []),
    ...(tests && context.filter !== undefined ? [`--filter=${context.filter}`] : []),
    ...(tests && (stage.jobs ?? 1) > 1 ? ["--parallel"] : []),
    ...(ignore.length > 0 ? [`--ignore=${ignore.join(",")}`] : []),
    ...(stage.name === "doc" ? paths.flatMap(modules) : paths),
    ...(stage.args ?? []),
  ];
}
