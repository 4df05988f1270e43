// `dist/lock.ts`: brings deno.lock up to date after a change of dependencies; commit what it
// wrote. It resolves by the import map of the `npm` network, which names everything that comes from
// npm, so that one file serves both networks.
import { findNetwork, PINNED_DENO, TOP } from "./build/network.ts";
import { main, run } from "./script.ts";

async function lock(): Promise<number> {
  await findNetwork();
  const { code, output } = await run([
    Deno.execPath(),
    "check",
    "--frozen=false",
    `--lock=${TOP}/deno.lock`,
    `--import-map=${TOP}/dist/networks/npm/import_map.json`,
    TOP,
  ]);
  console.log(`${output}deno.lock is written by Deno ${Deno.version.deno}; CI has ${PINNED_DENO}`);
  return code;
}

if (import.meta.main) await main("lock", lock);
