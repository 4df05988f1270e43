import { basename, dirname, join } from "@std/path";
import type { Family } from "../../src/firewall/address.ts";
import { emitEmptyMachine } from "../../src/plan/empty_machine.ts";
import { type Compiled, compileFile } from "../../src/semantic/compile.ts";
import { realFiles } from "../../src/system/files.ts";

/** The day on which every golden is compiled: 2025-01-01. */
export const GOLDEN_NOW = 1_735_689_600;

/** Where the goldens are. */
const ROOT = new URL("../golden/", import.meta.url);

/** One input with the payloads that are expected of it. */
export interface Golden {
  readonly name: string;
  /** The rules file, as a path. */
  readonly input: string;
  expected(family: Family): { readonly path: string; readonly text: string };
}

/** All goldens in the order of their numbers. */
export function goldens(): Golden[] {
  const names = [...Deno.readDirSync(ROOT)].filter((entry) => entry.isDirectory);
  return names.map(({ name }) => name).sort().map((name) => {
    const folder = new URL(`${name}/`, ROOT).pathname;
    return {
      name,
      input: `${folder}input.pk`,
      expected(family) {
        const path = `${folder}expected.${family === "ipv4" ? "v4" : "v6"}`;
        return { path, text: Deno.readTextFileSync(path) };
      },
    };
  });
}

/** Compiles a rules file of the tests; includes are looked for beside it. */
export function compileGolden(input: string): Compiled {
  return compileFile(input, { reader: realFiles, now: GOLDEN_NOW });
}

/** The payload of a compiled file, with a version and a file name that do not change. */
export function payloadOf(compiled: Compiled, family: Family): string {
  return emitEmptyMachine({
    services: compiled.services,
    family,
    version: "0.0.0",
    source: "input.pk",
  });
}

/** All example files of the grammar. */
export function examples(): string[] {
  const folder = join(dirname(dirname(ROOT.pathname.replace(/\/$/, ""))), "grammar", "examples");
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  return names.filter((name) => name.endsWith(".pk")).sort().map((name) =>
    join(folder, basename(name))
  );
}
