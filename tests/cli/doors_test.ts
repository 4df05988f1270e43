import { assertEquals, assertStringIncludes } from "@std/assert";
import { MAX_UNTIL } from "../../src/firewall/service.ts";
import { failure } from "../../src/system/failure.ts";
import { REFUSED } from "../support/fake_kernel.ts";
import { machine, OLD, ssh } from "../support/door_machine.ts";
import { FakeSystem, NOW } from "../support/fake_system.ts";

const DAY = "2026-05-06T";

Deno.test("add opens a door with one read and one write, in one family", async () => {
  const system = machine();
  assertEquals(await system.run("add 10.0.0.5 --service ssh"), {
    status: 0,
    out: "ssh: 10.0.0.5/32 open until deleted\n",
    err: "",
  });
  assertEquals(ssh(system), ["-s 10.0.0.5/32 -j ACCEPT", OLD, "-j DROP"]);
  assertEquals(system.kernel.calls.map(({ verb, family }) => `${verb} ${family}`), [
    "list ipv4",
    "write ipv4",
  ]);
  assertEquals(
    system.kernel.writes[0]?.payload,
    "*filter\n-I pk-ssh 1 -s 10.0.0.5/32 -j ACCEPT\nCOMMIT\n",
  );
  assertEquals(system.steps, ["lock 10", "drop", "unlock"]);
});

Deno.test("a chain with a foreign rule in it is read with its whole table", async () => {
  for (const verb of ["add", "delete"]) {
    const system = machine("\n-I pk-ssh 1 -p udp -j ACCEPT");
    assertEquals((await system.run(`${verb} 10.0.0.9 --service ssh`)).status, 0);
    const calls = system.kernel.calls.map(({ verb, family }) => `${verb} ${family}`);
    assertEquals(calls.slice(0, 2), ["list ipv4", "save ipv4"], verb);
  }
});

Deno.test("a service that is not there is looked for in the whole table", async () => {
  const system = machine();
  const { status, err } = await system.run("add 10.0.0.5 --service shs");
  assertEquals([status, err], [
    4,
    "pktables: error: unknown service `shs` for IPv4 (did you mean `ssh`?)\n",
  ]);
  assertEquals(system.kernel.calls.map(({ verb }) => verb), ["list", "save"]);
});

Deno.test("a list of the chain that failed for want of time is not followed by another try", async () => {
  for (const kind of ["locked", "timeout"] as const) {
    const system = machine();
    const problem = failure(kind, "it took too long");
    system.kernel.faults = { list: { family: "ipv4", problem } };
    const { status, err } = await system.run("add 10.0.0.5 --service ssh");
    assertEquals([status, err], [1, "pktables: error: it took too long\n"]);
    assertEquals(system.kernel.calls.map(({ verb }) => verb), ["list"], kind);
  }
});

Deno.test("a chain that cannot be listed by itself is read with its whole table", async () => {
  const system = machine();
  system.kernel.faults = { list: { family: "ipv4", problem: REFUSED } };
  assertEquals((await system.run("add 10.0.0.5 --service ssh")).status, 0);
  assertEquals(ssh(system), ["-s 10.0.0.5/32 -j ACCEPT", OLD, "-j DROP"]);
});

Deno.test("an IPv6 door goes to IPv6, a mapped address to IPv4", async () => {
  const system = machine();
  await system.run("add 2001:db8::1 --service ssh");
  await system.run("add ::ffff:10.0.0.5 --service ssh");
  assertEquals(ssh(system, "ipv6")?.[0], "-s 2001:db8::1/128 -j ACCEPT");
  assertEquals(ssh(system)?.[0], "-s 10.0.0.5/32 -j ACCEPT");
});

Deno.test("add run twice says so and writes nothing", async () => {
  const system = machine();
  assertEquals(await system.run("add 10.0.0.9 --service ssh"), {
    status: 0,
    out: "ssh: 10.0.0.9/32 already open until deleted: nothing to do\n",
    err: "",
  });
  assertEquals(system.kernel.writes, []);
});

