import { assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { FakeSystem } from "../support/fake_system.ts";

async function words(line: string, system = new FakeSystem()): Promise<string[]> {
  const { out, err } = await system.run(["complete", "--", ...line.split(" ")]);
  assertEquals(err, "");
  return out.split("\n").filter((one) => one !== "").map((one) => one.replace(/\t.*/, ""));
}

Deno.test("every option of every verb is offered once, until it is given", async () => {
  for (const { name, options, hidden } of COMMANDS) {
    if (hidden === true) continue;
    const offered = await words(`${name} -`);
    for (const option of options) {
      assertEquals(offered.filter((word) => word === `--${option.name}`).length, 1, option.name);
    }
    assertEquals(new Set(offered).size, offered.length);
    assertEquals(await words(`${name} --quiet --q`), []);
  }
});

Deno.test("every value of an option that has few is offered", async () => {
  assertEquals(await words("list --color "), ["auto", "always", "never"]);
  assertEquals(await words("list --color=al"), ["--color=always"]);
  assertEquals(await words("list --json=x"), []);
});

Deno.test("where a verb takes rules files, and nowhere else, they are offered", async () => {
  for (const { name, operand } of COMMANDS) {
    const first = await words(`${name} `);
    assertEquals(first.includes(":pk-file"), /^FILE/.test(operand?.name ?? ""), name);
  }
  assertEquals(await words("unit sys"), ["systemd", "sysv"]);
  assertEquals(await words("unit systemd "), [":pk-file"]);
  assertEquals(await words("knockd --check "), [":file"]);
  assertEquals(await words("compile -o "), [":folder"]);
});

Deno.test("after -- nothing is an option", async () => {
  assertEquals(await words("check -- -"), [":pk-file"]);
  assertEquals(await words("add -- -"), []);
});

Deno.test("a word that is no verb's offers no more than the options of all", async () => {
  assertEquals(await words("nonsense --ver"), ["--version"]);
  assertEquals(await words("x"), []);
});

Deno.test("the kernel is asked only where a service or a door can stand", async () => {
  const system = new FakeSystem();
  for (const line of ["", "a", "list --", "check ", "init x --port "]) await words(line, system);
  assertEquals(system.kernel.calls, []);
  await words("list ", system);
  assertEquals(system.kernel.calls.length, 2);
});
