import { NO_IPV6 } from "../support/no_ipv6.ts";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { NO_ROOT, REFUSED } from "../support/fake_kernel.ts";
import { FakeSystem } from "../support/fake_system.ts";

const START =
  ":pk-ssh - [0:0]\n[9:540] -A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n-A pk-ssh -j DROP";

function machine(): FakeSystem {
  return new FakeSystem({
    ipv4: `${START}\n[4:240] -I pk-ssh 1 -s 10.0.0.9 -j ACCEPT`,
    ipv6: START,
  });
}

const BOTH = [
  "init new --port 80",
  "init ssh --port 23 --accept --replace",
  "remove ssh",
  "remove --all",
];

for (const line of BOTH) {
  Deno.test(`${line}: a family that fails its test leaves both as they were`, async () => {
    for (const family of ["ipv4", "ipv6"] as const) {
      const system = machine();
      const before = system.dump();
      system.kernel.faults = { test: { family, problem: REFUSED } };
      const { status, out, err } = await system.run(line);
      assertEquals([status, out, system.dump(), system.kernel.writes], [1, "", before, []]);
      assertStringIncludes(
        err,
        `${
          family === "ipv4" ? "IPv4" : "IPv6"
        }: iptables refused the change\n  iptables-restore: line 3 failed`,
      );
      assertEquals(system.steps, ["lock 10", "drop", "unlock"]);
    }
  });

  Deno.test(`${line}: if the second family refuses anyway, the first is restored`, async () => {
    const system = machine();
    const before = system.dump();
    system.kernel.faults = { write: { number: 2, problem: REFUSED } };
    const { status, out, err } = await system.run(line);
    assertEquals([status, out, system.dump()], [1, "", before]);
    assertStringIncludes(err, "pktables: error: IPv6: iptables refused the change");
    assertEquals(system.kernel.writes.map(({ family }) => family), ["ipv4", "ipv6", "ipv4"]);
  });

  Deno.test(`${line}: a first family that cannot be put back is said, and the next run repairs`, async () => {
    const system = machine();
    system.kernel.faults = { write: { number: [2, 3], problem: REFUSED } };
    const { status, err } = await system.run(line);
    assertEquals(status, 1);
    assertStringIncludes(
      err,
      `pktables: error: IPv6: ${REFUSED.message}; IPv4 was already changed and could not be restored: ` +
        "run the command again\n",
    );
    system.kernel.faults = {};
    assertEquals((await system.run(line)).status, 0);
    const whole = machine();
    await whole.run(line);
    assertEquals(system.dump(), whole.dump());
  });

  Deno.test(`${line}: a first family that refuses leaves both as they were`, async () => {
    const system = machine();
    const before = system.dump();
    system.kernel.faults = { write: { number: 1, problem: REFUSED } };
    assertEquals([(await system.run(line)).status, system.dump(), system.kernel.writes.length], [
      1,
      before,
      1,
    ]);
  });
}

Deno.test("without root every verb says so, with the raw text behind, and ends with 1", async () => {
  for (
    const line of [
      "init a --port 1",
      "remove ssh",
      "add 10.0.0.1 -s ssh",
      "delete 10.0.0.9 -s ssh",
      "list",
      "list ssh --raw",
      "list --json",
      "sweep",
      "load -",
      "load - --dry-run",
      "diff -",
    ]
  ) {
    const system = machine();
    system.contents["-"] = "service ssh tcp 22\n";
    system.kernel.faults = { save: { family: "ipv4", problem: NO_ROOT } };
    const { status, out, err } = await system.run(line);
    assertEquals([status, out, system.kernel.writes], [1, "", []]);
    assertEquals(
      err,
      `pktables: error: this needs root (CAP_NET_ADMIN and CAP_NET_RAW)\n  ${NO_ROOT.raw}\n`,
    );
  }
});

Deno.test("without IPv6 the work continues with IPv4, and says so once", async () => {
  for (const problem of NO_IPV6) {
    for (const line of ["init new --port 80", "remove ssh", "list", "list --json"]) {
      const system = machine();
      system.kernel.faults = { save: { family: "ipv6", problem } };
      const { status, err } = await system.run(line);
      assertEquals([status, err], [
        0,
        `note: no IPv6 here (${problem.message}): continuing with IPv4 only\n`,
      ], line);
      assertEquals(
        system.kernel.calls.filter(({ verb, family }) => verb !== "save" && family === "ipv6"),
        [],
      );
      assertEquals((await machine().run(`${line} --quiet`)).err, "");
    }
  }
});

