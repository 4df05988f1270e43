// `tests/fuzz/fuzz.ts [SEED]`: tries inputs on the reader, the checks, the formatter and the compiler until
// it is stopped or finds one that breaks a property. SEED is the one to start from; without it the
// clock gives it.
import { findNetwork, resolutionArguments, TOP } from "../../dist/build/network.ts";
import { main, show } from "../../dist/script.ts";

async function fuzz(): Promise<number> {
  const deno = [Deno.execPath(), "run", "-A", "--no-check"];
  const resolution = resolutionArguments(await findNetwork());
  return await show([...deno, ...resolution, `${TOP}/tests/fuzz/program.ts`, ...Deno.args]);
}

if (import.meta.main) await main("fuzz", fuzz);
