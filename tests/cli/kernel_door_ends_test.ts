// A door that the kernel has closed stays closed, whatever a file says of later ones: its address is still
// on the list, and only the seconds of the rule show that it no longer counts.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";

const RULES = "service ssh tcp 22 syn knock 7000, 8022:udp, 9003 within 5s for 1h by kernel\n";

/** A machine with one open door and two closed ones, and a file that keeps later ones open for longer. */
async function lengthened(rules = RULES.replace("1h", "8h")): Promise<FakeSystem> {
  const system = new FakeSystem();
  system.contents["rules.pk"] = RULES;
  assertEquals((await system.run("load rules.pk")).status, 0);
  system.knocked["pk-ssh"] = { "10.9.2.1": 60, "10.9.2.2": 3601 };
  system.knocked["pk-ssh.v6"] = { "fd00::2": 7200 };
  system.steps.length = 0;
  system.contents["rules.pk"] = rules;
  return system;
}

const offs = (system: FakeSystem) => system.steps.filter((step) => step.startsWith("off "));

Deno.test("a longer time for a knock's door opens none that is closed already", async () => {
  const system = await lengthened();
  assertEquals((await system.run("diff rules.pk")).status, 1);
  assertEquals(offs(system), []);
  assertEquals((await system.run("load rules.pk")).status, 0);
  assertEquals(offs(system), ["off pk-ssh 10.9.2.2", "off pk-ssh.v6 fd00::2"]);
  assertEquals(system.knocked["pk-ssh"], { "10.9.2.1": 60 });
  // Nor beside services without a knock.
  for (const order of [0, 1]) {
    const rules = [RULES.replace("1h", "8h"), "service web tcp 80\n"];
    const beside = await lengthened(rules[order]! + rules[1 - order]!);
    assertEquals((await beside.run("load rules.pk")).status, 0);
    assertEquals(offs(beside), ["off pk-ssh 10.9.2.2", "off pk-ssh.v6 fd00::2"]);
  }
});

Deno.test("nor does the longer time of the knock that replaces the first one", async () => {
  const system = await lengthened(RULES.replace("7000", "6001").replace("1h", "2h"));
  await system.run("load rules.pk");
  assertEquals(offs(system)[0], "off pk-ssh 10.9.2.2");
});

Deno.test("no list is changed where no door gets a longer time, or nothing is written", async () => {
  for (const rules of [RULES, RULES.replace("1h", "1m"), RULES.replace("7000", "6001")]) {
    const system = await lengthened(rules);
    await system.run("load rules.pk");
    assertEquals(offs(system), [], rules);
  }
  const expects = await lengthened(
    `${RULES.replace("1h", "8h")}expect tcp 22 from anyone accept\n`,
  );
  assertEquals((await expects.run("load rules.pk")).status, 1);
  assertEquals(offs(expects), []);
});

Deno.test("if closed doors cannot be determined or removed, load says so", async () => {
  const blind = await lengthened();
  blind.kernelKnocks.isClockShown = false;
  const said = await blind.run("load rules.pk");
  assertEquals([said.status, offs(blind)], [0, []]);
  assertStringIncludes(
    said.err,
    "ssh: a door that a knock opened and the kernel has closed may open again",
  );
  const closed = await lengthened();
  closed.recentProblem = failure("refused", "the list could not be changed");
  const before = closed.dump();
  assertEquals((await closed.run("load rules.pk")).status, 1);
  assertEquals(closed.dump(), before);
});

Deno.test("the doors of a knock that is removed close, also where another takes its place", async () => {
  const two = (...knocks: readonly string[]) =>
    `service ssh tcp 22 syn\n${
      knocks.map((one) => `    knock ${one} for 8h by kernel\n`).join("")
    }`;
  const [alice, bob] = ["7000, 8022:udp, 9003", "5000, 6022:udp, 4003"];
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [[bob], ["off pk-ssh 10.9.2.1"]],
    // A client that knocked as is still wanted keeps its door: in another order, or with a new knock.
    [[alice], []],
    [[bob, alice], []],
    [["7003, 8022:udp, 9003", bob], []],
  ];
  for (const [knocks, wanted] of cases) {
    const system = new FakeSystem();
    system.contents["rules.pk"] = two(alice, bob);
    await system.run("load rules.pk");
    system.knocked["pk-ssh"] = { "10.9.2.1": 60 };
    system.knocked["pk-ssh.2"] = { "10.9.2.2": 60 };
    system.contents["rules.pk"] = two(...knocks);
    const { err } = await system.run("load rules.pk");
    assertEquals(offs(system), wanted, knocks.join());
    assertEquals(
      err.includes("ssh: a knock is gone, and the next one takes its place"),
      wanted.length > 0,
    );
  }
});

Deno.test("where the kernel's lists cannot be read, it is said that doors may be open", async () => {
  const system = await lengthened();
  system.areListsShown = false;
  const closed = await system.run("delete 10.9.2.1 --service ssh");
  assertEquals(closed.status, 0);
  assertStringIncludes(
    closed.err,
    "10.9.2.1/32 may still get in: the kernel's list pk-ssh cannot be read",
  );
  for (const line of ["list", "list --json"]) {
    const { status, err } = await system.run(line);
    assertEquals(status, 0);
    assertStringIncludes(
      err,
      "ssh: who has knocked is not shown: the kernel's list pk-ssh cannot be read",
    );
  }
  assertEquals((await system.run("trace tcp 22 from 10.9.2.1")).status, 5);
  assertStringIncludes((await system.run("load rules.pk")).err, "may open again");
});

Deno.test("an expectation about a network sees the one host of it that has knocked", async () => {
  for (const [text, policy] of [["10.9.0.0/16", "drop"], ["fd00::/64", "drop"]] as const) {
    const system = await lengthened(`${RULES}expect tcp 22 from ${text} ${policy}\n`);
    system.knocked["pk-ssh.v6"] = { "fd00:0000:0000:0000:0000:0000:0000:0002": 60 };
    const { status, err } = await system.run("load rules.pk");
    assertEquals(status, 1, text);
    assertStringIncludes(
      err,
      `from ${text.startsWith("10") ? "10.9.2.1" : "fd00::2"}: accepted by`,
    );
  }
});
