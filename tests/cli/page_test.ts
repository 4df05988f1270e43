import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { EBNF } from "../../grammar/ebnf.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { drawPage } from "../../src/cli/pages/page.ts";
import { TOPICS } from "../../src/cli/pages/topics.ts";
import { FakeSystem } from "../support/fake_system.ts";

const VERBS = COMMANDS.filter(({ hidden }) => !hidden).map(({ name }) => name);
const PAGES = ["", ...VERBS, ...TOPICS.map(({ name }) => name)];

/** A page as a terminal of that width gets it. */
async function page(topic: string, columns: number): Promise<string> {
  const system = new FakeSystem();
  system.console.columns = columns;
  const { status, out, err } = await system.run(`help ${topic}`.trim());
  assertEquals([status, err], [0, ""], topic);
  return out;
}

for (const columns of [60, 70, 80, 90, 100, 200]) {
  Deno.test(`no page is wider than a terminal of ${columns} columns, or than 100`, async () => {
    for (const topic of PAGES) {
      for (const line of (await page(topic, columns)).split("\n")) {
        // A line of a configuration file cannot be broken.
        if (/^ {2}(command =|\d+ )/.test(line)) continue;
        // A path cannot be broken either.
        if (/^ *\S+( \\)?$/.test(line)) continue;
        assert(line.length <= Math.min(columns, 100), `${topic}: ${line}`);
      }
    }
  });
}

Deno.test("no page needs more than ASCII: a router's locale is often C", async () => {
  const system = new FakeSystem();
  const manual = (await system.run("man")).out;
  for (const text of [manual, ...await Promise.all(PAGES.map((topic) => page(topic, 80)))]) {
    assertMatch(text, /^[\n\x20-\x7e]*$/);
  }
});

Deno.test("a command that is too long for the terminal is broken so that it can be pasted", () => {
  const line = "pktables add 203.0.113.9 --service ssh --for 8h";
  assertEquals(
    drawPage([{ examples: [{ line, does: "open" }] }], 40),
    "  pktables add 203.0.113.9 --service \\\n    ssh --for 8h\n      open",
  );
});

Deno.test("a page is drawn for 32 to 100 columns, whatever the terminal has", () => {
  const words = (word: string) => [{ text: `${word} `.repeat(200).trim() }];
  const widest = (word: string, columns: number) =>
    Math.max(...drawPage(words(word), columns).split("\n").map((line) => line.length));
  for (
    const [columns, ofOne, ofTwo] of [
      ...[[0, 31, 32], [31, 31, 32], [32, 31, 32], [33, 33, 32], [35, 35, 35], [98, 97, 98]],
      ...[[99, 99, 98], [100, 99, 98], [101, 99, 98], [103, 99, 98], [500, 99, 98]],
    ] as const
  ) assertEquals([widest("x", columns), widest("xy", columns)], [ofOne, ofTwo], `${columns}`);
  assertEquals([100, 101, 500].map((columns) => widest("xyz", columns)), [99, 99, 99]);
  assertEquals([100, 101, 500].map((columns) => widest("x".repeat(100), columns)), [100, 100, 100]);
});

Deno.test("blocks are apart, but for what follows its heading", () => {
  const blocks = [
    ...[{ text: "one" }, { heading: "Two" }, { text: "three" }, { text: "four" }],
    ...[{ heading: "Five" }, { heading: "Six" }, { code: ["a", "", "b"] }],
  ];
  assertEquals(drawPage(blocks, 80), "one\n\nTwo:\nthree\n\nfour\n\nFive:\nSix:\n  a\n\n  b");
  assertEquals(drawPage([], 80), "");
});

Deno.test("terms stand in two columns, the second below where the first is too wide for it", () => {
  const terms = (words: readonly string[], columns: number) =>
    drawPage([{ terms: words.map((word) => [word, "what it means"] as const) }], columns);
  assertEquals(terms(["a", "abc"], 80), "  a    what it means\n  abc  what it means");
  const [longest, longer] = ["x".repeat(28), "x".repeat(29)];
  assertEquals(
    terms([longest, "a"], 100),
    `  ${longest}  what it means\n  a${" ".repeat(29)}what it means`,
  );
  assertEquals(
    terms([longer, "a"], 100),
    `  ${longer}\n${" ".repeat(32)}what it means\n  a${" ".repeat(29)}what it means`,
  );
  // On a narrow terminal the first has a third of it.
  assertEquals(terms(["x".repeat(16)], 60), `  ${"x".repeat(16)}  what it means`);
  assertEquals(terms(["x".repeat(16)], 59), `  ${"x".repeat(16)}\n${" ".repeat(19)}what it means`);
  assertEquals(terms(["x".repeat(17)], 62), `  ${"x".repeat(17)}\n${" ".repeat(20)}what it means`);
  assertEquals(
    drawPage([{ terms: [["abc", "one two three four five six"], ["a", "b"]] }], 32),
    "  abc  one two three four five\n       six\n  a    b",
  );
  assertEquals(drawPage([{ terms: [] }, { text: "a" }], 80), "\na");
});

Deno.test("a line of code breaks two columns further right, a command as a shell goes on", () => {
  const code = (line: string) => drawPage([{ code: [line] }], 40);
  assertEquals(code(`${"ab ".repeat(12)}cd`), `  ${"ab ".repeat(12).trim()}\n    cd`);
  assertEquals(code(`    ${"ab ".repeat(12)}`), `      ${"ab ".repeat(11).trim()}\n        ab`);
  const line = (first: number, second: number) =>
    `pktables ${"x".repeat(first)} ${"y".repeat(second)}`;
  const example = (line: string) => drawPage([{ examples: [{ line, does: "this" }] }], 40);
  assertEquals(example(line(27, 1)), `  ${line(27, 1)}\n      this`);
  assertEquals(example(line(25, 4)), `  pktables ${"x".repeat(25)} \\\n    yyyy\n      this`);
  assertEquals(example(line(26, 3)), `  pktables \\\n    ${"x".repeat(26)} yyy\n      this`);
  const other = "x".repeat(30) + " yyyyyyyyyyyyy";
  assertEquals(example(other), `  ${other}\n      this`);
  assertEquals(
    drawPage([{ examples: [{ line: "a", does: "b ".repeat(20).trim() }] }], 40),
    `  a\n      ${"b ".repeat(17).trim()}\n      b b b`,
  );
});

Deno.test("a verb's page starts with how it is called and with examples", async () => {
  for (const topic of ["", ...VERBS]) {
    assertMatch(
      await page(topic, 80),
      /^pktables [^]*?\n\nUsage: pktables [^]*?\n\nExamples:\n {2}/,
    );
  }
  assertStringIncludes(
    await page("add", 80),
    "Usage: pktables add ADDRESS --service NAME [OPTIONS]",
  );
});

Deno.test("the page of the language ends with the whole reference grammar", async () => {
  const grammar = EBNF.trimEnd().split("\n").map((line) => line === "" ? "" : `  ${line}`).join(
    "\n",
  );
  assert((await page("language", 100)).endsWith(`Grammar:\n${grammar}\n`));
  assert((await page("language", 80)).split("\n").length < 140);
});

Deno.test("a verb for programs is on no page, and no message refers to it", async () => {
  const system = new FakeSystem();
  assert(!(await page("", 80)).includes("\n  complete "));
  assertEquals((await system.run("help complete")).status, 2);
  assertStringIncludes((await system.run("complet")).err, "did you mean `compile`?");
});
