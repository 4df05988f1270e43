import { type Compiler, loadCompiler } from "../lazy.ts";
import type { Compiled } from "../../semantic/compile.ts";
import { quote } from "../../text/quote.ts";
import type { Context } from "../command.ts";

/** What else is checked. */
export interface RulesOptions {
  /** Whether to warn of files with knocks that everyone may read. */
  readonly secrets?: boolean;
}

/**
 * Reads, checks and compiles a rules file.
 *
 * @param path the file, `-` for standard input
 * @param given the compiler, loaded
 */
export function compileRules(
  path: string,
  { system }: Context,
  { compiler, secrets = false }: RulesOptions & { readonly compiler: Compiler },
): Compiled {
  const isPublic = (file: string) => secrets && system.files.isPublic(file);
  return compiler.compileFile(path, { reader: system.files, now: system.now(), isPublic });
}

/**
 * Reads a rules file for a verb that needs its meaning, and prints its errors and warnings to standard
 * error.
 *
 * @param path the file, `-` for standard input
 * @returns `null` if the file has errors; the exit status is then `EXIT.file`
 */
export async function readRulesFile(
  path: string,
  context: Context,
  options: RulesOptions = {},
): Promise<Compiled | null> {
  const compiler = await loadCompiler();
  const compiled = compileRules(path, context, { ...options, compiler });
  const { diagnostics, sources, ok } = compiled;
  if (diagnostics.length > 0) {
    const { countDiagnostics, drawDiagnostics } = compiler;
    const { console } = context.report;
    console.err(drawDiagnostics(diagnostics, { sources, color: context.report.colorErr }));
    if (!ok) {
      context.report.error(`nothing was done: ${quote(path)} has ${countDiagnostics(diagnostics)}`);
    }
  }
  return ok ? compiled : null;
}
