// The manual in the two programs that typeset manuals.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { TOP } from "../../dist/build/network.ts";
import { start } from "../support/process.ts";

const ENV = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C.UTF-8", MANWIDTH: "80" };

async function manual(): Promise<string> {
  const { code, stdout, stderr } = await start([`${TOP}/dist/pktables`, "man"]).outcome;
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

Deno.test("mandoc has no complaints about the manual", async () => {
  const lint = start(["mandoc", "-Tlint", "-Wall"], { stdin: await manual(), env: ENV });
  const { stdout, stderr } = await lint.outcome;
  // Whether this machine has an index of its manuals does not matter here.
  const said = (stdout + stderr).split("\n").filter((line) => !line.includes("mandoc.db"));
  assertEquals(said.join("\n"), "");
});

Deno.test("man typesets the manual without a warning, every verb and option in it", async () => {
  const path = await Deno.makeTempFile({ suffix: ".8" });
  try {
    await Deno.writeTextFile(path, await manual());
    const { code, stdout, stderr } = await start(["man", "--warnings", "-l", path], { env: ENV })
      .outcome;
    assertEquals([code, stderr], [0, ""]);
    const page = stdout;
    for (const { name, options, hidden } of COMMANDS) {
      assertEquals(page.includes(`\n   ${name}: `), hidden !== true, name);
      for (const option of options) assertStringIncludes(page, `--${option.name}`);
    }
    assertStringIncludes(
      page,
      '\n           log          = "log" { "prefix" STRING | "level" NAME',
    );
    for (const line of page.split("\n")) assert(line.length <= 90, line);
  } finally {
    await Deno.remove(path);
  }
});
