import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";
import { established } from "../support/peers.ts";

const RULES = `service ssh tcp 22 syn drop
    allow 10.1.1.1
    knock 7000, 8022:udp, 9003 within 5s for 8h by kernel
`;

async function loaded(rules = RULES): Promise<FakeSystem> {
  const system = new FakeSystem();
  system.contents["rules.pk"] = rules;
  assertEquals((await system.run("load rules.pk")).status, 0);
  system.steps.length = 0;
  return system;
}

/** The rules of a chain that has to be there. */
function chain(system: FakeSystem, family: "ipv4" | "ipv6", name: string): readonly string[] {
  const rules = system.kernel.chain(family, name);
  if (rules === null) throw new Error(`there is no chain ${name}`);
  return rules;
}

/** Lines, whatever the order of jumps that came at different times. */
const sorted = (text: string) => text.split("\n").toSorted();

Deno.test("load makes a knock of the kernel once, and then there is nothing to do", async () => {
  const system = await loaded();
  assertEquals((await system.run("diff rules.pk")).status, 0);
  const calls = system.kernel.calls.length;
  assertStringIncludes((await system.run("load rules.pk")).out, "unchanged");
  const writes = system.kernel.calls.slice(calls).filter(({ verb }) => verb === "write");
  assertEquals(writes, []);
  assertEquals(chain(system, "ipv6", "pk-ssh.1").length, 5);
});

Deno.test("load names what differs in a knock of the kernel, and mends it", async () => {
  const cases: readonly (readonly [string, string])[] = [
    [RULES.replace("8h", "4h"), "knock by kernel is another"],
    [RULES.replace("7000", "7003"), "knock by kernel is another"],
    [RULES.replace("kernel", "knockd"), "knock - by kernel"],
    [`${RULES}    knock 4004, 5005, 4001 for 1h by kernel\n`, "knock by kernel is another"],
  ];
  for (const [rules, words] of cases) {
    const system = await loaded();
    system.contents["other.pk"] = rules;
    const { out, status } = await system.run("diff other.pk");
    assertEquals([status, out.split("\n")[0]], [1, `ssh: ${words} (IPv4)`]);
    assertEquals((await system.run("load other.pk")).status, 0);
    assertEquals((await system.run("diff other.pk")).status, 0);
    const back = await system.run("diff rules.pk");
    assertStringIncludes(back.out, rules.includes("knockd") ? "knock + by kernel" : words);
    assertEquals((await system.run("load rules.pk")).status, 0);
    assertEquals(sorted(system.dump()), sorted((await loaded()).dump()));
  }
});

Deno.test("a knock whose chain or jump was taken away is mended", async () => {
  const whole = (await loaded()).dump();
  for (
    const [lines, words] of [
      ["-F pk-ssh.1", "knock by kernel is another"],
      [
        "-D INPUT -p udp -m multiport --dports 6984:7016,8006:8038,8987:9019 -j pk-ssh.1\n" +
        "-D INPUT -p tcp -m tcp --syn -m multiport --dports 6984:7016,8006:8038,8987:9019 -j pk-ssh.1",
        "the jump of its knock in INPUT is gone",
      ],
    ] as const
  ) {
    const system = await loaded();
    system.kernel.load("ipv4", lines);
    assertStringIncludes((await system.run("diff rules.pk")).out, words);
    await system.run("load rules.pk");
    assertEquals(sorted(system.dump()), sorted(whole));
  }
});

Deno.test("foreign rules in the chain of a knock stay, ahead of those of the knock", async () => {
  const system = await loaded();
  system.kernel.load("ipv4", "-I pk-ssh.1 -s 192.0.2.66 -j RETURN\n-A pk-ssh.1 -j LOG");
  system.contents["rules.pk"] = RULES.replace("7000", "7003");
  await system.run("load rules.pk");
  const rules = chain(system, "ipv4", "pk-ssh.1");
  assertEquals(rules[0], "-s 192.0.2.66/32 -j RETURN");
  assertEquals(rules.filter((rule) => rule.includes("LOG")).length, 1);
  assertEquals(rules.length, 7);
  assertEquals((await system.run("diff rules.pk")).status, 0);
});

Deno.test("the jumps of a knock are ahead of what would decide over it, of our services too", async () => {
  const system = new FakeSystem({
    ipv4: "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n" +
      "-A INPUT -p tcp -m tcp --dport 7000:9100 -j DROP\n-A INPUT -j REJECT",
  });
  system.contents["rules.pk"] = `service all tcp 1024-65535 drop\n${RULES}`;
  assertEquals((await system.run("load rules.pk")).status, 0);
  const targets = (family: "ipv4" | "ipv6") =>
    chain(system, family, "INPUT").map((rule) => rule.split(" ").at(-1));
  assertEquals(targets("ipv4").slice(0, 3), ["ACCEPT", "pk-ssh.1", "pk-ssh.1"]);
  assertEquals(targets("ipv6"), ["pk-ssh.1", "pk-ssh.1", "pk-all", "pk-ssh"]);
});

Deno.test("a knock that comes to a file later is ahead of a service that is there", async () => {
  const system = await loaded("service all tcp 1024-65535 drop\nservice ssh tcp 22 syn\n");
  system.contents["rules.pk"] = `service all tcp 1024-65535 drop\n${RULES}`;
  await system.run("load rules.pk");
  const targets = chain(system, "ipv4", "INPUT").map((rule) => rule.split(" ").at(-1));
  assertEquals(targets, ["pk-ssh.1", "pk-ssh.1", "pk-all", "pk-ssh"]);
});

