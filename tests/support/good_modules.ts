import type { Modules } from "./architecture.ts";

/** Modules that keep every rule; each test of the rules breaks one. */
export const GOOD: Modules = {
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
