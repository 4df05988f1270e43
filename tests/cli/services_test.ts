import { assertEquals, assertStringIncludes } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";

function chains(system: FakeSystem, name: string) {
  return (["ipv4", "ipv6"] as const).map((family) => system.kernel.chain(family, name));
}

const JUMP = "-p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j pk-ssh";

Deno.test("init makes a service in both families, tested before the first is written", async () => {
  const system = new FakeSystem({ ipv4: "-A INPUT -i lo -j ACCEPT" });
  assertEquals(await system.run("init ssh --port 22 --syn"), {
    status: 0,
    out: "ssh: created (IPv4 and IPv6)\n",
    err: "",
  });
  assertEquals(chains(system, "pk-ssh"), [["-j DROP"], ["-j DROP"]]);
  assertEquals(chains(system, "INPUT"), [["-i lo -j ACCEPT", JUMP], [JUMP]]);
  assertEquals(system.kernel.calls.map(({ verb, family }) => `${verb} ${family}`), [
    "save ipv4",
    "save ipv6",
    "test ipv4",
    "test ipv6",
    "write ipv4",
    "write ipv6",
    // What an outsider meets now.
    "save-all ipv4",
    "save-all ipv6",
  ]);
  assertEquals(system.steps, ["lock 10", "drop", "unlock"]);
});

Deno.test("init of an equal service does nothing and says so, doors or not", async () => {
  const system = new FakeSystem();
  const line =
    "init web --port 443,80,8000-8010 --accept --log --log-prefix a~b --log-level info --log-limit 60/hour --log-burst 7";
  await system.run(line);
  await system.run("add 10.0.0.1 --service web");
  const writes = system.kernel.writes.length;
  assertEquals(await system.run(line), {
    status: 0,
    out: "web: already exists: nothing to do (IPv4 and IPv6)\n",
    err: "",
  });
  assertEquals(
    (await system.run(line.replace("60/hour", "1/minute").replace("info", "6"))).status,
    0,
  );
  assertEquals(system.kernel.writes.length, writes);
  assertEquals(chains(system, "pk-web")[1], [
    '-m limit --limit 1/min --limit-burst 7 -j LOG --log-prefix "a b" --log-level 6',
    "-j ACCEPT",
  ]);
});

Deno.test("init of a different service shows the difference and changes nothing", async () => {
  const system = new FakeSystem();
  await system.run("init ssh --port 22 --syn");
  const before = system.dump();
  const { status, out, err } = await system.run(
    "init ssh --port 22,2222 --accept --log --log-limit 10/minute",
  );
  assertEquals([status, out, system.dump()], [1, "", before]);
  assertEquals(err.split("\n").slice(0, 5), [
    "pktables: error: service ssh exists and differs:",
    "  IPv4 ports: 22 (wanted: 22,2222)",
    "  IPv4 syn: yes (wanted: no)",
    "  IPv4 policy: drop (wanted: accept)",
    "  IPv4 log: none (wanted: level warning limit 10/minute burst 5)",
  ]);
  assertStringIncludes(err, "use --replace to change it; its doors stay open");
});

Deno.test("init --replace keeps doors, counters and the place of the jump", async () => {
  const system = new FakeSystem({
    ipv4:
      `:pk-ssh - [0:0]\n[9:9] -A INPUT -p tcp -m tcp --dport 22 -j pk-ssh\n-A INPUT -i lo -j ACCEPT
[4:240] -A pk-ssh -s 10.0.0.9 -j ACCEPT\n-A pk-ssh -j DROP`,
  });
  const { status, out } = await system.run("init ssh --port 23 --accept --replace");
  assertEquals([status, out], [0, "ssh: replaced (IPv4), created (IPv6)\n"]);
  assertEquals(chains(system, "pk-ssh")[0], ["[4:240] -s 10.0.0.9/32 -j ACCEPT", "-j ACCEPT"]);
  assertEquals(chains(system, "INPUT")[0], [
    "-p tcp -m tcp --dport 23 -j pk-ssh",
    "-i lo -j ACCEPT",
  ]);
});

