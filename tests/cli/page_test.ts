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

Deno.test("a verb for programs is on no page, and nobody is sent to it", async () => {
  const system = new FakeSystem();
  assert(!(await page("", 80)).includes("\n  complete "));
  assertEquals((await system.run("help complete")).status, 2);
  assertStringIncludes((await system.run("complet")).err, "did you mean `compile`?");
});
