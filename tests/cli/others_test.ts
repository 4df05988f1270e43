// How the verbs treat chains and jumps that someone else edited.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { chain, DOOR, DROP, JUMP, machine, VERBS } from "../support/ssh_machine.ts";

Deno.test("a dead ACCEPT never comes alive, whichever verb runs", async () => {
  const over = "-s 10.0.0.8/32 -m time --datestop 2020-01-01T00:00:00 -j ACCEPT";
  for (
    const rules of [
      ["-j DROP", "-j ACCEPT", "-j DROP"],
      ["-j DROP", "-j ACCEPT"],
      ["-s 10.0.0.9/32 -j ACCEPT", "-j DROP", "-j ACCEPT"],
      ["-j REJECT", "-j ACCEPT", "-j REJECT"],
      ["-m comment --comment shut -j DROP", over, "-j ACCEPT", "-j DROP"],
      ["-p tcp -j DROP", "-j ACCEPT"],
    ]
  ) {
    for (const verb of VERBS) {
      const system = machine(JUMP, ...rules.map((rule) => `-A pk-ssh ${rule}`));
      const { status, err } = await system.run(verb);
      const now = chain(system) ?? [];
      const open = now.findIndex((rule) => rule === "-j ACCEPT");
      const end = now.findIndex((rule) =>
        /^(-p tcp |-m comment .*)?-j (DROP|REJECT.*)$/.test(rule)
      );
      // `init` refuses what differs, unless it is to replace it.
      assertEquals(status, err.includes("use --replace") ? 1 : 0, `${verb}: ${err}`);
      assertEquals(end >= 0 && (open < 0 || end < open), true, `${verb}: ${now.join("; ")}`);
    }
  }
});

Deno.test("an emergency DROP at the top stays in force, and list shows the doors behind it as dead", async () => {
  const system = machine(JUMP, DROP, DOOR, DROP);
  const list = await system.run("list");
  assertStringIncludes(list.out, "10.0.0.9/32  dead ");
  assertStringIncludes(
    list.err,
    "warning: ssh: 1 door is behind the end of pk-ssh and opens nothing",
  );
  const [door] = JSON.parse((await system.run("list --json")).out).services[0].doors;
  assertEquals([door.address, door.dead], ["10.0.0.9/32", true]);
  await system.run("add 10.0.0.5 --service ssh");
  await system.run("delete 10.0.0.1 --service ssh");
  await system.run("sweep");
  assertEquals(chain(system), [
    "-s 10.0.0.5/32 -j ACCEPT",
    "-j DROP",
    "-s 10.0.0.9/32 -j ACCEPT",
    "-j DROP",
  ]);
});

Deno.test("a verb that revives a dead door says so", async () => {
  const added = machine(JUMP, DROP, DOOR);
  const { out } = await added.run("add 10.0.0.9 --service ssh");
  assertStringIncludes(out, "open until deleted (its door was behind the end");
  assertEquals(chain(added), ["-s 10.0.0.9/32 -j ACCEPT", "-j DROP"]);
  const loaded = machine(JUMP, DROP, DOOR);
  assertStringIncludes(
    (await loaded.run("load rules.pk")).err,
    "ssh: doors behind the end of the chain open again: 10.0.0.9/32",
  );
  assertEquals(chain(loaded), ["-s 10.0.0.9/32 -j ACCEPT", "-j DROP"]);
  for (const verb of ["init ssh --port 22 --syn", "init ssh --port 22 --replace"]) {
    const system = machine(
      JUMP,
      DROP,
      DOOR,
      DOOR.replace("-j", "-m comment --comment pk-allow -j"),
    );
    const before = chain(system);
    assertStringIncludes(
      (await system.run(`${verb} --ipv4`)).err,
      "ssh: 1 door is behind the end of pk-ssh and opens nothing",
    );
    assertEquals(chain(system), before);
  }
  const deleted = machine(JUMP, DROP, DOOR);
  assertStringIncludes(
    (await deleted.run("delete 10.0.0.9 --service ssh")).out,
    "not open: its door, behind the end of the chain, is removed",
  );
  assertEquals(chain(deleted), ["-j DROP"]);
});