Deno.test("a timed door is extended, never shortened, and can become permanent", async () => {
  const system = machine();
  const add = async (rest: string) => {
    const { out } = await system.run(`add 10.0.0.5 --service ssh${rest}`);
    return [out.trim(), ssh(system)?.[0]];
  };
  const timed = (time: string) => `-s 10.0.0.5/32 -m time --datestop ${DAY}${time} -j ACCEPT`;
  assertEquals(await add(" --for 1h"), [
    `ssh: 10.0.0.5/32 opened until ${DAY}08:08:09Z`,
    timed("08:08:09"),
  ]);
  assertEquals(await add(" --for 30m"), [
    `ssh: 10.0.0.5/32 already open until ${DAY}08:08:09Z: nothing to do`,
    timed("08:08:09"),
  ]);
  assertEquals(await add(" --for 2h"), [
    `ssh: 10.0.0.5/32 open until ${DAY}09:08:09Z (extended)`,
    timed("09:08:09"),
  ]);
  assertEquals(await add(""), [
    "ssh: 10.0.0.5/32 stays open until deleted",
    "-s 10.0.0.5/32 -j ACCEPT",
  ]);
  assertEquals(
    (await add(" --for 2h"))[0],
    "ssh: 10.0.0.5/32 already open until deleted: nothing to do",
  );
  assertEquals(system.kernel.writes.length, 3);
});

Deno.test("the time of a door counts from when it opens, not from when the lock was requested", async () => {
  const system = machine();
  system.lockBusy = 8;
  await system.run("add 10.0.0.5 --service ssh --for 5s");
  assertEquals(ssh(system)?.[0], `-s 10.0.0.5/32 -m time --datestop ${DAY}07:08:22 -j ACCEPT`);
});

Deno.test("a clock that was never set opens no timed door, but a permanent one", async () => {
  const system = machine();
  system.clock = 86_400;
  const { status, err } = await system.run("add 10.0.0.5 --service ssh --for 1h");
  assertEquals([status, system.kernel.calls], [1, []]);
  assertEquals(
    err,
    "pktables: error: the clock says 1970-01-02: it was never set, so a timed door would stay open " +
      "for years once it is; set it first, or leave out --for\n",
  );
  assertEquals((await system.run("add 10.0.0.5 --service ssh")).status, 0);
});

Deno.test("a door cannot end after the kernel's clock", async () => {
  const system = machine();
  const { status, err } = await system.run("add 10.0.0.5 --service ssh --for 9999d");
  assertEquals([status, system.kernel.calls], [2, []]);
  assertStringIncludes(err, "ends after 2038-01-19");
  system.clock = 2 ** 31 - 2 - 10;
  assertEquals((await system.run("add 10.0.0.5 --service ssh --for 11s")).status, 2);
  assertEquals((await system.run("add 10.0.0.5 --service ssh --for 10s")).status, 0);
  assertEquals(ssh(system)?.[0], "-s 10.0.0.5/32 -m time --datestop 2038-01-19T03:14:06 -j ACCEPT");
});

Deno.test("delete closes a door and says so; twice is the same as once", async () => {
  const system = machine();
  assertEquals(await system.run("delete 10.0.0.9 --service ssh"), {
    status: 0,
    out: "ssh: 10.0.0.9/32 closed\n",
    err: "",
  });
  assertEquals(
    system.kernel.writes[0]?.payload,
    "*filter\n-D pk-ssh -s 10.0.0.9/32 -j ACCEPT\nCOMMIT\n",
  );
  assertEquals(await system.run("delete 10.0.0.9 --service ssh"), {
    status: 0,
    out: "ssh: 10.0.0.9/32 not open: nothing to do\n",
    err: "",
  });
  assertEquals([ssh(system), system.kernel.writes.length], [["-j DROP"], 1]);
});

Deno.test("delete warns of what still lets the address in", async () => {
  const more =
    "\n-I pk-ssh 1 -s 10.0.0.0/8 -j ACCEPT\n-I pk-ssh 3 -s 10.0.0.9 -m comment --comment pk-allow -j ACCEPT";
  const { status, err } = await machine(more).run("delete 10.0.0.9 --service ssh");
  assertEquals([status, err], [
    0,
    "pktables: warning: 10.0.0.9/32 still gets in: there is a door for 10.0.0.0/8\n" +
    "pktables: warning: 10.0.0.9/32 still gets in: the rules file allows 10.0.0.9/32\n",
  ]);
});

Deno.test("add warns of doors that change nothing or everything", async () => {
  const open = machine("\n-D pk-ssh -j DROP");
  assertStringIncludes((await open.run("add 10.0.0.5 -s ssh")).err, "no policy at its end");
  const accepting = machine("\n-D pk-ssh -j DROP\n-A pk-ssh -j ACCEPT");
  assertStringIncludes(
    (await accepting.run("add 10.0.0.5 -s ssh")).err,
    "ssh accepts everyone anyway",
  );
  assertStringIncludes(
    (await machine().run("add 0.0.0.0/0 -s ssh")).err,
    "0.0.0.0/0 lets in everyone",
  );
});

