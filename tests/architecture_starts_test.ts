import { assertEquals } from "@std/assert";
import { brokenRules, type Modules } from "./support/architecture.ts";
import { readImports } from "./support/modules.ts";

/** Modules that keep every rule; each test below breaks one. */
const GOOD: Modules = {
  "src/main.ts": 'import { run } from "./cli/run.ts";\nDeno.exit(run());',
  "src/version.ts": "export const VERSION = 1;",
  "src/cli/run.ts":
    'import "@std/cli/parse-args"; import type { C } from "../semantic/check.ts";\nimport { plan } from "../plan/plan.ts";\nimport "../system/real.ts";\nawait import("../semantic/check.ts");',
  "src/text/wrap.ts": "export const wrap = 1;",
  "src/result.ts": "export const ok = 1;",
  "src/source/span.ts": 'import { wrap } from "../text/wrap.ts"; export interface Span { Deno: 1 }',
  "src/diagnostics/diagnostic.ts": 'import type { Span } from "../source/span.ts";',
  "src/syntax/ast.ts": 'import { x } from "../diagnostics/diagnostic.ts";',
  "src/syntax/ast_builder.ts":
    'import { x } from "chevrotain"; import y from "../../grammar/cst.d.ts";',
  "src/semantic/check.ts": 'export * from "../syntax/ast.ts"; // Deno.env, import "chevrotain"',
  "src/firewall/rule.ts":
    'import { Span } from "../source/span.ts"; import { ok } from "../result.ts";',
  "src/plan/plan.ts": 'import { Rule } from "../firewall/rule.ts";\nconst text = "Deno.exit";',
  "src/system/real.ts": 'import { bad } from "../firewall/rule.ts";\nDeno.cwd();',
  "src/syntax/segments.ts": 'import { ORDER } from "../../grammar/words.ts";',
  "src/semantic/lower.ts": 'import type { Entry } from "../../grammar/option_entry.ts";',
  "grammar/parser.ts": 'import { CstParser } from "chevrotain"; import "./words.ts";',
  "grammar/words.ts": 'import { OPTIONS } from "./options.ts";',
  "grammar/cst.d.ts": "export type X = 1;\n".repeat(999),
};

Deno.test("broken and told: the parser is not loaded at every start", () => {
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
