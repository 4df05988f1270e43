// Where the jump of a new service goes in INPUT, and what is reported (packet.md, "Where a jump goes").
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { INIT, JUMP, machine, SSH, STANDING, targets } from "../support/placing.ts";

Deno.test("a new jump goes to the end where nothing decides ahead of it", async () => {
  const system = machine("-A INPUT -i lo -j ACCEPT", STANDING, "-A INPUT -p icmp -j ACCEPT");
  const { out, err } = await system.run(INIT);
  assertEquals([out, err], ["ssh: created (IPv4)\n", ""]);
  assertEquals(system.kernel.chain("ipv4", "INPUT")?.at(-1), JUMP);
});

Deno.test("a new jump goes ahead of the first rule that decides, and init says which", async () => {
  const system = machine("-A INPUT -i lo -j ACCEPT", STANDING, SSH, "-A INPUT -j DROP");
  const { out, err } = await system.run(INIT);
  const rule = "rule 3 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT";
  assertEquals([out, err], [`ssh: created (IPv4), ahead of ${rule}\n`, ""]);
  assertEquals(targets(system), ["ACCEPT", "ACCEPT", "pk-ssh", "ACCEPT", "DROP"]);
});

Deno.test("a jump to a chain that decides, or never returns, is such a rule", async () => {
  const chains = ["-A ufw-user -p tcp -m tcp --dport 22 -j ACCEPT", "-A all -j REJECT"];
  for (const jump of ["-A INPUT -j ufw-user", "-A INPUT -p tcp -g all"]) {
    const system = machine(":ufw-user - [0:0]", ":all - [0:0]", STANDING, jump, ...chains);
    assertStringIncludes(
      (await system.run(INIT)).out,
      `ahead of rule 2 of INPUT: ${jump.slice(9)}`,
    );
    assertEquals(targets(system)[1], "pk-ssh");
  }
});

Deno.test("--append goes to the end anyway, and the consequences are reported", async () => {
  for (const command of [`${INIT} --append`, "load rules.pk --ipv4 --append"]) {
    const system = machine(SSH);
    system.contents["rules.pk"] = "service ssh tcp 22 syn drop\n";
    const { out, err } = await system.run(command);
    assertEquals(out.includes("ahead of"), false);
    assertStringIncludes(err, "IPv4: port 22 is open to everyone: accepted by rule 1 of INPUT");
    assertEquals(targets(system), ["ACCEPT", "pk-ssh"]);
  }
});

Deno.test("--move moves a jump that is there, and its doors stay open", async () => {
  for (const command of [`${INIT} --replace`, "load rules.pk --ipv4"]) {
    const system = machine(SSH, "-A INPUT -j DROP");
    system.contents["rules.pk"] = "service ssh tcp 22 syn drop\n";
    await system.run(`${INIT} --append`);
    await system.run("add 203.0.113.9 --service ssh");
    const kept = await system.run(command);
    assertStringIncludes(kept.err, "port 22 is open to everyone", command);
    assertEquals(targets(system), ["ACCEPT", "DROP", "pk-ssh"], command);
    const moved = await system.run(`${command} --move`);
    assertEquals(moved.err, "", command);
    assertStringIncludes(moved.out, "ahead of rule 1 of INPUT", command);
    assertEquals(targets(system), ["pk-ssh", "ACCEPT", "DROP"], command);
    assertEquals(system.kernel.chain("ipv4", "pk-ssh"), [
      "-s 203.0.113.9/32 -j ACCEPT",
      "-j DROP",
    ]);
    const writes = system.kernel.writes.length;
    const { out } = await system.run(`${command} --move`);
    assertEquals(system.kernel.writes.length, writes, `${command}: ${out}`);
    assertEquals(out.includes("ahead of"), false, out);
  }
});

Deno.test("rules for some sources and for other interfaces stay ahead", async () => {
  const trusted = [
    "-A INPUT -s 192.0.2.0/24 -j ACCEPT",
    "-A INPUT -i br-lan -j ACCEPT",
    "-A INPUT -p tcp -m set --match-set f2b-sshd src -j REJECT",
  ];
  const system = machine(...trusted, SSH);
  const { out, err } = await system.run(INIT);
  assertEquals(err, "");
  assertStringIncludes(out, "ahead of rule 4 of INPUT");
  assertEquals(targets(system), ["ACCEPT", "ACCEPT", "REJECT", "pk-ssh", "ACCEPT"]);
});

Deno.test("an interface decides if an outsider comes in by it, or if that is unknown", async () => {
  const outer = "-A INPUT -i eth0 -j DROP";
  const known = machine(outer);
  assertStringIncludes((await known.run(INIT)).out, "ahead of rule 1 of INPUT: -i eth0 -j DROP");
  const unknown = machine(outer);
  unknown.around.interface = null;
  const { out, err } = await unknown.run(INIT);
  assertEquals(out, "ssh: created (IPv4)\n");
  assertStringIncludes(err, "depends on rule 1 of INPUT (-i eth0 -j DROP)");
  assertEquals(targets(unknown), ["DROP", "pk-ssh"]);
});

Deno.test("a service on an interface is traced there, and needs no default route", async () => {
  const system = machine("-A INPUT -i eth0 -j DROP", "-A INPUT -i wg0 -j ACCEPT");
  system.around.interface = null;
  system.contents["rules.pk"] =
    "service web tcp 80 on eth0 drop\nservice ssh tcp 22 on wg0 syn drop\n";
  const { out, err } = await system.run("load rules.pk --ipv4");
  assertEquals(err, "");
  assertStringIncludes(out, "ssh  created, ahead of rule 2 of INPUT: -i wg0 -j ACCEPT");
  assertStringIncludes(out, "web  created, ahead of rule 1 of INPUT: -i eth0 -j DROP");
  assertEquals(targets(system), ["pk-web", "DROP", "pk-ssh", "ACCEPT"]);
});

