import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { TOP } from "../../dist/build/network.ts";
import { chooseStages, commandOf, type Context, STAGES } from "../run/stages.ts";
import { RELEASES } from "../run/userland_root.ts";

function names(...wanted: string[]): string[] {
  return chooseStages(wanted).map(({ name }) => name);
}

Deno.test("without a name every stage runs but those that have to be named", () => {
  const all = STAGES.map(({ name }) => name);
  assertEquals(names(), all.filter((name) => name !== "userlands"));
  assert(all.includes("userlands"));
});

Deno.test("a stage that has to be named runs when it is, with the build that it needs", () => {
  assertEquals(names("userlands"), ["build", "userlands"]);
});

Deno.test("named stages run in their own order, each once, without a build that none needs", () => {
  assertEquals(names("unit", "lint", "unit"), ["lint", "unit"]);
  assertEquals(names("kernel", "build"), ["build", "kernel"]);
});

Deno.test("an unknown stage is an error that names them all", () => {
  const { message } = assertThrows(() => chooseStages(["unit", "kernels"])) as Error;
  assertStringIncludes(message, "unknown stage `kernels`");
  for (const { name } of STAGES) assertStringIncludes(message, name);
});

const CONTEXT: Context = { network: "npm", deno: { path: "deno", version: Deno.version.deno } };

Deno.test("every stage has a command, which names all of its paths", () => {
  for (const stage of STAGES) {
    const command = commandOf(stage, CONTEXT);
    assertEquals(command[0], "deno");
    if (stage.name === "doc") continue; // it names the modules in its folders
    assertEquals(command.filter((word) => stage.paths.includes(word)), stage.paths);
  }
});

Deno.test("a stage that names a path that is not there has no command but an error", () => {
  const stage = STAGES.find(({ name }) => name === "golden")!;
  for (const wrong of [{ paths: ["tests/golden", "tests/eror"] }, { ignore: ["tests/eror"] }]) {
    const { message } = assertThrows(() => commandOf({ ...stage, ...wrong }, CONTEXT)) as Error;
    assertEquals(message, "stage golden names paths that are not there: tests/eror");
  }
});

Deno.test("the README names the userlands that are tested, with their iptables", () => {
  const readme = Deno.readTextFileSync(`${TOP}/README.md`).replaceAll(/\s+/g, " ");
  const list = (words: string[]) => `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
  const numbers = list(RELEASES.map(({ number }) => number));
  const versions = list(RELEASES.map(({ iptables }) => iptables));
  assertStringIncludes(readme, `Debian ${numbers} (iptables ${versions})`);
});
