import { assert, assertEquals } from "@std/assert";
import { isRun, readRun } from "../mutants/map.ts";

/** `const a = 1;\nf(a ? b : c);` with each word mapped to where it stands. */
const CODE = "const a = 1;\nf(a ? b : c);\n";
const MAP = { version: 3, sources: ["x.ts"], mappings: "AAAA;AACA,EAAE,IAAI,IAAI" };
const MADE = `${CODE}//# sourceMappingURL=data:application/json;base64,${
  btoa(JSON.stringify(MAP))
}`;

Deno.test("what was run of a line is distinguished from what was not", () => {
  const whole = { startOffset: 0, endOffset: CODE.length, count: 2 };
  const branch = { startOffset: CODE.indexOf("b"), endOffset: CODE.indexOf("b") + 1, count: 0 };
  const run = readRun(MADE, [{ ranges: [whole, branch] }]);
  assertEquals(run, { lines: [1, 2], gaps: { 2: [[6, 10]] }, idle: [] });
  const at = (line: number, column: number) => isRun(run, { line, column });
  assertEquals([at(1, 0), at(2, 2), at(2, 5), at(2, 6), at(2, 9), at(2, 10), at(3, 0)], [
    ...[true, true, true, false, false, true, false],
  ]);
  assert(!isRun(undefined, { line: 1, column: 0 }));
});

Deno.test("a line that nothing ran is idle", () => {
  const first = { startOffset: 0, endOffset: 12, count: 1 };
  const rest = { startOffset: 12, endOffset: CODE.length, count: 0 };
  assertEquals(readRun(MADE, [{ ranges: [first] }, { ranges: [rest] }]), {
    lines: [1],
    gaps: {},
    idle: [2],
  });
});
