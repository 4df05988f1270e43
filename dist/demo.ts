// `dist/demo.ts`: builds dist/pktables and shows it at work on real packets, with the real knockd
// and the real knock, between two throwaway networks on this machine. Nothing of the machine's own
// firewall is touched. Root is not needed where the kernel gives users namespaces of their own.
import { DEMO_NEEDS, installNeeded } from "./debian.ts";
import { findNetwork, TOP } from "./build/network.ts";
import { main, run } from "./script.ts";

/** Ways to get a private network; the first that works is used. */
const ENTRANCES: readonly (readonly string[])[] = [
  ["unshare", "--net", "--mount"],
  ["unshare", "--map-root-user", "--net", "--mount"],
];

/**
 * The command prefix that gives another one its own networks and mounts.
 *
 * @returns The first of the known ways that works here.
 * @throws {Error} If none does, with the output of each.
 */
export async function findEntrance(): Promise<readonly string[]> {
  const refusals: string[] = [];
  for (const entrance of ENTRANCES) {
    const { code, output } = await run([...entrance, "true"], { timeLimit: 10_000 });
    if (code === 0) return entrance;
    refusals.push(output.trim());
  }
  throw new Error(
    `cannot create a network namespace here` +
      (Deno.uid() === 0
        ? `; this needs CAP_SYS_ADMIN, which many containers do not grant:\n`
        : `; run this as root, or allow user namespaces:\n`) +
      refusals.join("\n"),
  );
}

/** Runs a command on this terminal; unlike `show`, it gets the signals that this script gets. */
async function showSignalled(command: readonly string[]): Promise<number> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, { args, stdin: "null" }).spawn();
  // A terminal sends Ctrl-C to both: this one stays until the other has cleaned up.
  const stay = () => {};
  const pass = () => child.kill("SIGTERM");
  Deno.addSignalListener("SIGINT", stay);
  Deno.addSignalListener("SIGTERM", pass);
  const { code } = await child.status;
  Deno.removeSignalListener("SIGINT", stay);
  Deno.removeSignalListener("SIGTERM", pass);
  return code;
}

async function demo(): Promise<number> {
  const problems = await installNeeded(DEMO_NEEDS);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const entrance = await findEntrance();
  await findNetwork();
  const script = [Deno.execPath(), "run", "-A", "--no-lock"];
  const built = await showSignalled([...script, `${TOP}/dist/build.ts`]);
  if (built !== 0) return built;
  return await showSignalled([...entrance, ...script, "--cached-only", `${TOP}/dist/demo/run.ts`]);
}

if (import.meta.main) await main("demo", demo);
