// What the verbs say and do about unconfirmed rules, on a machine in memory.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";
import { REFUSED } from "../support/fake_kernel.ts";

const LONGEST = "a-name-of-25-characters--";
const OLD = `service ssh tcp 22 syn drop\nservice ${LONGEST} tcp 80 drop\n`;
const NEW = `service ssh tcp 2222 syn reject\nservice ${LONGEST} tcp 80 accept\n`;

async function must(system: FakeSystem, line: string): Promise<string> {
  const { status, out, err } = await system.run(line);
  assertEquals(status, 0, `${line}: ${err}`);
  return out;
}

async function machine(): Promise<FakeSystem> {
  const system = new FakeSystem();
  system.contents["old.pk"] = OLD;
  system.contents["new.pk"] = NEW;
  await must(system, "load old.pk");
  return system;
}

async function unconfirmed(): Promise<FakeSystem> {
  const system = await machine();
  await must(system, "load new.pk --confirm 60s");
  return system;
}

Deno.test("unconfirmed rules stand beside the old ones, and dates tell which of them holds", async () => {
  const system = await unconfirmed();
  const rules = system.kernel.dump("ipv4").split("\n")
    .filter((line) => /^(:pk|.*-A)/.test(line)).map((line) => line.replace(/^\[0:0\] /, ""));
  const syn = "--tcp-flags FIN,SYN,RST,ACK SYN";
  const end = "-m time --datestop 2026-05-06T07:09:09";
  const start = "-m time --datestart 2026-05-06T07:09:10 --datestop 2038-01-19T03:14:07";
  assertEquals(rules, [
    ...[`pk-${LONGEST}`, "pk-ssh", `pk.${LONGEST}`, "pk.ssh"].map((chain) => `:${chain} - [0:0]`),
    `-A INPUT -p tcp -m tcp --dport 2222 ${syn} ${end} -j pk.ssh`,
    `-A INPUT -p tcp -m tcp --dport 22 ${syn} ${start} -j pk-ssh`,
    `-A INPUT -p tcp -m tcp --dport 80 ${end} -j pk.${LONGEST}`,
    `-A INPUT -p tcp -m tcp --dport 80 -j pk-${LONGEST}`,
    `-A pk-${LONGEST} -j DROP`,
    `-A pk-${LONGEST} ${end} -j pk.${LONGEST}`,
    "-A pk-ssh -j DROP",
    `-A pk-ssh ${end} -j pk.ssh`,
    `-A pk.${LONGEST} -j ACCEPT`,
    "-A pk.ssh -p tcp -j REJECT --reject-with tcp-reset",
  ]);
});

Deno.test("a service under a new name keeps its packets in the moment of the switch", async () => {
  const system = await machine();
  system.contents["new.pk"] = `service sshd tcp 22 syn drop\nservice ${LONGEST} tcp 80 drop\n`;
  await must(system, "load new.pk --prune --confirm 60s");
  const input = system.kernel.chain("ipv4", "INPUT")!.map((line) => line.replace(/^\[0:0\] /, ""))
    .filter((line) => line.includes("--dport 22"));
  const jump = "-p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -m time";
  assertEquals(input, [
    `${jump} --datestart 2026-05-06T07:09:10 --datestop 2038-01-19T03:14:07 -j pk-ssh`,
    `${jump} --datestop 2026-05-06T07:09:09 -j pk.sshd`,
    // A packet that passed the first rule in the last second and the second one in the next.
    `${jump} --datestart 2026-05-06T07:09:10 --datestop 2026-05-06T07:09:11 -j pk-ssh`,
  ]);
  await must(system, "revert");
  assertEquals(system.dump(), (await machine()).dump());
});

Deno.test("one transaction a family makes rules unconfirmed, and one ends it", async () => {
  const system = await machine();
  for (const line of ["load new.pk --confirm 60s", "confirm"]) {
    const before = system.kernel.writes.length;
    await must(system, line);
    const written = system.kernel.writes.slice(before).map(({ family }) => family);
    assertEquals(written, ["ipv4", "ipv6"], line);
  }
});

