import { assert, assertEquals } from "@std/assert";
import { brokenRules, type Modules } from "./support/architecture.ts";
import { GOOD } from "./support/good_modules.ts";

const TOP = new URL("..", import.meta.url);

function readModules(folder: string): Modules {
  const modules: Record<string, string> = {};
  try {
    for (const entry of Deno.readDirSync(new URL(folder, TOP))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) Object.assign(modules, readModules(path));
      else if (path.endsWith(".ts")) modules[path] = Deno.readTextFileSync(new URL(path, TOP));
    }
  } catch (error) {
    // The language comes with a later version.
    if (!(error instanceof Deno.errors.NotFound && folder === "grammar")) throw error;
  }
  return modules;
}

const BROKEN: readonly [string, string, string, string][] = [
  [
    "text imports nothing",
    "src/text/quote.ts",
    'import type { Span } from "../source/span.ts";',
    "src/text/quote.ts must not import ../source/span.ts",
  ],
  [
    "a result does not depend on its contents",
    "src/result.ts",
    'import type { Rule } from "./firewall/rule.ts";',
    "src/result.ts must not import ./firewall/rule.ts",
  ],
  [
    "a program of several files does not import semantic",
    "src/program/includes.ts",
    'import { check } from "../semantic/check.ts";',
    "src/program/includes.ts must not import ../semantic/check.ts",
  ],
  [
    "source imports nothing",
    "src/source/span.ts",
    'import "../diagnostics/diagnostic.ts";',
    "src/source/span.ts must not import ../diagnostics/diagnostic.ts",
  ],
  [
    "diagnostics does not import syntax",
    "src/diagnostics/text.ts",
    'export { x } from "../syntax/ast.ts";',
    "src/diagnostics/text.ts must not import ../syntax/ast.ts",
  ],
  [
    "syntax does not import semantic",
    "src/syntax/format.ts",
    'import { x } from "../semantic/check.ts";',
    "src/syntax/format.ts must not import ../semantic/check.ts",
  ],
  [
    "firewall does not import plan",
    "src/firewall/door.ts",
    'import {\n  x,\n} from "../plan/plan.ts";',
    "src/firewall/door.ts must not import ../plan/plan.ts",
  ],
  [
    "firewall imports no other package",
    "src/firewall/door.ts",
    'import "@std/path";',
    "src/firewall/door.ts must not import @std/path",
  ],
  [
    "firewall imports no type of another folder either",
    "src/firewall/door.ts",
    'import type { X } from "../diagnostics/diagnostic.ts";',
    "src/firewall/door.ts must not import ../diagnostics/diagnostic.ts",
  ],
  [
    "plan does not import system",
    "src/plan/more.ts",
    'import type { System } from "../system/real.ts";',
    "src/plan/more.ts must not import ../system/real.ts",
  ],
  [
    "trace shares no code with plan",
    "src/trace/walk.ts",
    'import { plan } from "../plan/plan.ts";',
    "src/trace/walk.ts must not import ../plan/plan.ts",
  ],
  [
    "plan shares no code with trace",
    "src/plan/more.ts",
    'import type { Trace } from "../trace/verdict.ts";',
    "src/plan/more.ts must not import ../trace/verdict.ts",
  ],
  [
    "semantic does not import system",
    "src/semantic/files.ts",
    'const x = await import("../system/real.ts");',
    "src/semantic/files.ts must not import ../system/real.ts",
  ],
  [
    "grammar does not import system",
    "grammar/parse.ts",
    'import "../src/system/real.ts";',
    "grammar/parse.ts must not import ../src/system/real.ts",
  ],
  [
    "grammar does not import syntax, which imports it",
    "grammar/hints.ts",
    'import type { Option } from "../src/syntax/ast.ts";',
    "grammar/hints.ts must not import ../src/syntax/ast.ts",
  ],
  [
    "the table of options does not know the parser's library",
    "grammar/words.ts",
    'import { createToken } from "chevrotain";',
    "grammar/words.ts must not import chevrotain",
  ],
  [
    "nor anything that knows it",
    "grammar/options.ts",
    'import "./tokens.ts";',
    "grammar/options.ts must not import ./tokens.ts",
  ],
  [
    "semantic sees nothing else of grammar",
    "src/semantic/names.ts",
    'import type { SyntaxProblem } from "../../grammar/recovery.ts";',
    "src/semantic/names.ts must not import ../../grammar/recovery.ts",
  ],
  [
    "the firewall model does not see the language",
    "src/firewall/door.ts",
    'import { OPTIONS } from "../../grammar/options.ts";',
    "src/firewall/door.ts must not import ../../grammar/options.ts",
  ],
  [
    "nothing imports cli",
    "src/system/fake.ts",
    'import "../cli/run.ts";',
    "src/system/fake.ts must not import ../cli/run.ts",
  ],
  [
    "only the AST builder sees grammar from syntax",
    "src/syntax/names.ts",
    'import "../../grammar/parser.ts";',
    "src/syntax/names.ts must not import ../../grammar/parser.ts",
  ],
  [
    "grammar does not import what imports it",
    "grammar/parse.ts",
    'import type { Service } from "../src/syntax/ast.ts";',
    "grammar/parse.ts must not import ../src/syntax/ast.ts",
  ],
  [
    "only cli knows the version",
    "src/plan/more.ts",
    'import { VERSION } from "../version.ts";',
    "src/plan/more.ts must not import ../version.ts",
  ],
  [
    "cli imports no package that it does not need",
    "src/cli/x.ts",
    'import "ipaddr.js";',
    "src/cli/x.ts must not import ipaddr.js",
  ],
  [
    "only lazy.ts loads parts of the program",
    "src/cli/pages/x.ts",
    'const { wrap } = await import("../../text/wrap.ts");',
    "src/cli/pages/x.ts loads a part itself",
  ],
  [
    "cli does not see chevrotain",
    "src/cli/check.ts",
    'const c = await import("chevrotain");',
    "src/cli/check.ts must not import chevrotain",
  ],
  [
    "packages come by the import map",
    "src/cli/x.ts",
    'import "npm:chevrotain@13";',
    "src/cli/x.ts must not import npm:chevrotain@13",
  ],
  [
    "nothing is imported that is not known when it is built",
    "src/cli/x.ts",
    "await import(Math.random() + name);",
    "src/cli/x.ts imports what is no plain text",
  ],
  [
    "no import hides in a template",
    "src/cli/x.ts",
    'const t = `a${await import("./y.ts")}`;',
    "src/cli/x.ts imports what is no plain text",
  ],
  [
    "Deno stands only where the system is",
    "src/plan/now.ts",
    "const now = Deno.env;",
    "src/plan/now.ts uses Deno",
  ],
  [
    "cli asks the system and not Deno",
    "src/cli/now.ts",
    "const now = Deno.pid;",
    "src/cli/now.ts uses Deno",
  ],
  [
    "Deno is not passed on either",
    "src/firewall/now.ts",
    "const d = globalThis, { env } = Deno;",
    "src/firewall/now.ts uses Deno",
  ],
  [
    "grammar does not use Deno",
    "grammar/read.ts",
    "const t = `${Deno.readTextFileSync(x)}`;",
    "grammar/read.ts uses Deno",
  ],
  [
    "a file has fewer than 300 lines",
    "src/cli/long.ts",
    "x;\n".repeat(300),
    "src/cli/long.ts has 300 lines",
  ],
];

