import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";
import { loaded, RULES } from "../support/hearing_machine.ts";

/** The rules of a chain, which must exist. */
function chain(system: FakeSystem, family: "ipv4" | "ipv6", name: string): readonly string[] {
  const rules = system.kernel.chain(family, name);
  if (rules === null) throw new Error(`there is no chain ${name}`);
  return rules;
}

/** Lines, regardless of the order of jumps that were added at different times. */
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

Deno.test("load reports what differs in a knock of the kernel, and repairs it", async () => {
  const cases: readonly (readonly [string, string])[] = [
    [RULES.replace("8h", "4h"), "different knock by kernel"],
    [RULES.replace("7000", "7003"), "different knock by kernel"],
    [RULES.replace("kernel", "knockd"), "knock - by kernel"],
    [`${RULES}    knock 4004, 5005, 4001 for 1h by kernel\n`, "different knock by kernel"],
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

Deno.test("a knock whose chain or jump was deleted is repaired", async () => {
  const whole = (await loaded()).dump();
  for (
    const [lines, words] of [
      ["-F pk-ssh.1", "different knock by kernel"],
      [
        "-D INPUT -p udp -m multiport --dports 6984:7016,8006:8038,8987:9019 -j pk-ssh.1\n" +
        "-D INPUT -p tcp -m tcp --syn -m multiport --dports 6984:7016,8006:8038,8987:9019 -j pk-ssh.1",
        "the jump of its knock in INPUT is missing",
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

Deno.test("a knock that is added to a file later is ahead of an existing service", async () => {
  const system = await loaded("service all tcp 1024-65535 drop\nservice ssh tcp 22 syn\n");
  system.contents["rules.pk"] = `service all tcp 1024-65535 drop\n${RULES}`;
  await system.run("load rules.pk");
  const targets = chain(system, "ipv4", "INPUT").map((rule) => rule.split(" ").at(-1));
  assertEquals(targets, ["pk-ssh.1", "pk-ssh.1", "pk-all", "pk-ssh"]);
});

Deno.test("a service that is added to a file later does not take the packets of an existing knock", async () => {
  const targets = (system: FakeSystem) =>
    chain(system, "ipv4", "INPUT").map((rule) => rule.split(" ").at(-1));
  const web = `service web tcp 80, 7000 drop\n${RULES}`;
  const system = new FakeSystem({ ipv4: "-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT" });
  system.contents["rules.pk"] = RULES;
  await system.run("load rules.pk");
  system.contents["rules.pk"] = web;
  assertEquals((await system.run("load rules.pk")).status, 0);
  // Ahead of its own rule, and the knock still first.
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

Deno.test("that it is unknown whether a knock is heard is said once, however many jumps it has", async () => {
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