Deno.test("init repairs what a kill between the families left, and duplicate jumps", async () => {
  const system = new FakeSystem({ ipv4: ":pk-ssh - [0:0]\n-A pk-ssh -s 10.0.0.9 -j ACCEPT" });
  assertEquals(
    (await system.run("init ssh --port 22")).out,
    "ssh: repaired (IPv4), created (IPv6)\n",
  );
  assertEquals(chains(system, "pk-ssh")[0], ["-s 10.0.0.9/32 -j ACCEPT", "-j DROP"]);
  system.kernel.load("ipv4", "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh");
  assertEquals((await system.run("init ssh --port 22")).status, 0);
  assertEquals(chains(system, "INPUT")[0], ["-p tcp -m tcp --dport 22 -j pk-ssh"]);
});

Deno.test("more ports than one match holds make more jumps", async () => {
  const system = new FakeSystem();
  const ports = Array.from({ length: 16 }, (_, at) => at * 2 + 1).join(",");
  await system.run(`init many --udp --port ${ports}`);
  assertEquals(chains(system, "INPUT")[0], [
    "-p udp -m multiport --dports 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29 -j pk-many",
    "-p udp -m udp --dport 31 -j pk-many",
  ]);
  assertStringIncludes((await system.run(`init many --udp --port ${ports}`)).out, "nothing to do");
});

Deno.test("a foreign jump is not replaced silently", async () => {
  const system = new FakeSystem({
    ipv4: ":pk-ssh - [0:0]\n-A INPUT -i eth1 -p tcp -j pk-ssh\n-A pk-ssh -j DROP",
  });
  const { status, err } = await system.run("init ssh --port 22 --ipv4");
  assertEquals(status, 1);
  assertStringIncludes(
    err,
    "IPv4 jump: -i eth1 -p tcp -j pk-ssh (wanted: -p tcp -m tcp --dport 22 -j pk-ssh)",
  );
});

Deno.test("init puts the jump ahead of a rule that takes every packet, or warns where it may not", async () => {
  const system = new FakeSystem({
    ipv4: "-A INPUT -i lo -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-host-prohibited",
  });
  const { status, out, err } = await system.run("init ssh --port 22");
  assertEquals([status, err], [0, ""]);
  const rule = "rule 2 of INPUT: -j REJECT --reject-with icmp-host-prohibited";
  assertEquals(out, `ssh: created (IPv4 and IPv6), ahead of ${rule}\n`);
  assertEquals(
    (await system.run("init web --port 80 --append")).err,
    `pktables: warning: IPv4: port 80 is closed ahead of web, and its doors open nothing: rejected by ${
      rule.replace("2", "3")
    }\n`,
  );
});

Deno.test("--ipv4 and --ipv6 narrow every verb to one family", async () => {
  const system = new FakeSystem();
  await system.run("init ssh --port 22 --ipv6");
  assertEquals(chains(system, "pk-ssh"), [null, ["-j DROP"]]);
  assertEquals((await system.run("remove ssh --ipv4")).status, 4);
  assertEquals(
    (await system.run("init ssh --port 22")).out,
    "ssh: created (IPv4), already exists: nothing to do (IPv6)\n",
  );
  assertEquals((await system.run("remove ssh --ipv6")).out, "ssh: removed (IPv6)\n");
  assertEquals(chains(system, "pk-ssh"), [["-j DROP"], null]);
});

Deno.test("remove takes the chain and every jump to it, and leaves all else", async () => {
  const foreign = ":theirs - [0:0]\n[1:1] -A INPUT -i lo -j ACCEPT\n-A FORWARD -j theirs";
  const system = new FakeSystem({ ipv4: foreign });
  const before = system.dump();
  await system.run("init ssh --port 22");
  await system.run("init web --port 80 --ipv4");
  await system.run("add 10.0.0.1 --service ssh");
  system.kernel.load(
    "ipv4",
    "-I FORWARD 1 -j pk-ssh\n-A theirs -i lo -g pk-ssh\n-A pk-web -s 10.0.0.1 -j pk-ssh",
  );
  assertEquals(await system.run("remove ssh web"), {
    status: 0,
    out: "ssh: removed (IPv4 and IPv6)\nweb: removed (IPv4)\n",
    err: "",
  });
  assertEquals(system.dump(), before);
});

