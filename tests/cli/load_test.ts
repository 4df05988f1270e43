// What a `load` starts and says, with and without --confirm.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";
import { loaded, RULES } from "../support/hearing_machine.ts";
import { LONGEST, machine } from "../support/unconfirmed_machine.ts";

Deno.test("a load reads and writes each family once, and tests neither: at boot every process counts", async () => {
  for (const line of ["load new.pk", "load new.pk --confirm 60s"]) {
    const system = await machine();
    system.kernel.calls.length = 0;
    const { status, out, err } = await system.run(line);
    assertEquals([status, err], [0, ""]);
    const until =
      "unconfirmed, 1m left: the kernel takes this back after 2026-05-06T07:09:09Z unless " +
      "`pktables confirm` keeps it; `pktables revert` takes it back now\n";
    assertEquals(
      out,
      `ssh                        ports 22 -> 2222, policy drop -> reject\n${LONGEST}  policy drop -> ` +
        `accept\n${line.includes("confirm") ? until : ""}`,
    );
    const calls = system.kernel.calls.map(({ verb, family }) => `${verb} ${family}`);
    assertEquals(calls, [
      ...["save ipv4", "save ipv6", "write ipv4", "write ipv6"],
      ...["save-all ipv4", "save-all ipv6"],
    ]);
  }
});

Deno.test("doors that are over are no reason for rules that have to be confirmed", async () => {
  const system = await machine();
  await system.run("add 192.0.2.1 --service ssh --for 30s");
  system.clock += 60;
  const before = system.dump();
  const { status, out } = await system.run("load old.pk --confirm 60s");
  assertEquals([status, system.dump()], [0, before], out);
  assertEquals(out.includes("unconfirmed"), false);
  // Without it the load takes them away, and so does one that changes something else as well.
  await system.run("load new.pk --confirm 60s");
  await system.run("confirm");
  assertEquals(system.dump().includes("192.0.2.1"), false);
});

Deno.test("a file that says less than files do is a warning, and on a terminal asks for --force", async () => {
  const files = {
    "none.pk": "\n",
    "-": "# nothing\n",
    "glob.pk": 'include "x/*.pk"\nservice a tcp 1\n',
  };
  const words = {
    "none.pk": "`none.pk` has no service",
    "-": "standard input has no service",
    "glob.pk": "an `include` of the file finds no file",
  };
  for (const [path, what] of Object.entries(words)) {
    for (const isTerminal of [false, true]) {
      const system = new FakeSystem();
      Object.assign(system.contents, files);
      Object.assign(system.console, { errIsTerminal: isTerminal, noColor: true });
      const { status, err } = await system.run(`load ${path}`);
      assertEquals(status, isTerminal ? 1 : 0, err);
      if (isTerminal || path !== "glob.pk") assertStringIncludes(err, what);
      else assertEquals(err.includes("an `include` of the file finds no file"), false);
      assertEquals((await system.run(`load ${path} --force`)).status, 0);
    }
  }
});

Deno.test("--prune asks only where nothing at all would be left", async () => {
  for (
    const [file, asks] of [
      ["service other tcp 9 drop\n", true],
      ["service ssh tcp 22 syn drop\n", false],
      [`service ${LONGEST} tcp 80 drop ipv4\n`, false],
    ] as const
  ) {
    const system = await machine();
    Object.assign(system.console, { errIsTerminal: true, noColor: true });
    system.contents["x.pk"] = file;
    const { status, err } = await system.run("load x.pk --prune");
    assertEquals(status, asks ? 1 : 0, err);
    const what = "this removes every service: ";
    assertEquals(err.includes(what), asks, err);
    assertEquals((await system.run("load x.pk --prune --force")).status, 0);
  }
  const empty = new FakeSystem();
  Object.assign(empty.console, { errIsTerminal: true, noColor: true });
  empty.contents["x.pk"] = "service other tcp 9 drop\n";
  assertEquals((await empty.run("load x.pk --prune")).status, 0);
});

Deno.test("a file with knocks of the kernel and services without any is loaded as any other", async () => {
  const system = await loaded(`service web tcp 80\n${RULES}service last tcp 81\n`);
  const dump = system.dump();
  const { status, out } = await system.run("load rules.pk");
  assertEquals([status, system.dump()], [0, dump]);
  assertEquals(out.match(/unchanged/g)?.length, 3);
});

Deno.test("a load says once what a foreign rule makes of a service", async () => {
  const system = new FakeSystem({
    ipv4: `:pk-ssh - [0:0]
-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh
-A pk-ssh -p tcp -j ACCEPT
-A pk-ssh -j DROP`,
  });
  system.contents["a.pk"] = "service ssh tcp 22 syn drop ipv4\n";
  for (const line of ["load a.pk", "load a.pk --replace"]) {
    const { out, err } = await system.run(line);
    assertEquals([out, err.match(/warning/g)?.length], ["ssh  unchanged\n", 1], err);
    assertStringIncludes(err, "ssh is open to everyone: rule 1 of pk-ssh (-p tcp -j ACCEPT)");
  }
});

Deno.test("a dry run says beforehand what a load would ask, and writes nothing", async () => {
  const system = await machine();
  system.contents["x.pk"] = "service other tcp 9 drop\n";
  const writes = system.kernel.writes.length;
  const { status, err } = await system.run("load x.pk --prune --dry-run");
  assertEquals([status, system.kernel.writes.length], [1, writes]);
  assertStringIncludes(err, "this removes every service: ");
  assertEquals((await system.run("diff x.pk --prune")).err.includes("this takes away"), false);
});
