// What the verbs print and do while rules are unconfirmed, on a machine in memory.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { machine, must, unconfirmed } from "../support/unconfirmed_machine.ts";

Deno.test("expired doors are swept from new rules and old ones", async () => {
  const system = await machine();
  await must(system, "add 10.0.0.9 --service ssh --for 5s");
  await must(system, "load new.pk --confirm 60s");
  system.clock += 9;
  assertMatch(await must(system, "sweep"), /^ssh: 10\.0\.0\.9\/32 removed \(expired\)\n$/);
  assertEquals(system.dump().includes("10.0.0.9"), false);
  assertMatch(await must(system, "list"), /unconfirmed, 51s left/);
});

Deno.test("other rules are refused meanwhile, and the refusal says for how long", async () => {
  const system = await unconfirmed();
  const before = system.dump();
  for (const line of ["load old.pk", "load old.pk --confirm 9s", "init x --port 9", "remove ssh"]) {
    const { status, err } = await system.run(line);
    assertEquals([status, err], [
      1,
      "pktables: error: rules are unconfirmed, 1m left: `pktables confirm` keeps them, " +
      "`pktables revert` takes them back\n",
    ]);
  }
  assertEquals(system.dump(), before);
});

Deno.test("any command after the end tidies up, and says why", async () => {
  for (
    const line of [
      "add 10.0.0.9 --service ssh",
      "sweep",
      "remove ssh",
      "load new.pk",
      "init x --port 9",
    ]
  ) {
    const system = await unconfirmed();
    system.clock += 61;
    const { status, err } = await system.run(line);
    assertEquals(status, 0, err);
    assertStringIncludes(
      err,
      "rules that were not confirmed by 2026-05-06T07:09:09Z were taken back",
    );
    const plain = await machine();
    plain.clock = system.clock;
    await must(plain, line);
    if (!line.startsWith("add")) assertEquals(system.dump(), plain.dump(), line);
    else assertEquals(system.kernel.dump("ipv4"), plain.kernel.dump("ipv4"));
  }
});

Deno.test("confirm is in time, too late or without effect, and its status says which", async () => {
  const system = await unconfirmed();
  assertEquals(await must(system, "confirm"), "confirmed (IPv4 and IPv6)\n");
  assertEquals(await must(system, "confirm"), "nothing is unconfirmed: nothing to do\n");
  assertEquals(await must(system, "revert"), "nothing is unconfirmed: nothing to do\n");
  assertEquals((await system.run("diff new.pk")).status, 0);
  const late = await unconfirmed();
  late.clock += 61;
  const { status, err } = await late.run("confirm");
  assertEquals([status, err], [
    1,
    "pktables: error: too late: the kernel took the rules back after 2026-05-06T07:09:09Z\n",
  ]);
  assertEquals(late.dump(), (await machine()).dump());
  const again = await unconfirmed();
  again.clock += 61;
  assertStringIncludes(await must(again, "revert"), "the kernel has taken the rules back already");
  assertEquals(again.dump(), (await machine()).dump());
});

Deno.test("one family can be unconfirmed alone", async () => {
  const system = await machine();
  await must(system, "load new.pk --confirm 60s --ipv6");
  assertMatch(await must(system, "list"), /^unconfirmed, 1m left \(IPv6\): /m);
  assertEquals(
    await must(system, "add 10.0.0.9 --service ssh"),
    "ssh: 10.0.0.9/32 open until deleted\n",
  );
  assertEquals(await must(system, "confirm"), "confirmed (IPv6)\n");
});

Deno.test("--dry-run shows what would be written, and writes nothing", async () => {
  const system = await unconfirmed();
  const before = system.dump();
  assertStringIncludes(await must(system, "confirm --dry-run"), "\n-X pk.ssh\n");
  assertStringIncludes(await must(system, "revert --dry-run"), "\n-X pk.ssh\n");
  assertEquals(system.dump(), before);
  const other = await machine();
  assertEquals((await other.run("load new.pk --confirm 60s --dry-run")).status, 1);
  assertEquals(other.dump(), (await machine()).dump());
});

for (
  const [duration, words] of [
    ["60", "invalid duration `60` (write a number above 0 and s, m, h or d, such as 60s or 5m)"],
    ["0s", "invalid duration `0s`"],
    ["25h", "`--confirm 25h` is too long (at most a day: `1d`)"],
    ["86401s", "`--confirm 86401s` is too long (at most a day: `1d`)"],
  ] as const
) {
  Deno.test(`--confirm ${duration} is refused`, async () => {
    const system = await machine();
    for (const line of ["load new.pk", "init x --port 9"]) {
      const { status, err } = await system.run(`${line} --confirm ${duration}`);
      assertEquals(status, 2);
      assertStringIncludes(err, words);
    }
  });
}

Deno.test("a clock that was never set takes nothing back", async () => {
  const system = await machine();
  system.clock = 86_400;
  for (const line of ["load new.pk --confirm 60s", "init x --port 9 --confirm 60s"]) {
    const { status, err } = await system.run(line);
    assertEquals([status, err], [
      1,
      "pktables: error: the clock says 1970-01-02: it was never set, so the kernel would take the " +
      "rules back at a wrong time; set it first, or leave out --confirm\n",
    ]);
  }
});

Deno.test("a foreign chain named like one of ours stays foreign", async () => {
  const system = await machine();
  const lines = [
    ":pk.theirs - [0:0]",
    "-A INPUT -p tcp -m tcp --dport 9 -j pk.theirs",
    "-A pk.theirs -j DROP",
  ];
  system.kernel.load("ipv4", lines.join("\n"));
  const theirs = system.kernel.dump("ipv4").split("\n").filter((line) =>
    line.includes("pk.theirs")
  );
  await must(system, "load new.pk --confirm 60s");
  for (const line of ["confirm", "load old.pk --confirm 9s", "revert", "sweep"]) {
    await must(system, line);
    const now = system.kernel.dump("ipv4").split("\n").filter((line) => line.includes("pk.theirs"));
    assertEquals(now, theirs, line);
  }
});

Deno.test("new rules that another program took away are not confirmed", async () => {
  const system = await unconfirmed();
  for (const family of ["ipv4", "ipv6"] as const) {
    assert((await system.kernel.restore(family, "*filter\n-F pk.ssh\nCOMMIT\n")).ok);
  }
  const before = system.dump();
  const { status, err } = await system.run("confirm");
  assertEquals([status, system.dump()], [1, before]);
  assertStringIncludes(err, "chain pk.ssh was emptied by another program");
  await must(system, "revert");
  assertEquals(system.dump(), (await machine()).dump());
});

Deno.test("new rules that no packet reaches any more are not confirmed", async () => {
  const system = await unconfirmed();
  for (const family of ["ipv4", "ipv6"] as const) {
    assert((await system.kernel.restore(family, "*filter\n-F INPUT\nCOMMIT\n")).ok);
  }
  const before = system.dump();
  const { status, out, err } = await system.run("confirm");
  assertEquals([status, out, system.dump()], [1, "", before]);
  assertStringIncludes(err, "the rules that lead to chain pk.");
  assertStringIncludes(err, "were taken away by another program: `pktables revert` takes");
  await must(system, "revert");
  assertEquals((await system.run("load old.pk")).status, 0);
  assertEquals(system.dump(), (await machine()).dump());
});
