// The program as src/main.ts starts it, but that it ends by itself: `Deno.exit()` would discard
// what was counted for the coverage of src/system/, which only real commands reach.
import { runSafely } from "../../src/cli/run.ts";
import { realSystem } from "../../src/system/real.ts";

Deno.exitCode = await runSafely(Deno.args, realSystem());
