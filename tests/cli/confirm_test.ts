// What the verbs print and do while rules are unconfirmed, on a machine in memory.
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { REFUSED } from "../support/fake_kernel.ts";
import { LONGEST, machine, must, unconfirmed } from "../support/unconfirmed_machine.ts";

Deno.test("unconfirmed rules are beside the old ones, and dates decide which of them apply", async () => {
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

Deno.test("a service under a new name keeps its packets at the moment of the switch", async () => {
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

Deno.test("list shows what is unconfirmed and how long, and nothing otherwise", async () => {
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
  assertStringIncludes(err, "this applies while rules are unconfirmed");
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
    "rules are unconfirmed: this applies to them and to the previous rules, 1m left",
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

Deno.test("a service that stays gets its doors in their places, wherever it sends packets on to", async () => {
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
  // The last rule of the old chain shows that there is more to read.
  assertEquals(await calls("add 10.0.0.9 --service ssh"), ["list", "save", "write"]);
  await must(system, "confirm");
  assertEquals(await calls("add 10.0.0.8 --service ssh"), ["list", "write"]);
});
