// How `load` and `diff` test the expectations of a rules file: against the kernel as it will be.
import { loadTracer, type Tracer } from "../lazy.ts";
import { ok, type Result } from "../../result.ts";
import type { FilterTable } from "../../firewall/table.ts";
import type { Compiled } from "../../semantic/compile.ts";
import type { Failure } from "../../system/failure.ts";
import type { Finding } from "../../trace/judge.ts";
import type { Context, GlobalOptions } from "../command.ts";
import { EXIT } from "../exit.ts";
import {
  type DescribedFinding,
  NOT_LOOKED_AT,
  placeOf,
  reportFindings,
} from "../report/finding_words.ts";
import { type Around, enterKernel, readAround } from "./planned_stages.ts";
import { readTables } from "./tables.ts";
import type { FamilyEdits } from "./transaction.ts";

/** The file with the expectations, and how the verb was called. */
export interface Guarded {
  /** The file; without expectations nothing is read or printed. */
  readonly compiled: Compiled;
  /** Whether to continue if an expectation is not met. */
  readonly force?: boolean;
}

/** Reads the kernel for a plan, and tests the plan against the expectations of a file. */
export class Guard {
  #around: readonly Around[] = [];
  #tracer: Tracer | null = null;
  #backends = false;
  readonly #said = new Set<string>();

  /**
   * Makes a guard; nothing is read yet.
   *
   * @param context the machine
   * @param given the file
   */
  constructor(readonly context: Context, readonly given: Guarded) {}

  /** Reads the tables as readTables() does, and everything around them if that is needed. */
  readonly read = async (
    context: Context,
    global: GlobalOptions,
  ): Promise<Result<FilterTable[], Failure>> => {
    const tables = await readTables(context, global);
    const { compiled, force } = this.given;
    if (!tables.ok || compiled.expectations.length === 0) return tables;
    this.#tracer = await loadTracer();
    const families = tables.value.map(({ family }) => family);
    const around = await readAround(context.system, { families, global });
    if (!around.ok && !force) return around;
    if (!around.ok) context.report.warn(`no expectation was tested: ${around.problem.message}`);
    this.#around = around.ok ? around.value : [];
    return ok(tables.value);
  };

  /**
   * The expectations that will not, or may not, be met once a plan is carried out.
   *
   * @param plans the edits of each family that was read
   */
  judge(plans: readonly FamilyEdits[]): DescribedFinding[] {
    const tracer = this.#tracer;
    if (tracer === null) return [];
    const { expectations } = this.given.compiled;
    const findings = this.#around.flatMap((around) => {
      const plan = plans.find(({ family }) => family === around.family);
      return this.#judgeFamily(tracer, { around, edits: plan?.edits ?? [] });
    });
    const options = { now: this.context.system.now(), backends: this.#backends };
    return reportFindings(findings, {
      expectations,
      describe: ({ state, trace }) => {
        if (trace === null) return { words: NOT_LOOKED_AT, way: [] };
        const way = tracer.describeWay(trace, options);
        // If several ends are possible and none is the expected one, the most likely is reported.
        return state === "failed"
          ? { words: tracer.describeOutcome(trace.end, options), way }
          : { words: tracer.describeTrace(trace, options).replace(/^unknown: /, ""), way };
      },
    });
  }

  #judgeFamily(
    tracer: Tracer,
    { around, edits }: { around: Around; edits: FamilyEdits["edits"] },
  ): Finding[] {
    const { family, addresses, knocked: { lists } } = around;
    const { expectations, services } = this.given.compiled;
    const entered = enterKernel(tracer, { around, edits });
    if (entered === null) {
      return expectations.filter(({ families }) => families.includes(family)).map((expectation) => (
        { expectation, family, state: "unknown", from: null, trace: null }
      ));
    }
    this.#backends ||= entered.backends;
    return tracer.judge(expectations, {
      family,
      stages: entered.stages,
      borders: new tracer.Borders(entered.texts, family),
      services,
      interface: around.interface,
      machine: addresses === null ? { lists } : { addresses, lists },
      now: this.context.system.now(),
    });
  }

  /**
   * Tests a plan before it is written, and reports what is not as expected.
   *
   * @returns the exit status that ends the verb, or `null` if it may continue
   */
  allow(plans: readonly FamilyEdits[]): number | null {
    const { report } = this.context;
    const { compiled: { sources }, force } = this.given;
    const findings = this.judge(plans);
    warnOfUnknown(findings, { context: this.context, sources });
    const failed = findings.filter(({ state }) => state === "failed");
    for (const one of failed) {
      const { expectation: { span, text }, way } = one;
      const line = `${placeOf(span, sources)}: \`${text}\` is not met: ${wordsOf(one)}`;
      // A new plan is tested again.
      if (this.#said.has(line)) continue;
      this.#said.add(line);
      if (force) report.warn(line);
      else report.error(line);
      report.details(way);
    }
    const number = new Set(failed.map(({ expectation }) => expectation)).size;
    if (number === 0) return null;
    const count = `${number} ${number === 1 ? "expectation is" : "expectations are"} not met`;
    if (force) {
      report.warn(`${count}: loaded anyway because of --force`);
      return null;
    }
    report.error(`nothing was changed: ${count} (--force loads anyway)`);
    return EXIT.refused;
  }
}

function wordsOf({ sender, words }: DescribedFinding): string {
  return sender === null ? words : `from ${sender}: ${words}`;
}

/** Warns of expectations that cannot be decided. */
export function warnOfUnknown(
  findings: readonly DescribedFinding[],
  { context, sources }: { context: Context; sources: Compiled["sources"] },
): void {
  for (const one of findings) {
    const { state, expectation: { span, text } } = one;
    if (state === "failed") continue;
    const place = placeOf(span, sources);
    context.report.warn(`${place}: cannot tell whether \`${text}\` is met: ${wordsOf(one)}`);
  }
}

/** The expectations that will not be met, as a part of the output of `diff`. */
export function drawFailed(
  findings: readonly DescribedFinding[],
  sources: Compiled["sources"],
): string[] {
  return findings.filter(({ state }) => state === "failed").map((one) =>
    `${one.expectation.text} (${placeOf(one.expectation.span, sources)}): not met: ${wordsOf(one)}`
  );
}

/** The shape of an expectation that is not met, or may not be, in `diff --json`. */
export function expectationsToJson(
  findings: readonly DescribedFinding[],
  sources: Compiled["sources"],
): Record<string, unknown>[] {
  return findings.map(({ expectation: { span, text }, state, families, sender, words, way }) => (
    { place: placeOf(span, sources), expectation: text, state, families, sender, words, way }
  ));
}