Deno.test("a service on a wildcard is traced on each interface that rules name", async () => {
  const web = "-i wlan0 -p tcp -m tcp --dport 22 -j ACCEPT";
  const lan = "-i eth1 -p tcp -m tcp --dport 22 -j ACCEPT";
  const system = machine(
    `-A INPUT ${web}`,
    `-A INPUT ${lan}`,
    "-A INPUT -s 10.0.0.1/32 -i eth2 -j ACCEPT",
  );
  system.contents["rules.pk"] = "service ssh tcp 22 syn drop on eth+\n";
  const { out, err } = await system.run("load rules.pk --ipv4");
  assertEquals(
    err,
    "pktables: warning: IPv4: ssh is ahead of rule 3 of INPUT (-s 10.0.0.1/32 -i eth2 -j ACCEPT): " +
      "what it accepts needs a door now\n",
  );
  assertStringIncludes(out, `ssh  created, ahead of rule 2 of INPUT: ${lan}`);
  assertEquals(targets(system), ["ACCEPT", "pk-ssh", "ACCEPT", "ACCEPT"]);
});

Deno.test("a rule is reported that is for more interfaces of a wildcard than are traced", async () => {
  const ports = Array.from({ length: 80 }, (_, at) => at === 70 ? 22 : 1000 + at);
  const rules = ports.map((port, at) =>
    `-A INPUT -i eth${at} -p tcp -m tcp --dport ${port} -j ACCEPT`
  );
  const system = machine(...rules);
  system.contents["rules.pk"] = "service ssh tcp 22 syn drop on eth+\n";
  const { out, err } = await system.run("load rules.pk --ipv4");
  assertStringIncludes(
    err,
    "pktables: warning: IPv4: whether ssh sees a packet depends on rule 71 of INPUT " +
      "(-i eth70 -p tcp -m tcp --dport 22 -j ACCEPT)\n",
  );
  assertStringIncludes(err, "note: IPv4: cannot tell what packets to port 22 meet");
  assertEquals(out, "ssh  created\n");
});

Deno.test("thousands of rules for some sources behind a new jump do not hold it up", async () => {
  const sources = Array.from(
    { length: 3000 },
    (_, at) => `-A INPUT -s 10.1.${at >> 8}.${at & 255}/32 -p tcp -m tcp --dport 80 -j ACCEPT`,
  );
  const system = machine(SSH, ...sources);
  const start = performance.now();
  const { err } = await system.run(INIT);
  assertEquals(err, "");
  assertEquals(targets(system)[0], "pk-ssh");
  assert(performance.now() - start < 1500);
});

Deno.test("a rule behind a rate decides for some, and so counts", async () => {
  for (const verdict of ["ACCEPT", "DROP"]) {
    const limited = `-p tcp -m tcp --dport 22 -m limit --limit 3/min -j ${verdict}`;
    for (const end of ["-A INPUT -j DROP", "-A INPUT -p udp -j ACCEPT"]) {
      const system = machine(`-A INPUT ${limited}`, end);
      const { out, err } = await system.run(INIT);
      assertEquals(err, "");
      assertStringIncludes(out, `ahead of rule 1 of INPUT: ${limited}`);
      assertEquals(targets(system)[0], "pk-ssh");
    }
  }
});

Deno.test("other unknown rules are not overtaken, and are reported", async () => {
  const maybe = "-p tcp -m set --match-set ports dst -j";
  for (const end of [[], ["-A INPUT -j DROP"], ["-A INPUT -j ACCEPT"]]) {
    for (const verdict of ["ACCEPT", "DROP"]) {
      const system = machine(`-A INPUT ${maybe} ${verdict}`, ...end);
      const { out, err } = await system.run(INIT);
      assertStringIncludes(
        err,
        `warning: IPv4: whether ssh sees a packet depends on rule 1 of INPUT (${maybe} ${verdict})`,
      );
      assertEquals(out.includes("ahead of rule 2"), end.length > 0, out);
      assertEquals(targets(system)[0], verdict);
    }
  }
});

Deno.test("a rule for one of the machine's addresses decides there, one for another may some day", async () => {
  const rule = "-d 198.51.100.1/32 -p tcp -m tcp --dport 22 -j ACCEPT";
  const system = machine(`-A INPUT ${rule}`, "-A INPUT -p icmp -j ACCEPT");
  system.around.addresses = ["127.0.0.1", "198.51.100.2", "198.51.100.1"];
  const { out, err } = await system.run(INIT);
  assertEquals([out, err], [`ssh: created (IPv4), ahead of rule 1 of INPUT: ${rule}\n`, ""]);
  await system.run("remove ssh");
  const behind = await system.run(`${INIT} --append`);
  assertStringIncludes(
    behind.err,
    `IPv4: port 22 is open to everyone: accepted by rule 1 of INPUT: ${rule}`,
  );
  const other = machine(`-A INPUT ${rule}`);
  other.around.addresses = ["198.51.100.2"];
  assertStringIncludes((await other.run(INIT)).err, `depends on rule 1 of INPUT (${rule})`);
  assertEquals(targets(other), ["ACCEPT", "pk-ssh"]);
});
