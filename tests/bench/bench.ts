// `tests/bench/bench.ts [MEASURE…]`: builds dist/pktables and measures it beside its floor, in a throwaway
// network namespace. Prints tables and writes dist/out/bench/MEASURE.json. A goal that is missed is
// printed as such and does not fail: times depend on the machine, and only ratios can be compared.
import { EMPTY, MEASURE_NAMES } from "./measure.ts";
import { compile, OWN_TARGET } from "../../dist/build.ts";
import { installNeeded, type Need } from "../../dist/debian.ts";
import { findEntrance } from "../../dist/demo.ts";
import { findNetwork, PINNED_DENO, resolutionArguments, TOP } from "../../dist/build/network.ts";
import { main, show } from "../../dist/script.ts";

/** What is measured beside, or measures. */
const NEEDED: readonly Need[] = [
  ["iptables", "iptables"],
  ["ip6tables", "iptables"],
  ["unshare", "util-linux"],
  ["time", "time"],
  ["ferm", "ferm"],
];

async function bench(names: readonly string[]): Promise<number> {
  for (const name of names) {
    if (MEASURE_NAMES.some((known) => known === name)) continue;
    throw new Error(`unknown measure \`${name}\`: ${MEASURE_NAMES.join(", ")}`);
  }
  const network = await findNetwork();
  if (network === "npm" && Deno.version.deno !== PINNED_DENO) {
    const again = ["run", "-A", "--no-lock", `${TOP}/tests/bench/bench.ts`, ...names];
    return await show(["npx", "-y", `deno@${PINNED_DENO}`, ...again]);
  }
  for (const problem of await installNeeded(NEEDED)) console.log(problem);
  const script = [Deno.execPath(), "run", "-A"];
  const built = await show([...script, "--no-lock", `${TOP}/dist/build.ts`]);
  if (built !== 0) return built;
  await compileEmpty();
  const command = [...script, "--no-check", "--cached-only", ...resolutionArguments(network)];
  return await show([
    ...await findEntrance(),
    ...command,
    `${TOP}/tests/bench/namespace.ts`,
    ...names,
  ]);
}

/** The empty program, with the flags of dist/pktables. */
async function compileEmpty(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pktables-bench-" });
  await Deno.mkdir(`${TOP}/dist/out/bench`, { recursive: true });
  await Deno.writeTextFile(`${folder}/main.js`, "\n");
  const network = await findNetwork();
  await compile(folder, { network, target: OWN_TARGET, output: EMPTY });
  await Deno.remove(folder, { recursive: true });
}

if (import.meta.main) await main("bench", () => bench(Deno.args));