Deno.test("a door for everyone opens and closes like any other", async () => {
  const system = machine();
  await system.run("add 0.0.0.0/0 --service ssh");
  assertEquals(ssh(system), ["-m comment --comment pk-door -j ACCEPT", OLD, "-j DROP"]);
  assertStringIncludes((await system.run("add 0.0.0.0/0 --service ssh")).out, "nothing to do");
  await system.run("delete 0.0.0.0/0 --service ssh");
  assertEquals(ssh(system), [OLD, "-j DROP"]);
});

Deno.test("no such service is status 4, with the nearest name", async () => {
  for (const verb of ["add", "delete"]) {
    const system = machine();
    const { status, err } = await system.run(`${verb} 10.0.0.5 --service shs`);
    assertEquals([status, err], [
      4,
      "pktables: error: unknown service `shs` for IPv4 (did you mean `ssh`?)\n",
    ]);
    const none = await new FakeSystem().run(`${verb} ::1 --service ssh`);
    assertEquals([none.status, none.err], [
      4,
      "pktables: error: unknown service `ssh` for IPv6 (there are none: `pktables init` and `pktables load` create them)\n",
    ]);
    assertEquals(system.kernel.writes, []);
  }
});

Deno.test("a wrong command line is status 2 and touches neither lock nor kernel", async () => {
  for (
    const [line, told] of [
      ["add 10.0.0.5", "`add` needs `--service NAME`"],
      ["delete 10.0.0.5", "`delete` needs `--service NAME`"],
      ["add 10.0.0.5 --service=", "invalid service name ``"],
      ["add 10.0.0.5 --service a/b", "invalid service name `a/b`"],
      ["add 10.0.0 --service ssh", "invalid address `10.0.0`"],
      [
        "add 10.0.0.5/24 --service ssh",
        "write 10.0.0.5/32 for the host or 10.0.0.0/24 for the network",
      ],
      ["delete 10.0.0.5/33 --service ssh", "must be 0-32"],
      ["add ::1 --service ssh --ipv4", "`::1` is an IPv6 address, and --ipv4 excludes it"],
      ["add ::ffff:1.2.3.4 --service ssh --ipv6", "is an IPv4 address, and --ipv6 excludes it"],
      ["add 10.0.0.5 --service ssh --for 8", "invalid duration `8`"],
      ["add 10.0.0.5 --service ssh --for=", "invalid duration ``"],
      ["add 10.0.0.5 --service ssh --for 0s", "invalid duration `0s`"],
      ["delete 10.0.0.5 --service ssh --for 8h", "unknown option `--for`"],
    ] as const
  ) {
    const system = machine();
    const { status, out, err } = await system.run(line);
    assertEquals([status, out, system.kernel.calls, system.steps], [2, "", [], []], line);
    assertStringIncludes(err, told);
    assertEquals(err.trimEnd().split("\n").length, 1);
  }
});

Deno.test("quiet leaves out what was done, not what went wrong", async () => {
  const system = machine();
  assertEquals(await system.run("add 10.0.0.5 --service ssh --quiet"), {
    status: 0,
    out: "",
    err: "",
  });
  assertStringIncludes((await system.run("add 0.0.0.0/0 -q --service ssh")).err, "warning");
  assertStringIncludes((await system.run("-q add x --service ssh")).err, "error");
  assertEquals(system.clock, NOW);
});

Deno.test("a fraction of a second is left out of a door's end", async () => {
  const system = machine();
  system.clock = NOW + 0.9;
  const { out } = await system.run("add 10.0.0.5 --service ssh --for 1s");
  assertEquals(out, `ssh: 10.0.0.5/32 opened until ${DAY}07:08:10Z\n`);
});

Deno.test("a write that fails because of another program is planned again", async () => {
  const system = machine();
  const write = system.kernel.restore.bind(system.kernel);
  system.kernel.restore = (...call) => {
    system.kernel.restore = write;
    system.kernel.load("ipv4", "-D pk-ssh -s 10.0.0.9 -j ACCEPT"); // meanwhile
    return write(...call);
  };
  const { status, err } = await system.run("delete 10.0.0.9 --service ssh");
  assertEquals([status, err, ssh(system)], [0, "", ["-j DROP"]]);
});

Deno.test("an end that a wait for the lock moved past the last one opens nothing", async () => {
  const system = machine();
  system.clock = MAX_UNTIL - 60;
  system.lockBusy = 1;
  const { status, out, err } = await system.run("add 10.0.0.5 --service ssh --for 1m");
  assertEquals([status, out, system.kernel.writes], [2, "", []]);
  assertStringIncludes(err, "`1m` ends after 2038-01-19");
  system.lockBusy = 0;
  system.clock = MAX_UNTIL - 60;
  assertEquals((await system.run("add 10.0.0.5 --service ssh --for 1m")).status, 0);
});
