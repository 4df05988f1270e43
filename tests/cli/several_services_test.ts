import { assertEquals } from "@std/assert";
import { machine } from "../support/door_machine.ts";
import { FakeSystem } from "../support/fake_system.ts";

const DAY = "2026-05-06T";

Deno.test("add and delete change the doors of several services in one transaction", async () => {
  const system = new FakeSystem();
  await system.run("init ssh --port 22");
  await system.run("init web --port 80");
  const before = system.dump();
  system.kernel.calls.length = 0;
  assertEquals(await system.run("add 10.0.0.5 -s ssh --service=web -s ssh --for 30s"), {
    status: 0,
    out:
      `ssh: 10.0.0.5/32 opened until ${DAY}07:08:39Z\nweb: 10.0.0.5/32 opened until ${DAY}07:08:39Z\n`,
    err: "",
  });
  assertEquals(system.kernel.calls.map(({ verb, family }) => `${verb} ${family}`), [
    "list ipv4",
    "list ipv4",
    "write ipv4",
  ]);
  assertEquals(
    system.kernel.writes.at(-1)?.payload,
    `*filter\n-I pk-ssh 1 -s 10.0.0.5/32 -m time --datestop ${DAY}07:08:39 -j ACCEPT\n` +
      `-I pk-web 1 -s 10.0.0.5/32 -m time --datestop ${DAY}07:08:39 -j ACCEPT\nCOMMIT\n`,
  );
  const { status, out } = await system.run("delete 10.0.0.5 --service web --service ssh");
  assertEquals([status, out.split("\n").length], [0, 3]);
  assertEquals([system.dump(), system.kernel.writes.length], [before, 2]);
});

Deno.test("of several services one that is missing changes nothing, and is named", async () => {
  const system = machine();
  const before = system.dump();
  for (const line of ["add 10.0.0.5 -s ssh -s wbe", "delete 10.0.0.9 -s wbe -s ssh"]) {
    const { status, err } = await system.run(line);
    assertEquals([status, err], [
      4,
      "pktables: error: unknown service `wbe` for IPv4 (`pktables list` shows them)\n",
    ]);
  }
  assertEquals((await system.run("add 10.0.0.5 -s ssh -s 9lives")).status, 2);
  assertEquals([system.dump(), system.kernel.writes.length], [before, 0]);
});

Deno.test("a chain of several that does not stand alone is read with its whole table, once", async () => {
  const system = machine("\n-I pk-ssh 1 -p udp -j ACCEPT");
  await system.run("init web --port 80");
  system.kernel.calls.length = 0;
  assertEquals((await system.run("add 10.0.0.7 -s web -s ssh")).status, 0);
  const calls = system.kernel.calls.map(({ verb }) => verb);
  assertEquals(calls.filter((verb) => verb === "save").length > 0, true);
  assertEquals(calls.filter((verb) => verb === "write").length, 1);
  for (const chain of ["pk-web", "pk-ssh"]) {
    const rules = system.kernel.chain("ipv4", chain) ?? [];
    assertEquals(rules.filter((rule) => rule.includes("10.0.0.7/32")).length, 1, chain);
  }
});
