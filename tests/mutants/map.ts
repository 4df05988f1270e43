// Which parts of a TypeScript file were run, from what V8 counted in the JavaScript made of it.
// `deno coverage` reports only whole lines, and counts a line as missed if any part of it was.

/** The parts of one source file that were run. */
export interface Run {
  /** Numbers of the lines that were at least partly run, from 1. */
  readonly lines: readonly number[];
  /** Of such lines, the columns, from 0, between which nothing was run. */
  readonly gaps: Readonly<Record<string, readonly (readonly [from: number, to: number])[]>>;
  /** Lines with code that was not run at all. */
  readonly idle: readonly number[];
}

/** What V8 counted in one function (Chrome DevTools protocol, Profiler.FunctionCoverage). */
export interface FunctionCoverage {
  readonly ranges: readonly {
    readonly startOffset: number;
    readonly endOffset: number;
    readonly count: number;
  }[];
}

/** The place in the TypeScript for one in the JavaScript. */
interface Mapping {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Numbers in base 64, the lowest digits first, the sign in the lowest bit (source map revision 3). */
function readNumbers(text: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const char of text) {
    const digit = DIGITS.indexOf(char);
    value += (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push((value & 1) === 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}

/** The mappings of a module that Deno made, from the source map at its end. */
function readMappings(code: string): Mapping[] {
  const data = /\/\/# sourceMappingURL=data:application\/json;base64,(\S+)/.exec(code)?.[1];
  if (data === undefined) throw new Error("a module without a source map");
  const { mappings } = JSON.parse(new TextDecoder().decode(
    Uint8Array.from(atob(data), (char) => char.charCodeAt(0)),
  )) as { mappings: string };
  const starts = [0, ...[...code.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const found: Mapping[] = [];
  let [line, column] = [0, 0];
  for (const [at, generated] of mappings.split(";").entries()) {
    let generatedColumn = 0;
    for (const segment of generated.split(",").filter((part) => part !== "")) {
      const [byColumn = 0, , byLine = 0, bySourceColumn = 0] = readNumbers(segment);
      generatedColumn += byColumn;
      line += byLine;
      column += bySourceColumn;
      found.push({ offset: (starts[at] ?? 0) + generatedColumn, line: line + 1, column });
    }
  }
  return found;
}

/** How often each character was run. */
function paint(length: number, functions: readonly FunctionCoverage[]): Int32Array {
  const counts = new Int32Array(length);
  const ranges = functions.flatMap(({ ranges }) => ranges);
  const sizeOf = (range: typeof ranges[number]) => range.endOffset - range.startOffset;
  // An inner range says more than the one around it.
  for (const range of ranges.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
    counts.fill(Math.min(range.count, 1), range.startOffset, range.endOffset);
  }
  return counts;
}

/**
 * Which parts of a file were run.
 *
 * @param code The JavaScript that Deno made of it, with its source map.
 * @param functions What V8 counted.
 */
export function readRun(code: string, functions: readonly FunctionCoverage[]): Run {
  const counts = paint(code.length, functions);
  const byLine = new Map<number, Map<number, boolean>>();
  for (const { offset, line, column } of readMappings(code)) {
    const columns = byLine.get(line) ?? new Map<number, boolean>();
    byLine.set(line, columns);
    columns.set(column, columns.get(column) === true || (counts[offset] ?? 0) > 0);
  }
  const [lines, idle]: [number[], number[]] = [[], []];
  const gaps: Record<string, [number, number][]> = {};
  for (const [line, columns] of byLine) {
    const places = [...columns].sort(([a], [b]) => a - b);
    if (places.every(([, isRun]) => !isRun)) {
      idle.push(line);
      continue;
    }
    lines.push(line);
    const missed = places.flatMap(([from, isRun], at): [number, number][] =>
      isRun ? [] : [[from, places[at + 1]?.[0] ?? Number.MAX_SAFE_INTEGER]]
    );
    if (missed.length > 0) gaps[line] = missed;
  }
  return { lines, gaps, idle };
}

/** Whether a place was run. */
export function isRun(run: Run | undefined, place: { line: number; column: number }): boolean {
  if (run === undefined || !run.lines.includes(place.line)) return false;
  const gaps = run.gaps[place.line] ?? [];
  return !gaps.some(([from, to]) => from <= place.column && place.column < to);
}
