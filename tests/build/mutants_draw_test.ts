import { assertEquals, assertThrows } from "@std/assert";
import { applyChange, changesOf } from "../mutants/draw.ts";
import { EQUIVALENTS } from "../mutants/equal.ts";
import { draw, linesOf, readFolders, shares } from "../mutants/random.ts";
import { scan } from "../mutants/scan.ts";

/** What a module can become, sorted. */
const become = (source: string): string[] =>
  changesOf(source).map((change) => applyChange(source, change)).sort();

Deno.test("a module is cut into tokens, whatever its strings and templates hold", () => {
  const source = "const a = `x ${b ? `y${c}` : {}} }` / 2; // no\nf(/[/]\\//g, \"'\", 'q\"');\n";
  assertEquals(scan(source).map(({ text }) => text), [
    ..."const|a|=|`|x |${|b|?|`|y|${|c|}|`|:|{|}|}| }|`|/|2|;".split("|"),
    ..."f|(|/[/]\\//g|,|\"'\"|,|'q\"'|)|;".split("|"),
  ]);
  assertThrows(() => scan("a § b"));
});

Deno.test("operators, constants and words become others", () => {
  assertEquals(become("a <= 2;\n"), [";\n", "a < 2;\n", "a <= 1;\n", "a <= 3;\n", "a > 2;\n"]);
  assertEquals(become("const a = !b;\n"), ["const a = b;\n"]);
  assertEquals(become("const a = b!.c ?? 0n;\n"), ["const a = b!.c ?? 1n;\n"]);
  assertEquals(become('const a = "" + "x";\n'), [
    'const a = "" + "";\n',
    'const a = "" - "x";\n',
    'const a = "x" + "x";\n',
  ]);
  assertEquals(become("const a = b.some(c) && some;\n"), [
    "const a = b.every(c) && some;\n",
    "const a = b.some(c) || some;\n",
  ]);
  assertEquals(become("const a = `x${b}`;\n"), ["const a = `${b}`;\n"]);
  assertEquals(become("const a = /^b{1,9}$/;\n"), [
    "const a = /^b{1,10}$/;\n",
    "const a = /^b{1,9}/;\n",
    "const a = /b{1,9}$/;\n",
  ]);
  // A property of every object is no entry of a table of words.
  assertEquals(become("a.constructor.b();\n"), [";\n"]);
});

Deno.test("statements, blocks and conditions are left out, declarations are not", () => {
  assertEquals(become("const a = () => {\n  if (b) return;\n  c({ d });\n};\n"), [
    "const a = () => {\n  ;\n  c({ d });\n};\n",
    "const a = () => {\n  if (b) return;\n  ;\n};\n",
    "const a = () => {\n  if (false) return;\n  c({ d });\n};\n",
    "const a = () => {\n  if (true) return;\n  c({ d });\n};\n",
  ]);
  assertEquals(become("for (const a of b) {\n  const c = d;\n}\n"), [";\n"]);
  assertEquals(become("function a({ b }: {\n  b: C;\n}): void {\n  b();\n}\n"), [
    "function a({ b }: {\n  b: C;\n}): void {\n  ;\n}\n",
  ]);
  assertEquals(become("class A {\n  b: C;\n  c(): void {}\n}\n"), []);
});

Deno.test("each entry of a list is left out, but no index, pattern or type", () => {
  assertEquals(become("const a = [b, [c, d]];\n"), [
    "const a = [ [c, d]];\n",
    "const a = [b, [ d]];\n",
    "const a = [b, [c, ]];\n",
    "const a = [b, ];\n",
  ]);
  assertEquals(become("const [a, b] = c[d];\nf(([e, g]) => e);\n"), [
    "const [a, b] = c[d];\n;\n",
  ]);
});

Deno.test("what does nothing when the module runs is not changed", () => {
  const silent = [
    'import { a } from "./a.ts";',
    'export * from "./b.ts";',
    'interface A {\n  b: "c" | "d";\n}',
    'type A = "b" | 1;',
    'const a = new Map<string, "b">();',
  ];
  for (const source of silent) assertEquals(become(`${source}\n`), []);
});

Deno.test("the same seed draws the same lines, each once, and another seed others", () => {
  const lines = readFolders(["src/plan"]).get("src/plan")!;
  const places = (seed: number) =>
    [...draw(lines, seed).take(lines.length)].map(({ file, line }) => `${file}:${line}`);
  assertEquals(places(1), places(1));
  assertEquals(new Set(places(1)).size, lines.length);
  assertEquals(places(1).slice(0, 20).join() === places(2).slice(0, 20).join(), false);
});

Deno.test("a folder gets its share by the lines it has", () => {
  const folders = readFolders([]);
  const given = shares(folders, 1000);
  assertEquals([...given.values()].reduce((sum, one) => sum + one, 0), 1000);
  const all = [...folders.values()].reduce((sum, { length }) => sum + length, 0);
  for (const [folder, { length }] of folders) {
    const expected = 1000 * length / all;
    assertEquals(Math.abs(given.get(folder)! - expected) < 1.01, true, folder);
  }
});

Deno.test("each change that is said to be equivalent can still be drawn, and says why", () => {
  const drawn = new Set(
    [...readFolders([]).values()].flat(2).map((one) => {
      const { from, to } = linesOf(one);
      return JSON.stringify([one.file, from, to]);
    }),
  );
  const stale = EQUIVALENTS.filter(({ file, from, to, because }) =>
    because.length < 20 || to.some((one) => !drawn.has(JSON.stringify([file, from, one])))
  );
  assertEquals(stale, []);
});
