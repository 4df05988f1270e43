import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";
import { established } from "../support/peers.ts";
import { loaded, RULES } from "../support/hearing_machine.ts";

/** A machine that hears knocks, with a terminal, and with these clients connected. */
async function attendedBy(ss: string, rules = RULES): Promise<FakeSystem> {
  const system = await loaded(rules);
  Object.assign(system.console, { errIsTerminal: true, noColor: true });
  system.around.ss = ss;
  return system;
}

Deno.test("list shows who knocked with the time left, and says of JSON's doors what opened them", async () => {
  const system = await loaded();
  system.knocked["pk-ssh"] = { "10.9.2.1": 60, "10.9.2.2": 28_800, "10.9.2.3": 28_801 };
  system.knocked["pk-ssh.v6"] = { "fd00::2": 28_790 };
  const { out } = await system.run("list");
  assertEquals(out.split("\n").slice(1, -1).map((line) => line.trim().split(/ {2,}/).slice(-3)), [
    ["10.1.1.1/32", "allowed by file", "0"],
    ["10.9.2.1/32", "7h 59m by kernel", "-"],
    ["10.9.2.2/32", "expired by kernel", "-"],
    ["fd00::2/128", "10s by kernel", "-"],
  ]);
  const { services } = JSON.parse((await system.run("list --json")).out);
  const [, door] = services[0].doors;
  assertEquals(door, {
    address: "10.9.2.1/32",
    family: "ipv4",
    kind: "kernel",
    dead: false,
    expires: "2026-05-06T15:07:08Z",
    secondsLeft: 28_740,
    packets: null,
    bytes: null,
  });
  assert(!services[0].doors.some(({ address }: { address: string }) => address === "10.9.2.3/32"));
});

Deno.test("where the kernel does not show its clock, doors are shown without a time", async () => {
  const system = await loaded();
  system.knocked["pk-ssh"] = { "10.9.2.1": 99_999 };
  system.kernelKnocks.isClockShown = false;
  assertStringIncludes((await system.run("list")).out, "10.9.2.1/32  not known, by kernel");
  assertEquals((await system.run("trace tcp 22 from 10.9.2.1")).status, 5);
});

Deno.test("list says when a list of the kernel is full of open doors or of knocks", async () => {
  const system = await loaded();
  system.kernelKnocks.capacity = 2;
  const line = /--name (\S+\.s1) /.exec(system.dump())?.[1] ?? "";
  system.knocked["pk-ssh"] = { "10.9.2.1": 60, "10.9.2.2": 28_801 };
  system.knocked[line] = { "10.9.2.1": 1, "10.9.2.2": 6 };
  assertEquals((await system.run("list")).err, "");
  system.knocked["pk-ssh"]["10.9.2.2"] = 5;
  system.knocked[line] = { "10.9.2.1": 1, "10.9.2.2": 5 };
  const { err } = await system.run("list");
  assertStringIncludes(
    err,
    "ssh: 2 doors are open by knocks, and the kernel's list pk-ssh holds no more",
  );
  assertStringIncludes(err, "ssh: 2 addresses knock at once");
});

Deno.test("list --raw shows the chains of a service's knocks behind its own", async () => {
  const system = await loaded(`service web tcp 80\n${RULES}`);
  const heads = (text: string) => [...text.matchAll(/^Chain (\S+)/gm)].map(([, name]) => name);
  const all = heads((await system.run("list --raw --ipv4")).out);
  assertEquals(all, ["pk-ssh", "pk-ssh.1", "pk-web"]);
  assertEquals(heads((await system.run("list ssh --raw --ipv4")).out), ["pk-ssh", "pk-ssh.1"]);
  assertEquals(heads((await system.run("list web --raw --ipv4")).out), ["pk-web"]);
});

Deno.test("delete closes a kernel's door at once, and no other", async () => {
  const system = await loaded();
  system.knocked["pk-ssh"] = { "10.9.2.1": 60, "10.9.2.2": 60, "10.8.0.1": 60 };
  const first = await system.run("delete 10.9.2.1 --service ssh");
  assertEquals([first.status, first.out], [0, "ssh: 10.9.2.1/32 closed\n"]);
  assertEquals(Object.keys(system.knocked["pk-ssh"]), ["10.9.2.2", "10.8.0.1"]);
  const again = await system.run("delete 10.9.2.1 --service ssh");
  assertEquals(again.out, "ssh: 10.9.2.1/32 not open: nothing to do\n");
  await system.run("delete 10.9.0.0/16 --service ssh");
  assertEquals(Object.keys(system.knocked["pk-ssh"]), ["10.8.0.1"]);
  system.recentProblem = failure("not-root", "the list could not be changed");
  assertEquals((await system.run("delete 10.8.0.1 --service ssh")).status, 1);
});

