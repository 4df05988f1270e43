// Tries where modules can be loaded from: `jsr` is the open internet, with deno.json as it is;
// `npm` is a network with an npm registry alone, where dist/networks/npm/ replaces
// @std. Imports node: modules and scripts of this folder only: nothing else is known to resolve yet.
import { createHash } from "node:crypto";
import config from "../../deno.json" with { type: "json" };
import { run } from "../script.ts";

/** Where modules come from. */
export type Network = "jsr" | "npm";

/** Forces a network when set by hand; passes the result to child processes. */
export const NETWORK_VARIABLE = "PKTABLES_NETWORK";

/** The version of Deno that deno.lock is written by and that `denort` is known for. */
export const PINNED_DENO = "2.4.2";

/** The top folder of the repository, without a slash at its end. */
export const TOP: string = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

const PROBE_MILLISECONDS = 5000;

/**
 * Which network this is. `PKTABLES_NETWORK` decides where it is set; otherwise one small module
 * is requested from JSR, for at most five seconds, because some networks swallow packets.
 * The result is printed in one line on standard error and kept in `PKTABLES_NETWORK` for children.
 *
 * @returns The network.
 * @throws {Error} If the variable holds anything but `jsr` or `npm`.
 */
export async function findNetwork(): Promise<Network> {
  // Deno's own roots are not enough behind a proxy that inspects TLS.
  if (!Deno.env.get("DENO_TLS_CA_STORE")) Deno.env.set("DENO_TLS_CA_STORE", "system,mozilla");
  const forced = Deno.env.get(NETWORK_VARIABLE);
  if (forced === "jsr" || forced === "npm") return forced;
  if (forced) throw new Error(`${NETWORK_VARIABLE} is \`${forced}\`; expected \`jsr\` or \`npm\``);

  const module = `${config.imports["@std/cli"]}/parse-args`;
  const command = [Deno.execPath(), "info", "--no-config", "--no-lock", module];
  const { code, timedOut } = await run(command, { timeLimit: PROBE_MILLISECONDS });
  const network = code === 0 ? "jsr" : "npm";
  const why = code === 0
    ? "JSR answers"
    : timedOut
    ? `no answer from JSR for ${PROBE_MILLISECONDS / 1000} s`
    : "JSR cannot be reached";
  console.error(`network: ${network} (${why}; ${NETWORK_VARIABLE}=jsr|npm forces one)`);
  Deno.env.set(NETWORK_VARIABLE, network);
  return network;
}

/**
 * The lock file of this network.
 *
 * deno.lock holds the hashes of all npm packages of both networks. It holds none of JSR's, because it
 * was written where JSR cannot be reached, and on `jsr` Deno would write them into it. So `jsr` works
 * with a copy in dist/out/cache/, which Deno fills at the first run and compares with from then on; the
 * copy's name holds the hash of deno.lock, and a changed deno.lock gets a new copy.
 *
 * @param network The network, from {@linkcode findNetwork}.
 * @returns The path of an existing file.
 */
export function lockFile(network: Network): string {
  const lock = `${TOP}/deno.lock`;
  if (network === "npm") return lock;
  const bytes = Deno.readFileSync(lock);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  const copy = `${TOP}/dist/out/cache/jsr-${hash}.lock`;
  try {
    Deno.statSync(copy);
  } catch {
    Deno.mkdirSync(`${TOP}/dist/out/cache`, { recursive: true });
    const beside = `${copy}.${Deno.pid}`;
    Deno.writeFileSync(beside, bytes);
    Deno.renameSync(beside, copy); // whole at once: other processes may be reading it
  }
  return copy;
}

/**
 * The arguments by which a Deno subcommand finds the project's modules on this network.
 *
 * On `npm` the lock file is frozen: a package that is not in it, or differs from it, is an error. On
 * `jsr` Deno checks the npm part and adds the JSR part to a copy, see {@linkcode lockFile}.
 * `dist/lock.ts` brings deno.lock up to date.
 * A Deno other than the pinned one needs other `@types/node`, so it runs without the lock.
 *
 * @param network The network, from {@linkcode findNetwork}.
 * @param denoVersion The version of the Deno that gets the arguments.
 * @returns The arguments, to follow the subcommand.
 */
export function resolutionArguments(
  network: Network,
  denoVersion: string = Deno.version.deno,
): string[] {
  const pinned = denoVersion === PINNED_DENO;
  const lock = pinned ? ["--lock", lockFile(network)] : ["--no-lock"];
  if (network === "jsr") return lock;
  return [
    "--import-map",
    `${TOP}/dist/networks/npm/import_map.json`,
    ...lock,
    ...(pinned ? ["--frozen"] : []),
  ];
}
