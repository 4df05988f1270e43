// `tests/fuzz/fuzz.ts [SEED]`: tries inputs on the reader, the checks, the formatter and the compiler until
// it is stopped or finds one that breaks a property. SEED is the one to start from; without it the
// clock gives it.
import { findNetwork, resolutionArguments, TOP } from "../../dist/build/network.ts";

if (import.meta.main) {
  const resolution = resolutionArguments(await findNetwork());
  const args = [
    "run",
    "-A",
    "--no-check",
    ...resolution,
    `${TOP}/tests/fuzz/program.ts`,
    ...Deno.args,
  ];
  const { code } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
  Deno.exit(code);
}
