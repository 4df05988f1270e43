// Whether a foreign rule with a range of addresses may keep a visitor out.
import { assertEquals } from "@std/assert";
import { drawPage } from "../../src/cli/pages/page.ts";
import { FakeSystem } from "../support/fake_system.ts";
import { chain, DROP, JUMP, machine } from "../support/ssh_machine.ts";

Deno.test("a foreign range keeps out its addresses, from the first to the last", async () => {
  const range = "-A pk-ssh -m iprange --src-range 10.0.1.5-10.0.2.9 -j DROP";
  const cases: readonly (readonly [address: string, mayBeKeptOut: boolean])[] = [
    ["10.0.1.4", false],
    ["10.0.1.5", true],
    ["10.0.1.200", true],
    ["10.0.2.9", true],
    ["10.0.2.10", false],
    ["10.0.0.255", false],
    ["11.0.1.7", false],
    ["10.0.1.0/30", false],
    ["10.0.1.4/30", true],
    ["10.0.0.0/16", true],
  ];
  for (const [address, mayBeKeptOut] of cases) {
    const system = machine(JUMP, range, DROP);
    const { status, err } = await system.run(`add ${address} --service ssh`);
    assertEquals(status, 0, err);
    assertEquals(err.includes("may still be blocked"), mayBeKeptOut, `${address}: ${err}`);
    assertEquals(chain(system)?.length, 3);
  }
});

Deno.test("a line of code is broken where it would be wider than the page, and not before", () => {
  const draw = (line: string) => drawPage([{ code: [line] }], 40).split("\n");
  const word = (length: number) => "x".repeat(length);
  assertEquals(draw(`${word(18)} ${word(17)}`), [`  ${word(18)} ${word(17)}`]);
  assertEquals(draw(`${word(18)} ${word(18)}`), [`  ${word(18)}`, `    ${word(18)}`]);
  assertEquals(draw(`    ${word(16)} ${word(16)}`), [`      ${word(16)}`, `        ${word(16)}`]);
});

Deno.test("a service of one family is listed, whichever that is", async () => {
  for (const family of ["ipv4", "ipv6"]) {
    const system = new FakeSystem();
    assertEquals((await system.run(`init web --port 80 --${family}`)).status, 0);
    const { out } = await system.run("list web");
    assertEquals(out.includes(`tcp 80 ${family}`), true, out);
  }
});