Deno.test("a door goes ahead of whatever takes every packet", async () => {
  for (
    const end of [
      '-m comment --comment "closed for all" -j DROP',
      "-p tcp -j DROP",
      "-p tcp -m tcp --dport 22 -j DROP",
      "-j NFQUEUE --queue-num 0",
      "-j RETURN",
      "-g theirs",
      "-j theirs",
    ]
  ) {
    const theirs = [":theirs - [0:0]", "-A theirs -i lo -j DROP", "-A theirs -j DROP"];
    for (const rest of [[], [DROP]]) {
      const system = machine(...theirs, JUMP, `-A pk-ssh ${end}`, ...rest);
      const before = chain(system) ?? [];
      assertEquals((await system.run("add 10.0.0.5 --service ssh")).status, 0);
      assertEquals(chain(system), ["-s 10.0.0.5/32 -j ACCEPT", ...before], end);
    }
  }
});

Deno.test("what takes only some packets is not the end of a chain", async () => {
  for (
    const rule of [
      "-p udp -j DROP",
      "-p tcp -m tcp --dport 23 -j DROP",
      "-i eth0 -j DROP",
      "-m mac --mac-source 00:11:22:33:44:55 -j DROP",
      "-j theirs",
    ]
  ) {
    const system = machine(
      ":theirs - [0:0]",
      "-A theirs -i lo -j DROP",
      JUMP,
      `-A pk-ssh ${rule}`,
      DROP,
    );
    const before = chain(system) ?? [];
    await system.run("add 10.0.0.5 --service ssh");
    assertEquals(chain(system), [before[0], "-s 10.0.0.5/32 -j ACCEPT", "-j DROP"], rule);
  }
});

Deno.test("a foreign rule that lets everyone in is a difference, and every verb reports it", async () => {
  const open = "-A pk-ssh -p tcp -j ACCEPT";
  const said = "ssh is open to everyone: rule 1 of pk-ssh (-p tcp -j ACCEPT) accepts every packet";
  for (
    const line of [
      ...["list", "load rules.pk", "diff rules.pk", "diff rules.pk --quiet"],
      ...["init ssh --port 22 --syn --ipv4 --replace", "add 10.0.0.5 --service ssh"],
    ]
  ) {
    const system = machine(JUMP, open, DOOR, DROP);
    const { err, status } = await system.run(line);
    assertStringIncludes(err, said, line);
    assertEquals(status, line.startsWith("diff") ? 1 : 0);
    assertEquals(chain(system)?.includes("-p tcp -j ACCEPT"), true);
  }
  const json = JSON.parse((await machine(JUMP, open, DROP).run("diff rules.pk --json")).out);
  assertEquals([json.changes, json.stays], [[], [{
    family: "ipv4",
    service: "ssh",
    chain: "pk-ssh",
    rule: "-p tcp -j ACCEPT",
  }]]);
});

Deno.test("a foreign RETURN keeps its effect, and is reported", async () => {
  const system = machine(JUMP, "-A pk-ssh -j RETURN", DROP);
  const before = chain(system);
  for (const line of ["load rules.pk", "diff rules.pk"]) {
    assertStringIncludes(
      (await system.run(line)).err,
      "IPv4: ssh decides nothing: rule 1 of pk-ssh (-j RETURN) returns every packet",
    );
  }
  assertEquals(chain(system), before);
  assertStringIncludes((await system.run("list")).out, "tcp 22 syn ipv4  return");
});

Deno.test("list counts the rules that it does not understand", async () => {
  const system = machine(
    JUMP,
    "-A pk-ssh -s 10.0.0.9/32 -p tcp -j ACCEPT",
    "[5:300] -A pk-ssh -m mac --mac-source 00:11:22:33:44:55 -j ACCEPT",
    DROP,
  );
  assertStringIncludes((await system.run("list")).out, "+2 foreign rules");
  const { others } = JSON.parse((await system.run("list --json")).out).services[0];
  assertEquals(others, [
    { family: "ipv4", rule: "-s 10.0.0.9/32 -p tcp -j ACCEPT", packets: 0, bytes: 0 },
    {
      family: "ipv4",
      rule: "-m mac --mac-source 00:11:22:33:44:55 -j ACCEPT",
      packets: 5,
      bytes: 300,
    },
  ]);
});