Deno.test("remove of what is not there is status 4 and removes nothing else either", async () => {
  const system = new FakeSystem();
  await system.run("init ssh --port 22");
  const before = system.dump();
  const { status, err } = await system.run("remove ssh sshd");
  assertEquals([status, err, system.dump()], [
    4,
    "pktables: error: unknown service `sshd` (did you mean `ssh`?)\n",
    before,
  ]);
  assertEquals((await system.run("remove ssh ssh")).out, "ssh: removed (IPv4 and IPv6)\n");
  assertEquals((await system.run("remove ssh")).status, 4);
});

Deno.test("remove --all leaves nothing of ours, and twice is the same as once", async () => {
  const system = new FakeSystem();
  const before = system.dump();
  await system.run("init ssh --port 22");
  await system.run("init web --port 80");
  system.kernel.load("ipv4", "-I pk-ssh 1 -j pk-web\n-I pk-web 1 -i lo -j pk-ssh");
  assertEquals((await system.run("remove --all")).status, 0);
  assertEquals(system.dump(), before);
  assertEquals(await system.run("remove --all"), {
    status: 0,
    out: "no services: nothing to do\n",
    err: "",
  });
});

Deno.test("a wrong command line for a service is status 2 and touches nothing", async () => {
  for (
    const [line, told] of [
      ["init ssh", "`init` needs `--port PORTS`"],
      ["init --port 22", "`init` needs NAME"],
      ["init 9a --port 22", "invalid service name `9a`"],
      [`init ${"x".repeat(26)} --port 22`, "at most 25 characters"],
      ["init ssh --port 0", "must be 1-65535"],
      ["init ssh --port 20-10", "an ascending range"],
      ["init ssh --port ssh", "invalid port `ssh`"],
      ["init ssh --port 22 --udp --syn", "exclude each other"],
      ["init ssh --port 22 --log-prefix=", "invalid log prefix"],
      [`init ssh --port 22 --log-prefix ${"x".repeat(30)}`, "invalid log prefix"],
      ["init ssh --port 22 --log-level loud", "invalid log level `loud`"],
      ["init ssh --port 22 --log-limit 10", "invalid rate"],
      ["init ssh --port 22 --log-limit 0/minute", "invalid rate"],
      ["init ssh --port 22 --log-limit 1/hour --log-burst 0", "invalid burst"],
      ["init ssh --port 22 --log-limit 1/hour --log-burst 1e1", "invalid burst"],
      ["init ssh --port 22 --log-limit 1/second --log-burst 10001", "invalid burst"],
      [
        "init ssh --port 22 --log-limit 1/day --log-burst 2",
        "a burst of 2 at 1/day: it takes more than a day to refill (write --log-burst 1 or less)",
      ],
      ["init ssh --port 22 --log-limit 1/hour --log-burst 25", "(write --log-burst 24 or less)"],
      ["init ssh --port 22 --log-burst 3", "`--log-burst` needs `--log-limit`"],
      ["remove", "`remove` needs NAME or `--all`"],
      ["remove ssh --all", "exclude each other"],
      ["remove a/b", "invalid service name `a/b`"],
      ["list a/b", "invalid service name `a/b`"],
      ["list --json --raw", "exclude each other"],
      ["help nothing", "no help on `nothing`"],
      ["help delet", "did you mean `delete`?"],
    ] as const
  ) {
    const system = new FakeSystem();
    const { status, out, err } = await system.run(line);
    assertEquals([status, out, system.kernel.calls, system.steps], [2, "", [], []], line);
    assertStringIncludes(err, told);
  }
});