Deno.test("trace and expect know who has knocked", async () => {
  const system = await loaded(`${RULES}expect tcp 22 from anyone drop\n`);
  system.knocked["pk-ssh"] = { "10.9.2.1": 60, "10.9.2.2": 28_801 };
  const ask = async (from: string) => (await system.run(`trace tcp 22 from ${from}`)).status;
  assertEquals(
    [await ask("10.9.2.1"), await ask("10.9.2.2"), await ask("10.9.2.3"), await ask("anyone")],
    [0, 1, 1, 1],
  );
  // A knock's own packet is counted and continues.
  assertEquals((await system.run("trace tcp 7000 from 10.9.2.1")).status, 0);
  system.contents["one.pk"] = `${RULES}expect tcp 22 from 10.9.2.1 drop\n`;
  assertEquals((await system.run("check one.pk")).status, 0);
  assertStringIncludes((await system.run("load one.pk")).err, "is not met: accepted by rule");
  system.contents["two.pk"] = `${RULES}expect tcp 22 from 10.9.2.3 drop\n`;
  assertEquals((await system.run("load two.pk")).status, 0);
  assertEquals((await system.run("trace tcp 22 from 10.9.2.1 --file rules.pk")).status, 1);
});

Deno.test("check reports once how many addresses the kernel keeps", async () => {
  const system = await loaded();
  const count = (text: string) => text.split("100 addresses a list").length - 1;
  system.contents["two.pk"] = RULES;
  assertEquals(count((await system.run("check rules.pk two.pk")).err), 1);
  assertEquals(count((await system.run("check --format json rules.pk")).err), 0);
  system.contents["rules.pk"] = RULES.replace("kernel", "knockd");
  assertEquals(count((await system.run("check rules.pk")).err), 0);
});

Deno.test("knockd leaves knocks of the kernel out and says so; client knows them", async () => {
  const system = await loaded(
    `${RULES}service vpn udp 500 knock 8143:udp, 7311, 9127 for 8h by knockd\n`,
  );
  const { out, err } = await system.run("knockd rules.pk --binary /usr/bin/pktables");
  assertEquals([out.includes("[open vpn]"), out.includes("ssh")], [true, false]);
  assertStringIncludes(err, "note: left out, because the kernel hears the knock: ssh");
  assertStringIncludes(
    (await system.run("client rules.pk --host gate.example.net --service ssh")).out,
    "knock -4 -d 200 gate.example.net 7000 8022:udp 9003",
  );
});

Deno.test("the guard sees peers that got in by a knock beside peers that did not", async () => {
  for (const peers of [["10.9.2.1", "10.9.2.2"], ["10.9.2.2", "10.9.2.1"]]) {
    const system = await attendedBy(established(...peers));
    system.knocked["pk-ssh"] = { "10.9.2.1": 60 };
    system.contents["other.pk"] = "service ssh tcp 22 syn drop";
    const { status, err } = await system.run("load other.pk");
    assertEquals(status, 1, err);
    assertStringIncludes(err, "10.9.2.1, which is connected to port 22, would stay connected but");
  }
});

Deno.test("on a terminal the kernel's door of who is connected is not closed", async () => {
  const system = await attendedBy(established("10.9.2.1"));
  system.knocked["pk-ssh"] = { "10.9.2.1": 60, "10.9.2.2": 60 };
  const { status, err } = await system.run("delete 10.9.2.1 --service ssh");
  assertEquals([status, Object.keys(system.knocked["pk-ssh"]).length], [1, 2]);
  assertStringIncludes(err, "would stay connected but could not connect again");
  assertEquals((await system.run("delete 10.9.2.2 --service ssh")).status, 0);
  assertEquals((await system.run("delete 10.9.2.1 --service ssh --force")).status, 0);
  assertEquals(system.knocked["pk-ssh"], {});
});

Deno.test("where one of two services is refused, the kernel's door in the other stays", async () => {
  const rules = `${RULES}service web tcp 80 syn drop allow 10.1.1.2\n`;
  const system = await attendedBy(established("10.9.2.1").replace(":22", ":80"), rules);
  await system.run("add 10.9.2.1 --service web");
  system.knocked["pk-ssh"] = { "10.9.2.1": 60 };
  const { status, err } = await system.run("delete 10.9.2.1 --service ssh --service web");
  assertEquals(status, 1);
  assertStringIncludes(err, "nothing was changed");
  assertEquals(system.knocked["pk-ssh"], { "10.9.2.1": 60 });
});

Deno.test("--dry-run says that the kernel's door would be closed, and leaves it open", async () => {
  const system = await loaded();
  system.knocked["pk-ssh"] = { "10.9.2.1": 60, "10.9.2.2": 28_801 };
  const { status, out, err } = await system.run("delete 10.9.2.1 --service ssh --dry-run");
  assertEquals(
    [status, out, err],
    [0, "ssh: the door that a knock opened would be closed\n", ""],
  );
  assertEquals(Object.keys(system.knocked["pk-ssh"]).length, 2);
  const over = await system.run("delete 10.9.2.2 --service ssh --dry-run");
  assertEquals([over.out, over.err], ["", "nothing would change\n"]);
});
