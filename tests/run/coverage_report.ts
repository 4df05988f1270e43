// What coverage found, as a table: which lines of src/ and grammar/ no test ran, and why not.
import { TOP } from "../../dist/build/network.ts";

/** Why a line may be missed. The first matching reason is named. */
interface Reason {
  readonly name: string;
  readonly why: string;
  /** A pattern for the path of the file. */
  readonly file: RegExp;
  /** A pattern for the line. */
  readonly line: RegExp;
}

const REASONS: readonly Reason[] = [
  {
    name: "fallback",
    why: "what a list or map would have to lack, which it never does: the types cannot know",
    file: /./,
    line: /\?\?|[!=]== undefined|=== null\) return/,
  },
  {
    name: "system",
    why: "refusals of a real system, other users, signals: kernel of `tests/run.ts`",
    file: /^src\/system\//,
    line: /./,
  },
];

/** How much of something was run. */
interface Part {
  readonly found: number;
  readonly hit: number;
}

/** What is covered of one file. */
interface Covered {
  readonly file: string;
  readonly lines: Part;
  readonly branches: Part;
  /** Numbers of the lines that nothing ran, from 1. */
  readonly missed: readonly number[];
}

/**
 * Reads lcov's trace file format (geninfo(1)).
 *
 * @param text A trace file of this repository.
 * @returns Its files, in their order.
 */
export function readTrace(text: string): Covered[] {
  return text.split("end_of_record").flatMap((record) => {
    const path = /^SF:(.*)$/m.exec(record)?.[1];
    if (path === undefined) return [];
    const count = (key: string) =>
      Number(new RegExp(`^${key}:(\\d+)$`, "m").exec(record)?.[1] ?? 0);
    return [{
      file: path.slice(TOP.length + 1),
      lines: { found: count("LF"), hit: count("LH") },
      branches: { found: count("BRF"), hit: count("BRH") },
      missed: [...record.matchAll(/^DA:(\d+),0$/gm)].map(([, line]) => Number(line)),
    }];
  });
}

function percent({ found, hit }: Part): number {
  return found === 0 ? 100 : 100 * hit / found;
}

/** `7, 9-12`. */
function ranges(lines: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === line - 1) last[1] = line;
    else runs.push([line, line]);
  }
  return runs.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(", ");
}

/** The missed lines of a file by reason; those without one come under "NO REASON". */
function explain({ file, missed }: Covered): Map<string, number[]> {
  const lines = Deno.readTextFileSync(`${TOP}/${file}`).split("\n");
  return Map.groupBy(missed, (line) => {
    const text = lines[line - 1] ?? "";
    return REASONS.find((one) => one.file.test(file) && one.line.test(text))?.name ?? "NO REASON";
  });
}

/**
 * Prints the files that are not covered whole, what is missing of them and why, and the sums.
 *
 * @param files All that counts.
 * @returns The per cent of all lines that were run.
 */
export function report(files: readonly Covered[]): number {
  const all = (key: "lines" | "branches"): Part => ({
    found: files.reduce((sum, file) => sum + file[key].found, 0),
    hit: files.reduce((sum, file) => sum + file[key].hit, 0),
  });
  const width = Math.max(...files.map(({ file }) => file.length));
  const row = (name: string, given: Pick<Covered, "lines" | "branches">, rest = "") => {
    const cells = [percent(given.lines), percent(given.branches)];
    const drawn = cells.map((cell) => cell.toFixed(1).padStart(8)).join("");
    console.log(`${name.padEnd(width)}${drawn}  ${rest}`.trimEnd());
  };
  const counts = new Map<string, number>();
  for (const covered of files.filter(({ missed }) => missed.length > 0)) {
    const reasons = [...explain(covered)];
    for (const [name, lines] of reasons) counts.set(name, (counts.get(name) ?? 0) + lines.length);
    row(covered.file, covered, reasons.map(([name, of]) => `${name} ${ranges(of)}`).join("; "));
  }
  for (const { name, why } of REASONS) console.log(`${name}, ${counts.get(name) ?? 0}: ${why}`);
  console.log(`NO REASON, ${counts.get("NO REASON") ?? 0}: a test is missing`);
  row(`${files.length} files, % of lines and branches`, {
    lines: all("lines"),
    branches: all("branches"),
  });
  return percent(all("lines"));
}
