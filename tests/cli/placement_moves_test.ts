// Where the jump of a new service goes in INPUT, and what is reported (packet.md, "Where a jump goes").
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";
import { INIT, JUMP, machine, SSH, STANDING, targets } from "../support/placing.ts";

Deno.test("a service that would cut established connections warns and names `established`", async () => {
  const cut = ["service ssh tcp 22 drop", true] as const;
  const kept = ["service ssh tcp 22 syn drop", "service ssh tcp 22 established drop"];
  for (const [file, warns] of [cut, ...kept.map((file) => [file, false] as const)]) {
    const system = machine(SSH, STANDING);
    system.contents["rules.pk"] = `${file}\n`;
    const { err } = await system.run("load rules.pk --ipv4");
    assertEquals(err.includes("cuts them: use `established` or `syn`"), warns, err);
    assertEquals(targets(system)[0], "pk-ssh");
  }
  // The rule that lets them in may be in the chain that decides.
  const front = [
    ":ufw - [0:0]",
    "-A INPUT -j ufw",
    ...[STANDING, SSH].map((rule) => rule.replace("INPUT", "ufw")),
  ];
  assertStringIncludes((await machine(...front).run("init ssh --port 22")).err, "cuts them");
  assertEquals((await machine(...front).run("init ssh --port 22 --syn")).err, "");
  const behind = machine(STANDING, SSH);
  behind.contents["rules.pk"] = `${cut[0]}\n`;
  assertEquals((await behind.run("load rules.pk --ipv4")).err, "");
  assertEquals(targets(behind), ["ACCEPT", "pk-ssh", "ACCEPT"]);
});

Deno.test("jumps of other services are not overtaken", async () => {
  const system = machine(
    ":pk-web - [0:0]",
    "-A INPUT -p tcp -m multiport --dports 22,80 -j pk-web",
    "-A pk-web -j DROP",
    "-A INPUT -j REJECT",
  );
  const { out } = await system.run(INIT);
  assertStringIncludes(out, "ahead of rule 2 of INPUT");
  assertEquals(targets(system), ["pk-web", "pk-ssh", "REJECT"]);
});

Deno.test("new services with the same place keep the order of the file", async () => {
  const names = ["zeta", "alpha", "mid"];
  const system = machine(STANDING, "-A INPUT -j DROP");
  system.contents["rules.pk"] = names.map((name) => `service ${name} tcp 22 syn drop\n`).join("");
  await system.run("load rules.pk --ipv4");
  assertEquals(targets(system), ["ACCEPT", ...names.map((name) => `pk-${name}`), "DROP"]);
  const second = await system.run("load rules.pk --ipv4");
  assertEquals(second.out.includes("created"), false, second.out);
});

Deno.test("a range of ports is decided where one in its middle is", async () => {
  for (
    const rule of ["-m tcp --dport 8005 -j ACCEPT", "-m multiport --dports 25,8003:8004 -j DROP"]
  ) {
    const system = machine(`-A INPUT -p tcp ${rule}`, "-A INPUT -i lo -j ACCEPT");
    const { out } = await system.run("init app --port 8000-8010 --syn --ipv4");
    assertStringIncludes(out, `ahead of rule 1 of INPUT: -p tcp ${rule}`);
    const other = machine(`-A INPUT -p tcp ${rule}`, "-A INPUT -i lo -j ACCEPT");
    assertEquals(
      (await other.run("init app --port 9000-9010 --syn --ipv4")).out,
      "app: created (IPv4)\n",
    );
  }
});

Deno.test("each family has a place of its own; the same one is reported once", async () => {
  const rule = "-p tcp -m tcp --dport 22 -j ACCEPT";
  const same = new FakeSystem({ ipv4: SSH, ipv6: SSH });
  assertEquals(
    (await same.run("init ssh --port 22 --syn")).out,
    `ssh: created (IPv4 and IPv6), ahead of rule 1 of INPUT: ${rule}\n`,
  );
  const different = new FakeSystem({ ipv4: SSH, ipv6: `${STANDING}\n${SSH}` });
  assertEquals(
    (await different.run("init ssh --port 22 --syn")).out,
    `ssh: created (IPv4 and IPv6), ahead of rule 1 of INPUT: ${rule}, and ahead of rule 2 of INPUT: ${rule}\n`,
  );
  assertEquals(targets(different), ["pk-ssh", "ACCEPT"]);
  assertEquals(targets(different, "ipv6"), ["ACCEPT", "pk-ssh", "ACCEPT"]);
});

Deno.test("diff shows the lines that load writes", async () => {
  const rules = [STANDING, SSH, "-A INPUT -j DROP"].join("\n");
  for (const options of ["", " --append"]) {
    const system = new FakeSystem({ ipv4: rules, ipv6: SSH });
    system.contents["rules.pk"] =
      "service ssh tcp 22 syn drop\n    allow 203.0.113.9\nservice web tcp 80 drop\n";
    const shown = await system.run(`diff rules.pk${options}`);
    assertEquals(shown.status, 1);
    const lines = shown.out.split("\n").filter((line) => line.startsWith("+ "))
      .map((line) => line.slice(2)).sort();
    await system.run(`load rules.pk${options}`);
    const written = system.kernel.writes.flatMap(({ payload }) =>
      payload.split("\n").filter((line) => /^-[NAI] /.test(line))
    ).sort();
    assert(lines.length > 8, shown.out);
    assertEquals(lines, written);
  }
});

Deno.test("what load --move would move is a difference, and none afterwards", async () => {
  const system = machine(SSH);
  system.contents["rules.pk"] = "service ssh tcp 22 syn drop\n";
  await system.run(`${INIT} --append`);
  const before = await system.run("diff rules.pk --ipv4 --move");
  assertEquals(before.status, 1);
  assertEquals(
    before.out,
    `ssh: its rules are out of order (IPv4)\n- -D INPUT ${JUMP}\n+ -I INPUT 1 ${JUMP}\n`,
  );
  await system.run("load rules.pk --ipv4 --move");
  assertEquals((await system.run("diff rules.pk --ipv4")).status, 0);
});

Deno.test("a source that a rule behind the jump let in is reported to need a door now", async () => {
  const lan = "-A INPUT -i br-lan -j ACCEPT";
  const friends = "-A INPUT -s 10.1.0.0/16 -j ACCEPT";
  const words = "what it accepts needs a door now";
  const behind = machine(SSH, lan, friends, "-A INPUT -s 10.2.0.0/16 -j DROP", "-A INPUT -j DROP");
  assertEquals(
    (await behind.run(INIT)).err,
    `pktables: warning: IPv4: ssh is ahead of rule 2 of INPUT (${lan.slice(9)}): ${words}\n` +
      `pktables: warning: IPv4: ssh is ahead of rule 3 of INPUT (${friends.slice(9)}): ${words}\n`,
  );
  for (
    const system of [
      machine(lan, friends, SSH),
      machine(SSH, "-A INPUT ! -i br-lan -j ACCEPT", "-A INPUT -i br-lan -p udp -j ACCEPT"),
    ]
  ) {
    assertEquals((await system.run(INIT)).err, "");
  }
  assertEquals((await machine(SSH, lan).run(`${INIT} --accept`)).err.includes(words), false);
});

Deno.test("a RETURN in INPUT decides as the policy does, and is gone ahead of", async () => {
  const system = machine("-A INPUT -p tcp -j RETURN");
  assertStringIncludes((await system.run(INIT)).out, "ahead of rule 1 of INPUT: -p tcp -j RETURN");
  assertEquals(targets(system), ["pk-ssh", "RETURN"]);
});
