// The import rules of the project, as a check of modules given by path and text.
import { type Imports, readImports } from "./modules.ts";

/** Modules by their path from the top of the repository. */
export type Modules = Readonly<Record<string, string>>;

/** What is done to texts of any kind: it imports nothing, and everyone may import it. */
const TEXT = "src/text";

/** What every function that may fail returns: it imports nothing, and everyone may import it. */
const RESULT = "src/result.ts";

/** What each folder may import beside itself and {@link TEXT}: other folders, and packages by name. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  [TEXT]: [],
  "src/source": [],
  "src/diagnostics": ["src/source"],
  "src/syntax": ["src/source", "src/diagnostics", "src/firewall"],
  "src/program": ["src/source", "src/diagnostics", "src/syntax", "@std/path"],
  "src/semantic": ["src/source", "src/diagnostics", "src/syntax", "src/program", "src/firewall"],
  "src/firewall": ["src/source", "ipaddr.js"],
  "src/knockd": ["src/source", "src/diagnostics", "src/firewall"],
  "src/boot": [],
  "src/plan": ["src/firewall"],
  "src/trace": ["src/firewall"],
  "src/system": ["src/source", "src/firewall", "@std/path"],
  grammar: ["src/source", "src/diagnostics", "chevrotain"],
  // Joins the core to the system.
  "src/cli": [
    ...["src", "src/source", "src/diagnostics", "src/syntax", "src/program", "src/semantic"],
    ...["src/firewall", "src/knockd", "src/boot", "src/plan", "src/trace", "src/system", "grammar"],
    ...["@std/cli", "@std/path"],
  ],
  // The entry point, and the version out of deno.json.
  src: ["src/cli", "src/system", "deno.json"],
};

/** Loads parts of the program later: functions that report are passed what they need. */
const MAY_LOAD = /^src\/(cli\/(lazy|run|report\/address_warning)|system\/(real|surroundings))\.ts$/;

/** The table of options: syntax and semantic may see it, because it knows of nothing but itself. */
const TABLE = ["grammar/option_entry.ts", "grammar/options.ts", "grammar/words.ts"];
const MAY_SEE_TABLE = ["src/syntax", "src/semantic"];

/** The one module outside of grammar/ that may see the parser's library. */
const AST_BUILDER = "src/syntax/ast_builder.ts";

/** The AST builder and its parts, which may see the parser's tree. */
const BUILDERS = /^src\/syntax\/ast_\w+\.ts$/;

const MAY_USE_DENO = /^src\/(main\.ts|system\/)/;

const MAX_LINES = 300;

/** Verbs of knockd hooks: their start must not pay for the parser, the tracer, the guard and what others write. */
const SLOW = new RegExp(
  "^(grammar/|src/(program|semantic|syntax|trace|knockd|boot)/|" +
    "src/cli/kernel/(guarding|peers|peer_\\w+|dry_run|planned_stages)|src/system/sockets|chevrotain)",
);

function folderOf(path: string): string {
  return /^(src\/[^/]+)\//.exec(path)?.[1] ?? path.slice(0, path.indexOf("/"));
}

/** The path that a specifier means, or the package's name. */
function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith(".")) {
    return specifier.replace(/^(@[^/]+\/[^/]+|[^@/][^/]*)\/.*$/, "$1");
  }
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** Everything in which the modules break the rules, a sentence each; nothing if they keep them. */
export function brokenRules(modules: Modules): string[] {
  const read = new Map(Object.entries(modules).map(([path, text]) => [path, readImports(text)]));
  return [
    ...[...read].flatMap(([path, imports]) => brokenIn(path, imports)),
    ...cycles(read),
    ...slowStart(read),
  ];
}

function brokenIn(path: string, imports: Imports): string[] {
  const broken: string[] = [];
  const folder = folderOf(path);
  if (imports.lines >= MAX_LINES && !path.endsWith(".d.ts")) {
    broken.push(`${path} has ${imports.lines} lines`);
  }
  if (imports.dynamic.length > 0 && !MAY_LOAD.test(path)) {
    broken.push(`${path} loads a part itself`);
  }
  if (imports.usesDeno && !MAY_USE_DENO.test(path)) broken.push(`${path} uses Deno`);
  for (const specifier of [...imports.static, ...imports.types, ...imports.dynamic]) {
    if (specifier === "?") broken.push(`${path} imports what is no plain text`);
    else if (!mayImport({ path, folder, target: resolve(path, specifier) })) {
      broken.push(`${path} must not import ${specifier}`);
    }
  }
  return broken;
}

function mayImport(
  { path, folder, target }: { path: string; folder: string; target: string },
): boolean {
  if (/^(npm|jsr|https?|data|file|node):|^\//.test(target)) return false;
  if (TABLE.includes(path)) return TABLE.includes(target);
  if (TABLE.includes(target) && MAY_SEE_TABLE.includes(folder)) return true;
  if (target === "chevrotain") return folder === "grammar" || path === AST_BUILDER;
  if (path === RESULT) return false;
  if (target === RESULT) return true;
  const to = target.includes("/") && !target.startsWith("@") ? folderOf(target) : target;
  if (to === "grammar" && BUILDERS.test(path)) return true;
  return to === folder || to === TEXT || (MAY_IMPORT[folder] ?? []).includes(to);
}

type Read = ReadonlyMap<string, Imports>;

/** What a module loads with itself. */
function loads(read: Read, path: string): string[] {
  return (read.get(path)?.static ?? []).map((specifier) => resolve(path, specifier));
}

/** What a module loads with itself or takes types from. */
function knows(read: Read, path: string): string[] {
  const types = (read.get(path)?.types ?? []).map((specifier) => resolve(path, specifier));
  return [...loads(read, path), ...types];
}

function cycles(read: Read): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, above: readonly string[]): void => {
    if (above.includes(path)) {
      found.push(`a cycle: ${[...above.slice(above.indexOf(path)), path].join(" -> ")}`);
      return;
    }
    if (done.has(path) || !read.has(path)) return;
    for (const target of knows(read, path)) visit(target, [...above, path]);
    done.add(path);
  };
  for (const path of read.keys()) visit(path, []);
  return found;
}

/** What the start of the program loads although only some verbs need it. */
function slowStart(read: Read): string[] {
  const reached = new Map<string, string>();
  const queue = ["src/main.ts"];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const target of loads(read, path)) {
      if (reached.has(target)) continue;
      reached.set(target, path);
      queue.push(target);
    }
  }
  return [...reached].filter(([path]) => SLOW.test(path))
    .map(([path, by]) => `${by} loads ${path} at every start`);
}
