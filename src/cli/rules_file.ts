import type { Compiled } from "../semantic/compile.ts";
import { quote } from "./args.ts";
import type { Context } from "./command.ts";

/**
 * Reads, checks and compiles a rules file. The parser is loaded only now: the hooks of knockd, which
 * name no file, never pay for it.
 *
 * @param path the file, `-` for standard input
 */
export async function compileRules(path: string, { system }: Context): Promise<Compiled> {
  const { compileFile } = await import("./reading.ts");
  return compileFile(path, { reader: system.files, now: system.now() });
}

/**
 * Reads a rules file for a verb that works on what it means, and tells its errors and warnings on
 * standard error.
 *
 * @param path the file, `-` for standard input
 * @returns `null` if the file has errors; the exit status is then that of a wrong file
 */
export async function readRulesFile(path: string, context: Context): Promise<Compiled | null> {
  const compiled = await compileRules(path, context);
  const { diagnostics, sources, ok } = compiled;
  if (diagnostics.length > 0) {
    const { countDiagnostics, drawDiagnostics } = await import("./reading.ts");
    const { console } = context.report;
    console.err(drawDiagnostics(diagnostics, { sources, color: context.report.colorErr }));
    if (!ok) {
      context.report.error(`nothing was done: ${quote(path)} has ${countDiagnostics(diagnostics)}`);
    }
  }
  return ok ? compiled : null;
}