Deno.test("if the second family refuses, the first is as it was", async () => {
  for (const line of ["load new.pk --confirm 60s", "confirm", "revert"]) {
    const system = line.startsWith("load") ? await machine() : await unconfirmed();
    const before = system.dump();
    const number = system.kernel.writes.length + 2;
    system.kernel.faults = { write: { number: [number, number + 2], problem: REFUSED } };
    assertEquals((await system.run(line)).status, 1, line);
    assertEquals(system.dump(), before, line);
  }
});

Deno.test("a file that changes nothing leaves nothing to confirm", async () => {
  const system = await machine();
  const before = system.dump();
  const { status, out } = await system.run("load old.pk --confirm 60s");
  assertEquals([status, out.includes("unconfirmed"), system.dump()], [0, false, before]);
  // Nor do expired doors: the kernel has closed them.
  await must(system, "add 10.0.0.1 --service ssh --for 1s");
  system.clock += 9;
  assertEquals((await must(system, "load old.pk --confirm 60s")).includes("unconfirmed"), false);
});

Deno.test("list tells what is unconfirmed and how long, and nothing of it otherwise", async () => {
  const system = await unconfirmed();
  system.clock += 19.2;
  const line = `unconfirmed, 41s left: ${LONGEST}, ssh; taken back after 2026-05-06T07:09:09Z ` +
    "unless `confirm` keeps it";
  assertEquals((await must(system, "list")).trim().split("\n").at(-1), line);
  assertMatch(await must(system, "list"), /ssh +tcp 2222 syn +reject/);
  assertEquals(JSON.parse(await must(system, "list --json")).unconfirmed, {
    expires: "2026-05-06T07:09:09Z",
    secondsLeft: 41,
    services: [LONGEST, "ssh"],
    families: ["ipv4", "ipv6"],
  });
  system.clock += 41.9;
  assertMatch(await must(system, "list"), /ssh +tcp 22 syn +drop/);
  assertEquals("unconfirmed" in JSON.parse(await must(system, "list --json")), false);
  assertEquals("unconfirmed" in JSON.parse(await must(await machine(), "list --json")), false);
});

Deno.test("diff and trace take unconfirmed rules for those in force", async () => {
  const system = await unconfirmed();
  const same = await system.run("diff new.pk");
  assertEquals([same.status, same.out], [0, ""]);
  assertStringIncludes(same.err, "compared with rules that are unconfirmed, 1m left");
  assertEquals((await system.run("diff old.pk")).status, 1);
  const { out, err, status } = await system.run("trace tcp 2222 from anyone --ipv4");
  assertEquals(status, 1, err);
  assertMatch(out, /^rejected by rule 1 of pk\.ssh/);
  assertStringIncludes(err, "that is so while rules are unconfirmed");
  // As the kernel would be if a file was loaded on top of them.
  const all = await system.run("trace tcp 22 from anyone --ipv4 --file old.pk --all");
  assertMatch(all.out, /^dropped by rule 1 of pk-ssh/, all.err);
  system.clock += 61;
  assertMatch(
    (await system.run("trace tcp 22 from anyone --ipv4")).out,
    /^dropped by rule 1 of pk-ssh/,
  );
  assertEquals((await system.run("diff old.pk")).status, 0);
});

Deno.test("add and delete act on new and old rules, in one transaction", async () => {
  const system = await unconfirmed();
  const before = system.kernel.writes.length;
  const { err } = await system.run("add 10.0.0.9 --service ssh --for 1h");
  assertStringIncludes(
    err,
    "rules are unconfirmed: this holds for them and for those before, 1m left",
  );
  assertEquals(system.kernel.writes.length, before + 1);
  const door = "-s 10.0.0.9/32 -m time --datestop 2026-05-06T08:08:09 -j ACCEPT";
  for (const chain of ["pk-ssh", "pk.ssh"]) {
    assertEquals(system.kernel.chain("ipv4", chain)?.[0], door);
  }
  await must(system, "delete 10.0.0.9 --service ssh");
  for (const chain of ["pk-ssh", "pk.ssh"]) {
    assertEquals(system.kernel.chain("ipv4", chain)?.includes(door), false);
  }
  assertEquals((await system.run("add 10.0.0.9 --service nobody")).status, 4);
});

