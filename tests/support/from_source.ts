// A script that replaces the binary and runs the program from its source: without compiling, and
// with Deno's own flags.
import { writeExecutable } from "./executable.ts";

/**
 * Writes an executable script that takes the program's arguments.
 *
 * @param path Where to write it.
 * @param options The module to run, and the arguments of `deno run` besides those it always needs.
 */
export async function writeProgram(
  path: string,
  { module, flags }: { module: string; flags: readonly string[] },
): Promise<void> {
  // Those who start the program clear its environment, and Deno needs some of it.
  const variables = ["HOME", "DENO_DIR", "DENO_TLS_CA_STORE"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [`export ${name}='${value}'\n`];
  });
  const fixed = ["run", "-A", "-q", "--no-check", "--cached-only"];
  const command = [Deno.execPath(), ...fixed, ...flags, module].join(" ");
  await writeExecutable(path, `#!/bin/sh\n${variables.join("")}exec ${command} "$@"\n`);
}
