// Runs the measures; dist/bench.ts starts it in a network and mount namespace of its own.
import { describeMachine, execute } from "./bench_measure.ts";
import { measureHooks, measureMemory } from "./bench_hook.ts";
import { measureLanguage } from "./bench_language.ts";
import { measureList, measureLoad } from "./bench_load.ts";

/** All measures by name, in the order in which they run. */
export const MEASURES: Readonly<Record<string, () => void | Promise<void>>> = {
  hook: measureHooks,
  memory: measureMemory,
  language: measureLanguage,
  load: measureLoad,
  list: measureList,
};

if (import.meta.main) {
  // Locks of iptables and pktables lie there; a private one also keeps tables out of the real /run.
  execute("/bin/mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run");
  console.log(describeMachine());
  const names = Deno.args.length === 0 ? Object.keys(MEASURES) : Deno.args;
  for (const name of names) await MEASURES[name]!();
}
