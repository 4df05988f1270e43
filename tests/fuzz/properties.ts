// What must hold for every input, right or wrong.
import { judgeFile } from "../../src/cli/input/judge_file.ts";
import * as tracer from "../../src/cli/kernel/load_tracer.ts";
import { FAMILIES } from "../../src/firewall/address.ts";
import { drawDiagnostics } from "../../src/diagnostics/draw.ts";
import { formatJson } from "../../src/diagnostics/json.ts";
import { formatShort } from "../../src/diagnostics/short.ts";
import { decodeSource, positionOf, type Source } from "../../src/source/source.ts";
import type { Span } from "../../src/source/span.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import { formatSource } from "../../src/syntax/formatter.ts";
import { readSyntax, type Syntax } from "../../src/syntax/ast_reader.ts";
import { GOLDEN_NOW, payloadOf } from "../support/golden.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { meaningOf } from "../syntax/tree.ts";

/** No input of a few kilobytes may take longer, in milliseconds. */
const TIME_LIMIT = 1000;

/** What is remembered of all inputs together. */
export class Tally {
  /** Inputs seen. */
  total = 0;
  /** Inputs without an error. */
  accepted = 0;
  /** The longest time that one input took, in milliseconds. */
  slowest = 0;
  /** The input that took it. */
  slowestInput: Uint8Array = new Uint8Array();

  /** Notes one input. */
  note(input: Uint8Array, outcome: { isAccepted: boolean; time: number }): void {
    this.total++;
    if (outcome.isAccepted) this.accepted++;
    if (outcome.time > this.slowest) {
      this.slowest = outcome.time;
      this.slowestInput = input;
    }
  }

  /** All of it in one line. */
  toString(): string {
    const start = new TextDecoder().decode(this.slowestInput.subarray(0, 60));
    return `${this.total} inputs, ${this.accepted} of them right; the slowest took ` +
      `${this.slowest.toFixed(1)} ms (${this.slowestInput.length} bytes: ${JSON.stringify(start)})`;
  }
}

/**
 * Reads, checks, draws, formats and compiles an input.
 *
 * @throws Error if one of the properties does not hold
 */
export function checkInput(input: Uint8Array, tally: Tally): void {
  const start = performance.now();
  const source = decodeSource("fuzz.pk", input);
  const syntax = readSyntax(source);
  const isAccepted = syntax.diagnostics.length === 0;
  checkSpans(source, syntax);
  checkDrawing(source, syntax);
  if (isAccepted) checkFormat(source, syntax);
  checkMeaning(input, syntax);
  const time = performance.now() - start;
  tally.note(input, { isAccepted, time });
  if (time > TIME_LIMIT) throw new Error(`took ${time} ms`);
}

/** Includes lead nowhere; all other checks run on whatever was read. */
function checkMeaning(input: Uint8Array, syntax: Syntax): void {
  const reader = memoryReader({ "fuzz.pk": input });
  const now = GOLDEN_NOW;
  const compiled = judgeFile(tracer, { compiled: compileFile("fuzz.pk", { reader, now }), now });
  for (const { primary, secondary } of compiled.diagnostics) {
    for (const { span: { file, start, end } } of [primary, ...secondary]) {
      const length = compiled.sources.get(file)?.text.length ?? -1;
      if (start < 0 || start > end || end > length) throw new Error("a place outside of the file");
    }
  }
  if (compiled.ok && syntax.diagnostics.length > 0) throw new Error("a wrong file was compiled");
  drawDiagnostics(compiled.diagnostics, { sources: compiled.sources, color: false });
  for (const family of FAMILIES) payloadOf(compiled, family);
}

function checkSpans(source: Source, syntax: Syntax): void {
  visit([syntax.file, syntax.comments, syntax.diagnostics], ({ file, start, end }) => {
    const isInside = Number.isInteger(start) && Number.isInteger(end) && start >= 0 &&
      start <= end;
    // The mark of a byte that is no text stands on the character that is shown for it.
    if (file !== source.name || !isInside || end > source.text.length) {
      throw new Error(`a place outside of the file: ${start}-${end} of ${source.text.length}`);
    }
  });
  let last = 0;
  for (const { primary } of syntax.diagnostics) {
    if (primary.span.start < last) throw new Error("diagnostics are out of order");
    last = primary.span.start;
  }
}

/** Shows every span in a tree of data to a function. */
function visit(value: unknown, show: (span: Span) => void): void {
  if (typeof value !== "object" || value === null) return;
  if ("span" in value) show(value.span as Span);
  for (const part of Object.values(value)) visit(part, show);
}

function checkDrawing(source: Source, { diagnostics }: Syntax): void {
  const sources = new Map([[source.name, source]]);
  const drawn = drawDiagnostics(diagnostics, { sources, color: false });
  const short = diagnostics.map((each) => formatShort(each, sources)).join("");
  // deno-lint-ignore no-control-regex -- control characters are what must not come through
  const unsafe = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.exec(drawn + short);
  if (unsafe !== null) throw new Error(`a control character is drawn: ${unsafe[0].charCodeAt(0)}`);
  if (short.split("\n").length - 1 !== diagnostics.length) throw new Error("not one line each");
  for (const diagnostic of diagnostics) {
    const { line, column } = JSON.parse(formatJson(diagnostic, sources));
    const place = positionOf(source, diagnostic.primary.span.start);
    if (line !== place.line || column !== place.column) throw new Error("JSON has another place");
  }
}

function checkFormat(source: Source, syntax: Syntax): void {
  const once = formatSource(source);
  if (!once.ok) throw new Error("a right file was not formatted");
  const again = decodeSource(source.name, new TextEncoder().encode(once.value));
  const twice = formatSource(again);
  if (!twice.ok || twice.value !== once.value) throw new Error("formatting twice changed it again");
  const other = readSyntax(again);
  if (meaningOf(other.file) !== meaningOf(syntax.file)) throw new Error("the meaning changed");
  const texts = ({ comments }: Syntax) => comments.map(({ text }) => text).sort().join("\n");
  if (texts(other) !== texts(syntax)) throw new Error("a comment was lost");
}