Deno.test("a service that comes to a file later does not take the packets of a knock that is there", async () => {
  const targets = (system: FakeSystem) =>
    chain(system, "ipv4", "INPUT").map((rule) => rule.split(" ").at(-1));
  const web = `service web tcp 80, 7000 drop\n${RULES}`;
  const system = new FakeSystem({ ipv4: "-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT" });
  system.contents["rules.pk"] = RULES;
  await system.run("load rules.pk");
  system.contents["rules.pk"] = web;
  assertEquals((await system.run("load rules.pk")).status, 0);
  // Its own rule ahead of which it goes, and the knock still first.
  const wanted = ["pk-ssh.1", "pk-ssh.1", "pk-web", "ACCEPT", "pk-ssh"];
  assertEquals(targets(system), wanted);
  const calls = system.kernel.calls.length;
  await system.run("load rules.pk");
  assertEquals(system.kernel.calls.slice(calls).filter(({ verb }) => verb === "write"), []);

  // One that is there, and whose ports come to hold one of the knock.
  const other = await loaded(`service web tcp 80 drop\n${RULES}`);
  assertEquals(targets(other)[0], "pk-ssh.1");
  const moved = new FakeSystem();
  moved.contents["web.pk"] = "service web tcp 80 drop\n";
  moved.contents["rules.pk"] = `service web tcp 80 drop\n${RULES}`;
  await moved.run("load web.pk");
  await moved.run("load rules.pk");
  moved.contents["rules.pk"] = `service web tcp 80, 7000 drop\n${RULES}`;
  await moved.run("load rules.pk");
  assertEquals(targets(moved), ["pk-ssh.1", "pk-ssh.1", "pk-web", "pk-ssh"]);
});

Deno.test("that nobody knows whether a knock is heard is said once, however many jumps it has", async () => {
  const maybe = "-m set --match-set ports dst -j DROP";
  const system = new FakeSystem({ ipv4: `-A INPUT ${maybe}` });
  system.contents["rules.pk"] = RULES;
  const { status, err } = await system.run("load rules.pk");
  const depends = `sees a packet depends on rule 1 of INPUT (${maybe})`;
  assertEquals(status, 0);
  const of = (text: string) => err.split(text).length - 1;
  assertEquals(of(`IPv4: whether ssh ${depends}`), 1, err);
  assertEquals(of(`IPv4: whether the knock of ssh ${depends}`), 1, err);
  assertEquals(of("depends on rule"), 2, err);
});

Deno.test("remove, and load --prune, take the chains of knocks with the service", async () => {
  const empty = new FakeSystem().dump();
  for (const line of ["remove ssh", "remove --all", "load --prune none.pk"]) {
    const system = await loaded(`${RULES}    knock 4004, 5005, 4001 for 1h close 1, 2 by kernel\n`);
    system.contents["none.pk"] = "";
    assertEquals((await system.run(line)).status, 0, line);
    assertEquals(system.dump(), empty, line);
  }
});

Deno.test("chains of knocks that were left behind by a service go with --prune and --all", async () => {
  for (const line of ["remove --all", "load --prune rules.pk"]) {
    const system = new FakeSystem({ ipv4: ":pk-old.1 - [0:0]\n-A INPUT -p udp -j pk-old.1" });
    system.contents["rules.pk"] = "";
    assertEquals((await system.run(line)).status, 0, line);
    assertEquals(system.dump(), new FakeSystem().dump(), line);
  }
});

Deno.test("init of a service that is there leaves its knocks alone", async () => {
  const system = await loaded();
  const before = chain(system, "ipv4", "pk-ssh.1");
  await system.run("init ssh --port 2222 --syn --replace");
  assertEquals(chain(system, "ipv4", "pk-ssh.1"), before);
  assert(chain(system, "ipv4", "pk-ssh").some((rule) => rule.includes("-m recent")));
});

Deno.test("doors of hooks are ahead of the kernel's, and a hook never asks the kernel's lists", async () => {
  const system = await loaded();
  for (const address of ["10.2.2.2", "10.0.0.3", "10.2.2.2"]) {
    assertEquals((await system.run(`add ${address} --service ssh --for 1h`)).status, 0);
  }
  assertEquals(
    chain(system, "ipv4", "pk-ssh").map((rule) => / -s (\S+)|recent/.exec(` ${rule}`)?.[0]),
    [" -s 10.0.0.3/32", " -s 10.1.1.1/32", " -s 10.2.2.2/32", "recent", undefined],
  );
  assertEquals(system.steps.filter((step) => step.startsWith("read lists")), []);
  // One chain was listed, not the whole table.
  assertEquals(system.kernel.calls.filter(({ verb }) => verb === "save").length, 2);
  assertEquals((await system.run("diff rules.pk")).status, 0);
});

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
  // A knock's own packet is counted and goes on.
  assertEquals((await system.run("trace tcp 7000 from 10.9.2.1")).status, 0);
  system.contents["one.pk"] = `${RULES}expect tcp 22 from 10.9.2.1 drop\n`;
  assertEquals((await system.run("check one.pk")).status, 0);
  assertStringIncludes((await system.run("load one.pk")).err, "is not met: accepted by rule");
  system.contents["two.pk"] = `${RULES}expect tcp 22 from 10.9.2.3 drop\n`;
  assertEquals((await system.run("load two.pk")).status, 0);
  assertEquals((await system.run("trace tcp 22 from 10.9.2.1 --file rules.pk")).status, 1);
});

Deno.test("check tells once how many addresses the kernel keeps", async () => {
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

/** A machine that hears knocks, with a person at a terminal, to whose ports these are connected. */
async function attendedBy(ss: string, rules = RULES): Promise<FakeSystem> {
  const system = await loaded(rules);
  Object.assign(system.console, { errIsTerminal: true, noColor: true });
  system.around.ss = ss;
  return system;
}

Deno.test("who got in by a knock is seen by the guard beside peers who did not", async () => {
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
