// `dist/build.ts`: makes dist/pktables. `dist/build.ts --target aarch64-unknown-linux-gnu`
// makes it for another machine, `--output FILE` under another name.
//
// The modules are bundled and minified first (`deno bundle`, which is esbuild from npm): the
// program then starts faster than from a module graph. Modules behind `import()` stay files of
// their own inside the binary, so that a hook does not pay for a parser that it does not need.
import { findRuntime, sha256, type Target } from "./build/denort.ts";
import {
  findNetwork,
  type Network,
  PINNED_DENO,
  resolutionArguments,
  TOP,
} from "./build/network.ts";
import { HARDENING, PERMISSIONS } from "./build/permissions.ts";
import { main, must, show, withScratch } from "./script.ts";

const TARGETS: readonly Target[] = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"];
const OUTPUT = `${TOP}/dist/pktables`;

/**
 * For runs that end before an optimizing compiler pays: without one, a hook and a file of 10,000
 * services both need less time. The young generation (in MB) is kept small, because a hook throws
 * hardly anything away: at 65,000 doors its peak is 40 MB lower, and it is no slower. No collection is
 * scheduled in advance: it ran while a hook waited for iptables-restore, and took its processor.
 */
const ENGINE = "--v8-flags=--no-turbofan,--max-semi-space-size=2,--no-minor-gc-task";

/** The machine that this script runs on. */
export const OWN_TARGET: Target = Deno.build.arch === "aarch64" ? TARGETS[1]! : TARGETS[0]!;

/** What is to be built. */
interface Request {
  readonly target: Target;
  readonly output: string;
}

/** Reads `--target` and `--output`; any other word is an error. */
function readRequest(args: readonly string[]): Request {
  const words = args.flatMap((arg) => arg.split("="));
  let target = OWN_TARGET;
  let output = OUTPUT;
  for (let at = 0; at < words.length; at += 2) {
    const [option, value = ""] = words.slice(at, at + 2);
    const known = TARGETS.find((target) => target === value);
    if (option === "--output" && value !== "") output = value;
    else if (option === "--target" && known !== undefined) target = known;
    else {throw new Error(
        `expected \`--output FILE\`, or \`--target\` and one of: ${TARGETS.join(", ")}`,
      );}
  }
  return { target, output };
}

/** Bundles src/main.ts into `folder`: main.js, and a file for each part that is imported later. */
async function bundle(network: Network, folder: string): Promise<void> {
  await must([
    Deno.execPath(),
    "bundle",
    ...resolutionArguments(network),
    "--platform=deno",
    "--minify",
    "--code-splitting",
    `--outdir=${folder}`,
    `${TOP}/src/main.ts`,
  ], { name: "deno bundle" });
  await makeReproducible(folder);
}

/**
 * Removes from a bundle what differs between two builds of one source, which must be the same byte
 * for byte: the bundler's file names depend on the path of Deno's cache, and `deno compile` embeds
 * the files' times.
 */
async function makeReproducible(folder: string): Promise<void> {
  const old = chunks(folder);
  const rename = (text: string, to: (index: number) => string) =>
    old.reduce((result, name, index) => result.replaceAll(name, to(index)), text);
  const texts = old.map((name) => Deno.readTextFileSync(`${folder}/${name}`));
  const nameless = texts.map((text) => rename(text, () => ""));
  const order = [...nameless].sort();
  const newName = (index: number) => `part-${order.indexOf(nameless[index]!)}.js`;
  const write = async (name: string, text: string) => {
    await Deno.writeTextFile(`${folder}/${name}`, rename(text, newName));
    await Deno.utime(`${folder}/${name}`, 0, 0);
  };
  await write("main.js", await Deno.readTextFile(`${folder}/main.js`));
  for (const name of old) await Deno.remove(`${folder}/${name}`);
  for (const [index, text] of texts.entries()) await write(newName(index), text);
}

/** The embedded modules besides main.js, which is embedded as the entry point. */
function chunks(folder: string): string[] {
  const names = [...Deno.readDirSync(folder)].map((entry) => entry.name);
  return names.filter((name) => name !== "main.js").sort();
}

async function build({ target, output }: Request): Promise<void> {
  const network = await findNetwork();
  if (network === "npm" && Deno.version.deno !== PINNED_DENO) return await rebuild();
  const folder = await Deno.makeTempDir({ prefix: "pktables-build-" });
  await withScratch(folder, async () => {
    await bundle(network, folder);
    await compile(folder, { network, target, output });
  });
  const bytes = await Deno.readFile(output);
  const name = output === OUTPUT ? "dist/pktables" : output;
  console.log(`${name}  ${bytes.length} bytes  sha256 ${sha256(bytes)}`);
}

/**
 * Compiles a folder of JavaScript modules into one binary that may do what dist/build/permissions.ts says.
 *
 * @param folder Holds main.js, and everything that it imports.
 * @param options The network that the runtime comes from, the machine it is for and the file to write.
 * @throws {Error} If `deno compile` failed; then `output` is as it was.
 */
export async function compile(
  folder: string,
  { network, target, output }: { network: Network; target: Target; output: string },
): Promise<void> {
  const runtime = await findRuntime(network, target);
  const beside = `${output}.${Deno.pid}`;
  await withScratch(beside, async () => {
    await must([
      Deno.execPath(),
      "compile",
      "--no-check",
      ...HARDENING,
      ...PERMISSIONS,
      ENGINE,
      `--target=${target}`,
      // Named one by one: an `import()` of a file that is not embedded would be searched for on the disk.
      ...chunks(folder).map((name) => `--include=${folder}/${name}`),
      `--output=${beside}`,
      `${folder}/main.js`,
    ], { name: "deno compile", env: runtime ? { DENORT_BIN: runtime } : {} });
    await Deno.rename(beside, output);
  });
}

/** Runs this script again on the Deno that the known runtime belongs to. */
async function rebuild(): Promise<void> {
  console.error(`build: the runtime from npm is for Deno ${PINNED_DENO}, so building with that`);
  const deno = ["npx", "-y", `deno@${PINNED_DENO}`, "run", "-A", "--no-lock"];
  const code = await show([...deno, `${TOP}/dist/build.ts`, ...Deno.args]);
  if (code !== 0) throw new Error(`the build on Deno ${PINNED_DENO} failed`);
}

if (import.meta.main) await main("build", () => build(readRequest(Deno.args)));