Deno.test("the modules keep the import rules", () => {
  const modules = { ...readModules("src"), ...readModules("grammar") };
  assert(Object.keys(modules).length > 30);
  assertEquals(brokenRules(modules), []);
});

Deno.test("modules that keep the rules are not blamed", () => {
  assertEquals(brokenRules(GOOD), []);
});

for (const [rule, path, text, told] of BROKEN) {
  Deno.test(`broken and reported: ${rule}`, () => {
    const found = brokenRules({ ...GOOD, [path]: text });
    assert(found.includes(told), JSON.stringify(found));
  });
}

Deno.test("broken and reported: no cycle, not even of types within one folder", () => {
  const found = brokenRules({
    ...GOOD,
    "src/plan/a.ts": 'import type { B } from "./b.ts";',
    "src/plan/b.ts": 'export { c } from "./c.ts";',
    "src/plan/c.ts": 'import "./a.ts";',
  });
  assertEquals(found, [
    "a cycle: src/plan/a.ts -> src/plan/b.ts -> src/plan/c.ts -> src/plan/a.ts",
  ]);
});

Deno.test("broken and reported: neither tracer nor guard is loaded at every start", () => {
  const found = brokenRules({
    ...GOOD,
    "src/cli/run.ts":
      'import "../trace/walk.ts"; import "./kernel/peers.ts"; import "./kernel/dry_run.ts";',
    "src/trace/walk.ts": "export const walk = 1;",
    "src/cli/kernel/peers.ts": "export const peers = 1;",
    "src/cli/kernel/dry_run.ts": "export const shown = 1;",
  });
  assertEquals(found, [
    "src/cli/run.ts loads src/trace/walk.ts at every start",
    "src/cli/run.ts loads src/cli/kernel/peers.ts at every start",
    "src/cli/run.ts loads src/cli/kernel/dry_run.ts at every start",
  ]);
});