Deno.test("a service that stays gets its doors in their places, whomever it sends packets on to", async () => {
  const system = await machine();
  const web = [
    "-A INPUT -p tcp -m tcp --dport 443 -j pk-web",
    "-A pk-web -s 10.0.0.0/8 -j pk-ssh",
    "-A pk-web -s 10.0.0.5/32 -j ACCEPT",
    "-A pk-web -j DROP",
  ];
  system.kernel.load("ipv4", [":pk-web - [0:0]", ...web].join("\n"));
  await must(system, "load new.pk --confirm 60s");
  await must(system, "add 10.0.0.3 --service web");
  await must(system, "add 10.0.0.7 --service web --for 5s");
  system.clock += 9;
  await must(system, "sweep");
  await must(system, "confirm");
  assertEquals(system.kernel.chain("ipv4", "pk-web"), [
    "-s 10.0.0.0/8 -j pk-ssh",
    "-s 10.0.0.3/32 -j ACCEPT",
    "-s 10.0.0.5/32 -j ACCEPT",
    "-j DROP",
  ]);
});

Deno.test("a hook reads one chain and nothing else while nothing is unconfirmed", async () => {
  const system = await machine();
  const calls = async (line: string) => {
    const before = system.kernel.calls.length;
    await must(system, line);
    return system.kernel.calls.slice(before).map(({ verb }) => verb);
  };
  assertEquals(await calls("add 10.0.0.9 --service ssh"), ["list", "write"]);
  assertEquals(await calls("delete 10.0.0.9 --service ssh"), ["list", "write"]);
  await must(system, "load new.pk --confirm 60s");
  // The last rule of the old chain tells that there is more to read.
  assertEquals(await calls("add 10.0.0.9 --service ssh"), ["list", "save", "write"]);
  await must(system, "confirm");
  assertEquals(await calls("add 10.0.0.8 --service ssh"), ["list", "write"]);
});

Deno.test("expired doors are swept from new rules and old ones", async () => {
  const system = await machine();
  await must(system, "add 10.0.0.9 --service ssh --for 5s");
  await must(system, "load new.pk --confirm 60s");
  system.clock += 9;
  assertMatch(await must(system, "sweep"), /^ssh: 10\.0\.0\.9\/32 removed \(expired\)\n$/);
  assertEquals(system.dump().includes("10.0.0.9"), false);
  assertMatch(await must(system, "list"), /unconfirmed, 51s left/);
});

