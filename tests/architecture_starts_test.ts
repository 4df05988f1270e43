import { assertEquals } from "@std/assert";
import { brokenRules } from "./support/architecture.ts";
import { GOOD } from "./support/good_modules.ts";
import { readImports } from "./support/modules.ts";

Deno.test("broken and reported: the parser is not loaded at every start", () => {
  const found = brokenRules({
    ...GOOD,
    "src/plan/plan.ts": "",
    "src/cli/run.ts": 'import "../semantic/check.ts"; import "../syntax/ast_builder.ts";',
  });
  assertEquals(found, [
    "src/cli/run.ts loads src/semantic/check.ts at every start",
    "src/cli/run.ts loads src/syntax/ast_builder.ts at every start",
    "src/semantic/check.ts loads src/syntax/ast.ts at every start",
    "src/syntax/ast_builder.ts loads chevrotain at every start",
    "src/syntax/ast_builder.ts loads grammar/cst.d.ts at every start",
  ]);
});

Deno.test("imports are found in any layout, and only in code", () => {
  const found = readImports(`
import a, { b as c } from 'one'; import * as d from "two"
import type {
  E, // "not" from "this"
} from "three" with { type: "json" };
import"four";export*from"five";
export { f } from "six";
export const g = "no"; export default "no";
/* import "no" */ // import "no"
const h = 'import "no"', i = "\\" import 'no'", j = \`import "no" \${k["}"]} import "no"\`;
const r = /["'\`]/.test(x) ? /[/"]/ : 1 / 2 / 3; const s = import.meta.url;
const l = await import("seven"), m = await import ( 'eight' , {}), n = import(\`nine\`), o = import(p);
import type from "eleven"; import { type t } from "twelve"; export type * from "thirteen";
const q = typeof import("ten");
`);
  assertEquals(found.static, ["one", "two", "four", "five", "six", "eleven", "twelve"]);
  assertEquals(found.types, ["three", "thirteen"]);
  assertEquals(found.dynamic, ["seven", "eight", "nine", "?", "ten"]);
});
