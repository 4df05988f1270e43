// What a command line ends with, whatever its verb.
import { assertEquals } from "@std/assert";
import { isHook, run, runSafely } from "../../src/cli/run.ts";
import { FakeSystem } from "../support/fake_system.ts";

/** A machine on which nothing can be read, whatever is thrown there. */
function broken(thrown: unknown): FakeSystem {
  const system = new FakeSystem();
  system.dropFileAccess = () => Promise.reject(thrown);
  return system;
}

Deno.test("whatever goes wrong ends in a sentence and status 1", async () => {
  for (
    const [thrown, words] of [
      [new TypeError("x is none"), "TypeError: x is none"],
      ["no error at all", "no error at all"],
    ] as const
  ) {
    const system = broken(thrown);
    assertEquals(await runSafely(["list", "--quiet"], system), 1);
    assertEquals(system.console.outText, "");
    assertEquals(
      system.console.errText,
      `pktables: error: internal error, please report it: ${words}\n`,
    );
  }
});

Deno.test("on a terminal an error is red, also one that no option was read for", async () => {
  for (const isTerminal of [false, true]) {
    const wrong = Object.assign(new FakeSystem().console, { errIsTerminal: isTerminal });
    const systems = [new FakeSystem(), broken(new Error("x"))];
    for (const system of systems) Object.assign(system, { console: { ...wrong, errText: "" } });
    await run(["xyzzy"], systems[0]!);
    await runSafely(["list"], systems[1]!);
    for (const { console } of systems) {
      assertEquals(console.errText.includes("\x1b[1;31m"), isTerminal, console.errText);
    }
  }
});

Deno.test("help wins over a verb, its words and its options, and version over both", async () => {
  const { out } = await new FakeSystem().run("help add");
  for (const line of ["add --help", "-h add x y z", "add -h --service", "help add -h"]) {
    const ended = await new FakeSystem().run(line);
    const isAbout = line.startsWith("help") ? await new FakeSystem().run("help help") : { out };
    if (line.endsWith("--service")) assertEquals(ended.status, 2);
    else assertEquals([ended.status, ended.out, ended.err], [0, isAbout.out, ""], line);
  }
  for (const line of ["--version", "add -V", "-V -h", "list --version x y"]) {
    const { status, out, err } = await new FakeSystem().run(line);
    assertEquals([status, out.split(" ")[0], err], [0, "pktables", ""], line);
  }
});

Deno.test("without a verb the verbs are listed, as wide as the terminal is", async () => {
  for (const columns of [40, 80, 200]) {
    const system = new FakeSystem();
    system.console.columns = columns;
    const { out } = await system.run("help");
    assertEquals(await system.run("-q"), { status: 2, out: "", err: out });
    assertEquals((await system.run("-h")).out, out);
  }
});

Deno.test("a hook is read with the verbs of hooks alone, unless a page is asked for", async () => {
  for (const line of ["add 192.0.2.1 -s a --for 8h", "delete 192.0.2.1 --service a", "add"]) {
    assertEquals(isHook(line.split(" ")), true, line);
  }
  for (
    const line of ["list", "list add", "-q add", "add -h", "delete x --help -s a", "addx", "-h", ""]
  ) {
    assertEquals(isHook(line.split(" ")), false, line);
  }
  for (const verb of ["add", "delete"]) {
    const { status, out } = await new FakeSystem().run(`${verb} 192.0.2.1 -h`);
    assertEquals([status, out.startsWith(`pktables ${verb}: `)], [0, true]);
  }
});

Deno.test("output that could not be written is an error, and keeps the status of another one", async () => {
  for (
    const [line, status] of [["help", 1], ["--version", 1], ["list nobody", 4], [
      "xyzzy",
      2,
    ]] as const
  ) {
    const system = new FakeSystem();
    Object.assign(system.console, { outProblem: "No space left on device" });
    const ended = await system.run(line);
    assertEquals(ended.status, status, line);
    const told = "pktables: error: standard output cannot be written: No space left on device\n";
    assertEquals(ended.err.endsWith(told), true, ended.err);
  }
});
