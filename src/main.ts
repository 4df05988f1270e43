import { runSafely } from "./cli/run.ts";
import { realSystem } from "./system/real.ts";

if (import.meta.main) Deno.exit(await runSafely(Deno.args, realSystem()));