Deno.test("delete warns of every rule that may still let the address in", async () => {
  for (
    const [rule, warns] of [
      ["-s 10.0.0.9/32 -p tcp -j ACCEPT", true],
      ["-s 10.0.0.0/8 -m state --state NEW -j ACCEPT", true],
      ["! -s 10.0.0.8/32 -j ACCEPT", true],
      ["! -s 10.0.0.0/8 -j ACCEPT", false],
      ["-s 10.0.0.8/32 -p tcp -j ACCEPT", false],
      ["-m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT", true],
      ["-m iprange --src-range 10.0.0.1-10.0.0.8 -j ACCEPT", false],
      ["-m set --match-set friends src -j ACCEPT", true],
      ["-s 10.0.0.9/32 -p tcp -j DROP", false],
      ["-s 10.0.0.9/32 -j theirs", true],
    ] as const
  ) {
    const system = machine(":theirs - [0:0]", JUMP, `-A pk-ssh ${rule}`, DOOR, DROP);
    const { status, err, out } = await system.run("delete 10.0.0.9 --service ssh");
    assertEquals([status, out], [0, "ssh: 10.0.0.9/32 closed\n"], rule);
    const told = `warning: 10.0.0.9/32 may still get in: rule 1 of pk-ssh (${rule})`;
    assertEquals(err.includes(told), warns, `${rule}: ${err}`);
  }
});

Deno.test("a door with a tab or a Latin-1 byte in its comment is a door like any other", async () => {
  for (const comment of ["a\tb", "caf\udce9"]) {
    const system = machine(
      JUMP,
      `-A pk-ssh -s 10.0.0.9/32 -m comment --comment "${comment}" -j ACCEPT`,
      DROP,
    );
    assertStringIncludes((await system.run("list")).out, "10.0.0.9/32  no end");
    await system.run("add 10.0.0.5 --service ssh");
    const { out } = await system.run("delete 10.0.0.9 --service ssh");
    assertEquals(out, "ssh: 10.0.0.9/32 closed\n");
    assertEquals(chain(system), ["-s 10.0.0.5/32 -j ACCEPT", "-j DROP"]);
  }
});

const NARROW = [
  "-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 --syn -j pk-ssh",
  "-A INPUT -d 10.0.0.1/32 -p tcp -m tcp --dport 22 -j pk-ssh",
  "-A INPUT ! -i eth0 -p tcp -m tcp --dport 22 -j pk-ssh",
  "-A INPUT -p tcp -m tcp --dport 22 -m limit --limit 5/min -j pk-ssh",
  "-A INPUT -p tcp -m tcp --dport 22 -g pk-ssh",
];

Deno.test("a jump with further matches is shown, and replaced only if that is requested", async () => {
  for (const jump of NARROW) {
    const system = machine(jump, DROP);
    const before = system.dump();
    assertEquals((await system.run("load rules.pk")).status, 0);
    assertEquals(system.dump(), before, jump);
    const text = jump.replace("-A INPUT ", "").replace("--syn", "--tcp-flags FIN,SYN,RST,ACK SYN");
    const { err, status } = await system.run("diff rules.pk");
    assertStringIncludes(err, `IPv4: rule 1 of INPUT (${text}) sends only some packets to ssh`);
    assertEquals(status, 1);
    const list = await system.run("list");
    assertStringIncludes(list.out, "foreign jump");
    assertStringIncludes(list.err, `ssh sees only what its jump lets through: ${text}`);
    const refused = await system.run("init ssh --port 22 --syn --ipv4");
    assertEquals([refused.status, system.dump()], [1, before]);
    const shown = await system.run("diff rules.pk --replace");
    assertStringIncludes(shown.out, "a jump in INPUT has other matches");
    assertEquals((await system.run("load rules.pk --replace")).status, 0);
    assertEquals(system.kernel.chain("ipv4", "INPUT"), [
      "-p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j pk-ssh",
    ]);
  }
});

Deno.test("a foreign jump with a comment is the service's own", async () => {
  const system = machine(JUMP.replace("-j", '-m comment --comment "guards -j ssh" -j'), DROP);
  const { out, err, status } = await system.run("diff rules.pk");
  assertEquals([out, err, status], ["", "the kernel matches the file: nothing to do\n", 0]);
});

Deno.test("a door that expired is no difference, and load takes it away", async () => {
  const system = machine(
    JUMP,
    "-A pk-ssh -s 10.0.0.9/32 -m time --datestop 2020-01-01T00:00:00 -j ACCEPT",
    DROP,
  );
  assertEquals((await system.run("diff rules.pk")).status, 0);
  await system.run("load rules.pk");
  assertEquals(chain(system), ["-j DROP"]);
});
