import { assertEquals } from "@std/assert";
import { TOP } from "../../dist/build/network.ts";
import { must, run } from "../../dist/script.ts";

/** Runs a script whose work is this; returns its status and all that it wrote. */
async function runScript(work: string, pipe = ""): Promise<readonly [number, string]> {
  const code = `import { main } from "file://${TOP}/dist/script.ts"; await main("demo", ${work});`;
  const command = '"$0" eval --no-config --no-lock "$1"';
  const shell = ["bash", "-c", `${command} ${pipe}`, Deno.execPath(), code];
  const { code: status, output } = await run(shell);
  return [status, output];
}

Deno.test("a script ends with the status of its work, and with 0 where the work returns none", async () => {
  assertEquals(await runScript("() => Promise.resolve(3)"), [3, ""]);
  assertEquals(await runScript("() => Promise.resolve()"), [0, ""]);
});

Deno.test("a script that fails says why in one line behind its name, and ends with 1", async () => {
  const failing = '() => Promise.reject(new Error("no disk"))';
  assertEquals(await runScript(failing), [1, "demo: no disk\n"]);
});

Deno.test("a script whose reader has gone away ends as SIGPIPE ends a program, without a word", async () => {
  const writing = "async () => { for (;;) await Deno.stdout.write(new Uint8Array(65536)); }";
  const [status, output] = await runScript(writing, '| true; exit "${PIPESTATUS[0]}"');
  assertEquals([status, output], [128 + 13, ""]);
});

Deno.test("a command that must not fail throws what it wrote, by the name that it is given", async () => {
  assertEquals(await must(["echo", "well"]), "well\n");
  const messageOf = (error: Error) => error.message;
  const failing = must(["sh", "-c", "echo bad >&2; exit 3"], { name: "fetch" });
  assertEquals(await failing.catch(messageOf), "`fetch` failed (3):\nbad\n");
  assertEquals(await must(["false"]).catch(messageOf), "`false` failed (1):\n");
});
