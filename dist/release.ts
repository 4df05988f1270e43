// `dist/release.ts`: fills dist/out/release/ with all that a release consists of. Equal sources give
// equal bytes: nothing in it depends on the day or the folder.
import config from "../deno.json" with { type: "json" };
import { sha256, type Target } from "./build/denort.ts";
import {
  findNetwork,
  lockFile,
  type Network,
  PINNED_DENO,
  resolutionArguments,
  TOP,
} from "./build/network.ts";
import { main, must, run } from "./script.ts";
import { type Lock, writeBill } from "./release/sbom.ts";

const FOLDER = `${TOP}/dist/out/release`;

/** The machines that a release is made for. */
const TARGETS: readonly { readonly target: Target; readonly arch: string }[] = [
  { target: "x86_64-unknown-linux-gnu", arch: "x86_64" },
  { target: "aarch64-unknown-linux-gnu", arch: "aarch64" },
];

/** What the binary prints about itself, by the name under which it is installed. */
const PRINTED: readonly (readonly [file: string, words: readonly string[]])[] = [
  ["pktables.8", ["man"]],
  ["pktables.bash", ["completions", "bash"]],
  ["_pktables", ["completions", "zsh"]],
  ["pktables.fish", ["completions", "fish"]],
];

/** Builds for every machine whose runtime is available; returns the binary of this machine. */
async function buildAll(): Promise<string> {
  let own = "";
  for (const { target, arch } of TARGETS) {
    const path = `${FOLDER}/pktables-${config.version}-${arch}-linux`;
    const script = [Deno.execPath(), "run", "-A", "--no-lock", `${TOP}/dist/build.ts`];
    const built = await run([...script, "--target", target, "--output", path]);
    if (built.code === 0) console.log(`built for ${arch}`);
    else if (arch === Deno.build.arch) throw new Error(built.output);
    else console.log(`skipped: ${arch} (${built.output.trim().replace(/^build: /, "")})`);
    if (arch === Deno.build.arch) own = path;
  }
  return own;
}

/** The parts of `deno info --json` that are read here. */
interface Graph {
  readonly npmPackages: Readonly<Record<string, unknown>>;
  readonly modules: readonly { readonly specifier: string; readonly npmPackage?: string }[];
}

/** The packages that the program itself imports; without those of tests and of this folder. */
async function findPackages(network: Network): Promise<{ npm: string[]; jsr: string[] }> {
  const command = ["info", "--json", ...resolutionArguments(network), `${TOP}/src/main.ts`];
  const graph: Graph = JSON.parse(await must([Deno.execPath(), ...command]));
  const npm = graph.modules.flatMap(({ npmPackage }) => npmPackage ?? []);
  const jsr = graph.modules.flatMap(({ specifier }) => {
    // https://jsr.io/@std/cli/1.0.32/parse_args.ts, or below what JSR_URL names.
    const [, name, version] = /^https?:\/\/[^/]+\/(@[^/]+\/[^/]+)\/([^/]+)\//.exec(specifier) ?? [];
    return name === undefined ? [] : [`${name}@${version}`];
  });
  return { npm: [...new Set(npm)].sort(), jsr: [...new Set(jsr)].sort() };
}

async function release(): Promise<void> {
  const network = await findNetwork();
  await Deno.remove(FOLDER, { recursive: true }).catch(() => {}); // it may not be there yet
  await Deno.mkdir(FOLDER, { recursive: true });
  const own = await buildAll();
  for (const [file, words] of PRINTED) {
    await Deno.writeTextFile(`${FOLDER}/${file}`, await must([own, ...words]));
  }
  const lock: Lock = JSON.parse(await Deno.readTextFile(lockFile(network)));
  const options = { version: config.version, deno: PINNED_DENO, lock };
  const bill = writeBill({ ...options, ...await findPackages(network) });
  await Deno.writeTextFile(`${FOLDER}/pktables-${config.version}.cdx.json`, bill);
  const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
  const sums = files.map((name) => `${sha256(Deno.readFileSync(`${FOLDER}/${name}`))}  ${name}\n`);
  await Deno.writeTextFile(`${FOLDER}/SHA256SUMS`, sums.join(""));
  console.log(`dist/out/release/\n${sums.join("").trimEnd()}`);
}

if (import.meta.main) await main("release", release);
