import { assertEquals, assertStringIncludes } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";

async function machine(): Promise<FakeSystem> {
  const system = new FakeSystem();
  await system.run("init ssh --port 22 --syn");
  return system;
}

Deno.test("the log gets one line a command: who was let in where and until when", async () => {
  const system = await machine();
  for (
    const [line, logged] of [
      [
        "add 203.0.113.9 --service ssh --for 8h --syslog",
        "notice add: ssh: 203.0.113.9/32 opened until 2026-05-06T15:08:09Z",
      ],
      [
        "add 203.0.113.9 --service ssh --for 1h --quiet --syslog",
        "notice add: ssh: 203.0.113.9/32 already open until 2026-05-06T15:08:09Z: nothing to do",
      ],
      [
        "delete 203.0.113.9 -s ssh --syslog",
        "notice delete: ssh: 203.0.113.9/32 closed",
      ],
      [
        "delete 203.0.113.999 -s ssh --syslog",
        "warning delete: invalid address `203.0.113.999` (must be IPv4 or IPv6, with an optional /length: " +
        "203.0.113.9, 2001:db8::/48)",
      ],
      ["remove ssh --syslog", "notice remove: ssh: removed (IPv4 and IPv6)"],
    ] as const
  ) {
    system.logged.length = 0;
    await system.run(line);
    assertEquals(system.logged, [logged], line);
  }
});

Deno.test("a command about many services is one line too, without control characters", async () => {
  const system = await machine();
  await system.run("init web --port 80");
  await system.run("remove --all --syslog");
  assertEquals(system.logged, [
    "notice remove: ssh: removed (IPv4 and IPv6); web: removed (IPv4 and IPv6)",
  ]);
  await system.run(["add", "1\n2\x1b[31m", "--service", "ssh", "--syslog"]);
  assertEquals(/^[\x20-\x7e]+$/.test(system.logged[1] ?? ""), true, system.logged[1]);
});

Deno.test("without --syslog nothing is logged, nor for what changes nothing", async () => {
  const system = await machine();
  await system.run("add 203.0.113.9 --service ssh");
  await system.run("list --syslog");
  await system.run("help --syslog");
  assertEquals(system.logged, []);
});

Deno.test("a log that cannot be written is a warning, and the door is open anyway", async () => {
  const system = await machine();
  system.syslogProblem = failure("absent", "there is no logger on this machine");
  const { status, err } = await system.run("add 203.0.113.9 --service ssh --syslog");
  assertEquals(status, 0);
  assertStringIncludes(err, "warning: cannot write to the system log: there is no logger");
});
