import { type Compiler, loadCompiler } from "../lazy.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { err, type Result } from "../../result.ts";
import { decodeSource, MAX_SOURCE_BYTES, type Source } from "../../source/source.ts";
import { quote } from "../../text/quote.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";

/** Brings rules files into canonical form. */
export const fmt: Command = {
  name: "fmt",
  summary: "format rules files",
  operand: { name: "FILE", min: 1, max: Infinity, completes: ["pk-file"] },
  options: [
    { name: "check", help: "Write nothing; list the files that would change and exit with 1" },
  ],
  details: [
    "Layout only: a file means the same before and after, and its comments stay with what they " +
    "describe. Formatting twice changes nothing. Each FILE is formatted by itself, not the files that " +
    "it includes; - is standard input, formatted to standard output.",
    "A file with syntax errors is not changed. Files that change are written in place, and " +
    "so keep owner, mode, ACL, extended attributes and hard links; others are not touched. The new text " +
    "is first written to .FILE.UUID beside FILE, where it stays only if fmt is killed. Needs no root.",
  ],
  examples: [
    { line: "pktables fmt /etc/pktables/rules.pk", does: "in place" },
    { line: "pktables fmt --check rules.pk", does: "for CI" },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const compiler = await loadCompiler();
  const statuses: number[] = [];
  for (const path of new Set(call.operands)) {
    const isCheck = call.options.has("check");
    statuses.push(formatFile(path, { compiler, isCheck, context }));
  }
  // A file with errors outranks one that differs: its canonical form is unknown.
  return Math.max(...statuses);
}

/** Formats one file; returns the exit status for it. */
function formatFile(
  path: string,
  { compiler, isCheck, context }: {
    readonly compiler: Compiler;
    readonly isCheck: boolean;
    readonly context: Context;
  },
): number {
  const { report, system } = context;
  const isInput = path === "-";
  const bytes = isInput ? system.files.readInput() : system.files.read(path);
  if (!bytes.ok) {
    const given = { path, problem: bytes.problem, at: null, chain: [] };
    const diagnostics = [compiler.reportUnreadable(given)];
    return leaveAlone(path, { compiler, diagnostics, source: null, context });
  }
  const source = decodeSource(path, bytes.value);
  const formatted = format(source, compiler);
  if (!formatted.ok) {
    return leaveAlone(path, { compiler, diagnostics: formatted.problem, source, context });
  }
  const isSame = equal(new TextEncoder().encode(formatted.value), bytes.value);
  if (isCheck) {
    if (!isSame) report.result(path);
    return isSame ? EXIT.done : EXIT.refused;
  }
  if (isInput) {
    report.console.out(formatted.value);
    return EXIT.done;
  }
  if (isSame) {
    report.note(`${path}: already formatted`);
    return EXIT.done;
  }
  const written = system.files.rewrite(path, { old: bytes.value, text: formatted.value });
  if (!written.ok) {
    report.error(`cannot write ${quote(path)}: ${written.words}`);
    return EXIT.refused;
  }
  report.note(`${path}: formatted`);
  return EXIT.done;
}

function format(
  source: Source,
  { formatSource, reportUnreadable }: Compiler,
): Result<string, readonly Diagnostic[]> {
  const formatted = formatSource(source);
  // Indents make a file longer, and one over the limit could not be read again.
  if (!formatted.ok || new TextEncoder().encode(formatted.value).length <= MAX_SOURCE_BYTES) {
    return formatted;
  }
  const path = source.name;
  return err([reportUnreadable({ path, problem: { kind: "too-large" }, at: null, chain: [] })]);
}

function leaveAlone(
  path: string,
  { compiler, diagnostics, source, context }: {
    readonly compiler: Compiler;
    readonly diagnostics: readonly Diagnostic[];
    readonly source: Source | null;
    readonly context: Context;
  },
): number {
  const { countDiagnostics, drawDiagnostics } = compiler;
  const { report } = context;
  const sources = new Map(source === null ? [] : [[source.name, source] as const]);
  report.console.err(drawDiagnostics(diagnostics, { sources, color: report.colorErr }));
  report.error(`${quote(path)} was not changed: it has ${countDiagnostics(diagnostics)}`);
  return EXIT.file;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
