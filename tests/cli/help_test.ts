import { assertEquals, assertStringIncludes } from "@std/assert";
import { usageOf } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands.ts";
import { add } from "../../src/cli/commands/add.ts";
import { run } from "../../src/cli/run.ts";
import { ALL_CODES, explain } from "../../src/diagnostics/codes.ts";
import { memorySystem } from "../support/memory_system.ts";

Deno.test("help explains every code, in any letter case", async () => {
  for (const { code } of ALL_CODES) {
    for (const written of [code, code.toLowerCase()]) {
      const { system, out, err } = memorySystem({});
      assertEquals(await run(["help", written], system), 0);
      assertEquals([out(), err()], [explain(code), ""]);
    }
  }
});

Deno.test("help of a code that does not exist says so and ends with 2", async () => {
  for (const code of ["PK999", "pk4", "PK0040"]) {
    const { system, out, err } = memorySystem({});
    assertEquals(await run(["help", code], system), 2);
    assertEquals(
      [out(), err()],
      [
        "",
        `pktables: error: unknown code \`${code}\` ` +
        "(a code is PK and three digits, such as PK004)\n",
      ],
    );
  }
});

Deno.test("help of anything else offers the verb that was meant, or the list of verbs", async () => {
  for (
    const [topic, words] of [
      ["chekc", "no help on `chekc` (did you mean `check`?)"],
      ["langage", "no help on `langage` (did you mean `language`?)"],
      // Neither is a code, nor the verb that only shells call a verb.
      ...["pk", "xpk004", "pk004x", "complete"].map((word) => [
        word,
        `no help on \`${word}\` (\`pktables help\` lists the verbs and topics)`,
      ]),
    ]
  ) {
    const { system, err } = memorySystem({});
    assertEquals(await run(["help", topic!], system), 2);
    assertEquals(err(), `pktables: error: ${words}\n`);
  }
});

Deno.test("every verb has a page, and it is listed", async () => {
  const all = memorySystem({});
  await run(["help"], all.system);
  for (const { name, summary, hidden } of COMMANDS) {
    if (hidden === true) continue;
    for (const words of [["help", name], [name, "--help"], [name, "-h"], ["-h", name]]) {
      const { system, out } = memorySystem({});
      assertEquals(await run(words, system), 0);
      assertStringIncludes(out(), `pktables ${name}: ${summary}`.slice(0, 70));
    }
    assertStringIncludes(all.out(), `\n  ${name} `);
  }
});

Deno.test("the usage of a verb names what it cannot do without, a switch without a value", () => {
  assertEquals(usageOf(add), "pktables add ADDRESS --service NAME [OPTIONS]");
  const options = [{ name: "sure", help: "Yes", required: true }] as const;
  assertEquals(usageOf({ ...add, options }), "pktables add ADDRESS --sure [OPTIONS]");
});