Deno.test("other rules wait for the answer, and the refusal says for how long", async () => {
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

Deno.test("whatever comes after the end tidies up, and says why", async () => {
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

Deno.test("confirm comes in time, too late or for nothing, and its status says which", async () => {
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
    ["25h", "`--confirm 25h` is too long (a day, `1d`, at the most)"],
    ["86401s", "`--confirm 86401s` is too long (a day, `1d`, at the most)"],
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
    assertEquals(status, 1);
    assertStringIncludes(err, "the clock says 1970-01-02: it was never set");
    assertStringIncludes(err, "leave out --confirm");
  }
});

Deno.test("a foreign chain that is called like one of ours stays theirs", async () => {
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

Deno.test("new rules that no packet comes to any more are not confirmed", async () => {
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

Deno.test("what `iptables -F` leaves is no hindrance, and a chain in use by others is one", async () => {
  const system = await unconfirmed();
  for (const family of ["ipv4", "ipv6"] as const) {
    const chains = ["INPUT", ...system.kernel.tables[family].keys()].filter((chain) =>
      /^INPUT$|^pk/.test(chain)
    );
    const lines = [...new Set(chains)].map((chain) => `-F ${chain}\n`).join("");
    assert((await system.kernel.restore(family, `*filter\n${lines}COMMIT\n`)).ok);
  }
  await must(system, "load old.pk");
  await must(system, "load new.pk --confirm 60s");
  await must(system, "confirm");
  assertEquals((await system.run("diff new.pk")).status, 0);
  assertEquals(system.dump().includes("pk."), false);
  system.kernel.load("ipv4", ":pk.ssh - [0:0]\n-A FORWARD -j pk.ssh");
  const before = system.dump();
  const { status, err } = await system.run("load old.pk --confirm 60s");
  assertEquals([status, system.dump()], [1, before]);
  assertStringIncludes(err, "chain pk.ssh is there already, and others use it: -j pk.ssh");
});

Deno.test("rules of nft cannot be copied, so they are not unconfirmed", async () => {
  const system = await machine();
  await must(system, "add 10.0.0.9 --service ssh");
  system.kernel.head =
    "# Generated by iptables-save v1.8.9 (nf_tables) on Wed May  6 07:08:09 2026";
  system.kernel.faults = { nft: failure("absent", "no nft here") };
  const before = system.dump();
  const { status, err } = await system.run("load new.pk --confirm 60s");
  assertEquals([status, system.dump()], [1, before], err);
  assertMatch(err, /rules of pk-ssh would have to be copied, .* is not known \(no nft here\)/);
  assert((await system.run("load new.pk")).status === 0);
});

Deno.test("where there is no nft, rules that are ours alone can be unconfirmed", async () => {
  for (const way of ["confirm", "revert"]) {
    const system = await machine();
    system.kernel.head =
      "# Generated by iptables-save v1.8.9 (nf_tables) on Wed May  6 07:08:09 2026";
    system.kernel.faults = { nft: failure("absent", "no nft here") };
    const lines = ["load new.pk --confirm 60s", "list", "add 10.0.0.9 --service ssh", "sweep", way];
    for (const line of lines) await must(system, line);
    assertEquals(system.dump().includes("pk."), false);
  }
});

Deno.test("the question is asked on a terminal alone, and answered by its keys", async () => {
  for (
    const [pressed, status, left] of [
      [["x", "y"], 0, false],
      [["\r"], 0, false],
      [["n"], 1, false],
      [[null], 1, true],
    ] as const
  ) {
    const system = await machine();
    const keys = [...pressed];
    Object.assign(system.console, {
      errIsTerminal: true,
      keys: () => ({
        discard: () => Promise.resolve(),
        next: () => Promise.resolve(keys.shift() ?? null),
        [Symbol.dispose]: () => {},
      }),
    });
    system.pauses = 99;
    const { status: ended, err } = await system.run("load new.pk --confirm 60s");
    assertEquals(ended, status, err);
    assertStringIncludes(err, "keep these rules? y or Enter: yes, n: no (");
    assertEquals(system.dump().includes("pk."), left);
    if (pressed[0] === null) assertStringIncludes(err, "`pktables confirm` keeps them");
  }
});

Deno.test("rules may be unconfirmed for a day, and knocks of the kernel that would change are named", async () => {
  for (const day of ["1d", "24h", "86400s"]) {
    await must(await machine(), `load new.pk --confirm ${day}`);
  }
  const system = await machine();
  system.contents["knock.pk"] = `${OLD}
service one tcp 7 drop knock 1001, 1002 within 5s for 1h by kernel
service two tcp 8 drop knock 2001, 2002 within 5s for 1h by kernel
`;
  const before = system.dump();
  const { status, err } = await system.run("load knock.pk --confirm 60s");
  assertEquals([status, system.dump()], [1, before]);
  assertStringIncludes(
    err,
    "knocks `by kernel` would change (pk-one.1), and cannot be taken back: load without --confirm",
  );
});

Deno.test("whoever chose a backend is told to answer there: elsewhere nothing is unconfirmed", async () => {
  const system = await machine();
  const { out } = await system.run("load new.pk --confirm 60s --backend legacy");
  assertStringIncludes(out, "unless `pktables confirm --backend legacy` keeps it");
  assertStringIncludes(out, "`pktables revert --backend legacy` takes it back now");
  const { err } = await system.run("load old.pk --backend legacy");
  assertStringIncludes(err, "`pktables confirm --backend legacy` keeps them");
});

Deno.test("import --kernel writes the rules that are in force, unconfirmed or back again", async () => {
  const system = await unconfirmed();
  const now = await system.run("import --kernel");
  assertEquals(now.status, 0, now.err);
  assertStringIncludes(now.err, "rules are unconfirmed: the file says what they are now");
  assertStringIncludes(now.out, "service ssh tcp 2222 syn reject\n");
  system.clock += 100;
  const back = await system.run("import --kernel");
  assertEquals(back.status, 0, back.err);
  assertStringIncludes(back.out, "service ssh tcp 22 syn drop\n");
});

Deno.test("a jump that has a date of others keeps it, confirmed or taken back", async () => {
  const dates = [
    "-m time --datestart 2036-01-01T00:00:00 --datestop 2038-01-19T03:14:07",
    "-m time --datestop 2030-01-01T00:00:00",
  ];
  for (const date of dates) {
    for (const way of ["confirm", "revert"]) {
      const system = new FakeSystem();
      const jump = `-A INPUT -p tcp -m tcp --dport 22 ${date} -j pk-ssh`;
      const inner = `-A pk-ssh -p tcp -m tcp --dport 23 ${date} -j pk-web`;
      const web = "-A INPUT -p tcp -m tcp --dport 80 -j pk-web\n-A pk-web -j DROP";
      const chains = ":pk-ssh - [0:0]\n:pk-web - [0:0]";
      system.kernel.load("ipv4", [chains, jump, inner, "-A pk-ssh -j DROP", web].join("\n"));
      system.contents["new.pk"] =
        "service ssh tcp 22 reject ipv4\nservice web tcp 80 reject ipv4\n";
      const before = system.dump();
      const lines = () => system.dump().split("\n").filter((line) => line.includes(date));
      const own = lines();
      assertEquals(own.length, 2);
      await must(system, "load new.pk --confirm 60s --ipv4");
      await must(system, way);
      assertEquals(lines(), own, way);
      if (way === "revert") assertEquals(system.dump(), before);
    }
  }
});

Deno.test("a ban that another program puts into a service's chain meanwhile is there afterwards", async () => {
  const ban = "-s 198.51.100.7/32 -j REJECT --reject-with icmp-port-unreachable";
  for (const way of ["confirm", "revert"]) {
    for (const doors of [[], ["10.0.0.5", "10.0.0.6"]]) {
      for (const place of [1, doors.length + 1]) {
        const system = await machine();
        for (const door of doors) await must(system, `add ${door} --service ssh`);
        await must(system, "load new.pk --confirm 60s");
        const insert = `*filter\n-I pk-ssh ${place} ${ban}\nCOMMIT\n`;
        assert((await system.kernel.restore("ipv4", insert)).ok);
        // In unconfirmed rules it is ahead of their end, where a packet meets it.
        await must(system, "add 10.0.0.7 --service ssh");
        assertEquals((await system.run("trace tcp 2222 from 10.0.0.7")).status, 0);
        await must(system, way);
        const chain = system.kernel.chain("ipv4", "pk-ssh")!.map((rule) =>
          rule.replace(/^\[\d+:\d+\] /, "")
        );
        const wanted = [...doors, "10.0.0.7"].map((door) => `-s ${door}/32 -j ACCEPT`);
        wanted.splice(place - 1, 0, ban);
        const end = way === "revert" ? "-j DROP" : "-p tcp -j REJECT --reject-with tcp-reset";
        assertEquals(chain, [...wanted, end], `${way} ${place}`);
      }
    }
  }
});
