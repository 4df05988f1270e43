import { type Compiler, loadCompiler, loadFileJudge, loadTracer } from "../lazy.ts";
import type { Compiled } from "../../semantic/compile.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import { compileRules } from "../input/rules_file.ts";

/** Reports all problems of rules files. */
export const check: Command = {
  name: "check",
  summary: "check rules files, without touching the kernel",
  operand: { name: "FILE", min: 1, max: Infinity, completes: ["pk-file"] },
  options: [
    {
      name: "format",
      value: "FORMAT",
      choices: ["text", "json", "short"],
      help: "text for people, one JSON object per line for editors, or FILE:LINE:COLUMN lines",
    },
  ],
  details: [
    "Expectations (`expect tcp 22 from anyone drop`) are tested as on a machine without any " +
    "other rules, whose INPUT accepts; `diff` and `load` test them on this one.",
    "Needs no root. Each FILE is checked by itself, with the files that it includes; - is standard " +
    "input. Warnings do not change the exit status. `pktables help PK004` explains the code of a message, " +
    "`pktables help json` the fields of --format json.",
  ],
  examples: [
    { line: "pktables check /etc/pktables/rules.pk", does: "all errors and warnings" },
    { line: "pktables check --format json rules.pk", does: "for an editor" },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const format = call.options.get("format") ?? "text";
  const compiler = await loadCompiler();
  let ok = true;
  let isTold = false;
  for (const path of new Set(call.operands)) {
    const read = compileRules(path, context, { compiler, secrets: true });
    const compiled = await judged(read, context);
    ok &&= compiled.ok;
    print(compiled, { compiler, format, context });
    if (format === "text") summarize(path, { compiler, compiled, context });
    if (isTold || !compiled.knocks.some(({ by }) => by === "kernel")) continue;
    isTold = true;
    if (format === "text") context.report.note(KERNEL_KNOCKS);
  }
  return ok ? EXIT.done : EXIT.file;
}

/** The limits of knocks `by kernel`, printed once however many there are. */
const KERNEL_KNOCKS =
  "note: for a knock `by kernel` the kernel keeps 100 addresses a list (ip_list_tot of the module " +
  "xt_recent): beyond that it forgets the oldest";

/** Expectations are tested if the file has any and has no errors. */
async function judged(compiled: Compiled, { system }: Context): Promise<Compiled> {
  if (compiled.expectations.length === 0) return compiled;
  const [tracer, { judgeFile }] = await Promise.all([loadTracer(), loadFileJudge()]);
  return judgeFile(tracer, { compiled, now: system.now() });
}

function print(
  { diagnostics, sources }: Compiled,
  { compiler, format, context }: {
    readonly compiler: Compiler;
    readonly format: string;
    readonly context: Context;
  },
): void {
  const { console, colorOut } = context.report;
  if (format === "json") {
    console.out(diagnostics.map((one) => compiler.formatJson(one, sources)).join(""));
  } else if (format === "short") {
    console.out(diagnostics.map((one) => compiler.formatShort(one, sources)).join(""));
  } else {
    console.out(compiler.drawDiagnostics(diagnostics, { sources, color: colorOut }));
  }
}

function summarize(
  path: string,
  { compiler, compiled, context }: {
    readonly compiler: Compiler;
    readonly compiled: Compiled;
    readonly context: Context;
  },
): void {
  const count = compiler.countDiagnostics(compiled.diagnostics);
  const services = compiled.services.length;
  if (count !== null) {
    context.report.note("");
    context.report.note(`${path}: ${count}`);
    return;
  }
  const said = `${services} ${services === 1 ? "service" : "services"}`;
  context.report.note(`${path}: no problems found in ${said}`);
}