Deno.test("without IPv6 it is an error to ask for it, by option or by address", async () => {
  for (const problem of NO_IPV6) {
    for (
      const line of [
        "init new --port 80 --ipv6",
        "remove ssh --ipv6",
        "list --ipv6",
        "add ::1 --service ssh",
        "delete ::1 --service ssh",
      ]
    ) {
      const system = machine();
      system.kernel.faults = { save: { family: "ipv6", problem } };
      const { status, err } = await system.run(line);
      assertEquals(status, 1, line);
      assertStringIncludes(err, `error: IPv6: ${problem.message}`);
    }
  }
});

Deno.test("without IPv4, and with a broken IPv6, nothing is done", async () => {
  for (
    const fault of [{ family: "ipv4", problem: NO_IPV6[0]! }, {
      family: "ipv6",
      problem: REFUSED,
    }] as const
  ) {
    const system = machine();
    system.kernel.faults = { save: fault };
    assertEquals([(await system.run("init new --port 80")).status, system.kernel.writes], [1, []]);
  }
});

Deno.test("a lock that is held too long ends in status 1 without a look at the kernel", async () => {
  const system = machine();
  system.lockBusy = 11;
  const { status, err } = await system.run("add 10.0.0.1 --service ssh");
  assertEquals([status, err, system.kernel.calls], [
    1,
    "pktables: error: another pktables held the lock for more than 10 s\n",
    [],
  ]);
  assertEquals((await system.run("add 10.0.0.1 --service ssh --wait 12")).status, 0);
  assertEquals(system.steps, ["lock 10", "lock 12", "drop", "unlock"]);
});

Deno.test("the lock is released before the next command, even after a failure", async () => {
  const system = machine();
  system.kernel.faults = { write: { number: 1, problem: REFUSED } };
  await system.run("add 10.0.0.1 --service ssh");
  await system.run("delete 10.0.0.1 --service nothing");
  assertEquals(system.steps, ["lock 10", "drop", "unlock", "lock 10", "drop", "unlock"]);
});

Deno.test("a list takes no lock", async () => {
  const system = machine();
  system.lockBusy = 99;
  assertEquals([(await system.run("list")).status, system.steps], [0, ["drop"]]);
});

Deno.test("backend and wait reach iptables", async () => {
  const system = machine();
  await system.run("list --backend legacy --wait 3");
  await system.run("add 10.0.0.1 -s ssh --backend nft");
  assertEquals(system.options.map(({ backend, wait }) => `${backend} ${wait}`), [
    "legacy 3",
    "nft 10",
    "nft 10",
  ]);
});

Deno.test("a rule that cannot be written back is not taken away", async () => {
  const system = machine();
  const chain = system.kernel.tables.ipv4.get("INPUT")!;
  chain.rules.push({
    text: '-m comment --comment "two\nlines" -j pk-ssh',
    jump: "pk-ssh",
    packets: 0,
    bytes: 0,
  });
  const { status, err } = await system.run("remove ssh");
  assertEquals([status, system.kernel.writes], [1, []]);
  assertStringIncludes(
    err,
    "a rule of chain INPUT has a newline in it: delete it by hand first\n" +
      '  "-m comment --comment \\"two\\nlines\\" -j pk-ssh"\n',
  );
});

Deno.test("a rule in the chain itself that could not be restored does not go either", async () => {
  const system = machine();
  const chain = system.kernel.tables.ipv4.get("pk-ssh")!;
  chain.rules.push({
    text: '-m comment --comment "two\nlines" -j DROP',
    jump: null,
    packets: 0,
    bytes: 0,
  });
  const before = system.dump();
  system.kernel.faults = { write: { number: 2, problem: REFUSED } };
  assertEquals([(await system.run("remove ssh")).status, system.dump()], [1, before]);
});

Deno.test("results that cannot be written are an error; a worse status is kept", async () => {
  for (const [line, wanted] of [["list", 1], ["list nothing", 4], ["list --x", 2]] as const) {
    const system = machine();
    Object.assign(system.console, { outProblem: "No space left on device" });
    const { status, err } = await system.run(line);
    assertEquals(status, wanted, line);
    assertStringIncludes(err, "standard output cannot be written: No space left on device");
  }
});
