// Runs the measures; tests/bench/bench.ts starts it in a network and mount namespace of its own.
import { describeMachine, execute, MEASURE_NAMES } from "./measure.ts";
import { measureForeign } from "./foreign.ts";
import { measureHooks, measureMemory } from "./hook.ts";
import { measureLanguage } from "./language.ts";
import { measureList, measureLoad } from "./load.ts";
import { main } from "../../dist/script.ts";

/** All measures by name. */
const MEASURES: Readonly<Record<typeof MEASURE_NAMES[number], () => void | Promise<void>>> = {
  hook: measureHooks,
  foreign: measureForeign,
  memory: measureMemory,
  language: measureLanguage,
  load: measureLoad,
  list: measureList,
};

async function bench(): Promise<void> {
  // Locks of iptables and pktables lie there; a private one also keeps tables out of the real /run.
  execute("/bin/mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run");
  console.log(describeMachine());
  for (const name of MEASURE_NAMES) {
    if (Deno.args.length === 0 || Deno.args.includes(name)) await MEASURES[name]();
  }
}

if (import.meta.main) await main("bench", bench);
