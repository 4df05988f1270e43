import { assertEquals } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";
import { unconfirmed } from "../support/unconfirmed_machine.ts";

const RULES = `:pk-ssh - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh
-A INPUT -m limit --limit 5/min -j ACCEPT
-A INPUT -j DROP
-A pk-ssh -s 203.0.113.9/32 -m time --datestop 2026-05-06T15:07:09 -j ACCEPT
-A pk-ssh -j DROP`;
const RULES6 = `:pk-ssh - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh
-A pk-ssh -p tcp -j REJECT --reject-with tcp-reset`;

function machine(): FakeSystem {
  return new FakeSystem({ ipv4: RULES, ipv6: RULES6 });
}

Deno.test("trace says what an address meets, on the way and at the end", async () => {
  const ended = await machine().run("trace tcp 22 from 203.0.113.9");
  assertEquals(ended, {
    status: 0,
    out: "accepted by rule 1 of pk-ssh: door, 7h59m left\n",
    err: "rule 3 of INPUT: -p tcp -m tcp --dport 22 -j pk-ssh\n",
  });
});

Deno.test("the status distinguishes who gets in, who does not, and what is unknown", async () => {
  const status = async (line: string) => (await machine().run(`trace ${line}`)).status;
  assertEquals(await status("tcp 22 from 203.0.113.9"), 0);
  assertEquals(await status("tcp 22 from 203.0.113.10"), 1);
  assertEquals(await status("udp 53 from 203.0.113.9"), 5);
  assertEquals(await status("tcp 80 from anyone"), 0);
  assertEquals(await status("tcp 22 from anyone"), 1);
  assertEquals(await status("udp 53 from anyone --ipv4"), 5);
});

Deno.test("anyone is traced in both families, unless an address or an option says which", async () => {
  const { out } = await machine().run("trace tcp 22 from anyone --quiet");
  assertEquals(
    out,
    "IPv4: dropped by rule 2 of pk-ssh: -j DROP\n" +
      "IPv6: rejected by rule 1 of pk-ssh: -p tcp -j REJECT --reject-with tcp-reset\n",
  );
  const only = await machine().run("trace tcp 22 from anyone --ipv6 --quiet");
  assertEquals(
    only.out,
    "rejected by rule 1 of pk-ssh: -p tcp -j REJECT --reject-with tcp-reset\n",
  );
  const to = await machine().run("trace tcp 22 from anyone to 198.51.100.1 --quiet");
  assertEquals(to.out, "dropped by rule 2 of pk-ssh: -j DROP\n");
});

Deno.test("an outsider comes in by the default route's interface, unless `on` says otherwise", async () => {
  const system = new FakeSystem({ ipv4: "-A INPUT -i br-lan -j ACCEPT\n-A INPUT -j DROP" });
  const said = async (line: string) => (await system.run(`trace ${line} --ipv4`)).out;
  assertEquals(await said("tcp 22 from anyone"), "dropped by rule 2 of INPUT: -j DROP\n");
  assertEquals(
    await said("tcp 22 from anyone on br-lan"),
    "accepted by rule 1 of INPUT: -i br-lan -j ACCEPT\n",
  );
  system.around.interface = null;
  assertEquals(
    await said("tcp 22 from anyone"),
    "unknown: depends on rule 1 of INPUT (-i br-lan)\n",
  );
});

Deno.test("the default route is asked for only where an outsider comes in by it", async () => {
  for (
    const [line, asked] of [
      ["tcp 22 from anyone", 2],
      ["tcp 22 from anyone --ipv4", 1],
      ["tcp 22 from anyone on eth1", 0],
      ["tcp 22 from 203.0.113.9", 0],
      ["tcp 22 from 203.0.113.9 on eth1", 0],
    ] as const
  ) {
    const system = machine();
    let count = 0;
    const { defaultInterface } = system.surroundings;
    Object.assign(system.surroundings, {
      defaultInterface: (...family: Parameters<typeof defaultInterface>) => {
        count++;
        return defaultInterface(...family);
      },
    });
    await system.run(`trace ${line}`);
    assertEquals(count, asked, line);
  }
});

Deno.test("an address that is named may come by any interface, an outsider comes by the service's", async () => {
  const system = new FakeSystem();
  system.contents["a.pk"] = "service ssh tcp 22 drop on eth1 ipv4\n";
  const said = async (line: string) => (await system.run(`trace ${line} --file a.pk -q`)).out;
  assertEquals(
    await said("tcp 22 from 203.0.113.9"),
    "unknown: depends on rule 1 of INPUT (-i eth1)\n",
  );
  assertEquals(
    await said("tcp 22 from 203.0.113.9 on eth1"),
    "dropped by rule 1 of pk-ssh: -j DROP\n",
  );
  assertEquals(
    await said("tcp 22 from anyone --ipv4"),
    "dropped by rule 1 of pk-ssh: -j DROP\n",
  );
  assertEquals(
    await said("tcp 22 from anyone on eth0 --ipv4"),
    "accepted by the policy of INPUT\n",
  );
});

Deno.test("of a machine with several addresses the one that is asked about counts", async () => {
  const system = new FakeSystem({
    ipv4: "-A INPUT -d 198.51.100.1/32 -j DROP\n-A INPUT -s 203.0.113.9/32 -j ACCEPT",
  });
  system.around.addresses = ["198.51.100.1", "198.51.100.2"];
  for (const [to, status] of [["to 198.51.100.1", 1], ["to 198.51.100.2", 0]] as const) {
    for (const from of ["203.0.113.9", "anyone"]) {
      assertEquals((await system.run(`trace tcp 22 from ${from} ${to} --ipv4`)).status, status);
    }
  }
});

Deno.test("a note says that an answer holds while rules are unconfirmed, where it comes by them", async () => {
  const system = await unconfirmed();
  const note = "note: this applies while rules are unconfirmed: `pktables list` shows how long\n";
  for (
    const [line, isTold] of [["tcp 2222 from anyone", true], ["udp 9 from anyone", false]] as const
  ) {
    const { err } = await system.run(`trace ${line}`);
    assertEquals(err.endsWith(note), isTold, err);
    assertEquals(err.split(note).length, isTold ? 2 : 1);
  }
});

Deno.test("`established` traces a packet of an established connection", async () => {
  const system = new FakeSystem({
    ipv4: "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -j DROP",
  });
  assertEquals((await system.run("trace tcp 22 from 203.0.113.9")).status, 1);
  assertEquals((await system.run("trace tcp 22 established from 203.0.113.9")).status, 0);
});

Deno.test("tables of the other iptables and of nft decide as well", async () => {
  const system = machine();
  system.around.legacy = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
  const legacy = await system.run("trace tcp 80 from 203.0.113.9 --quiet");
  assertEquals([legacy.status, legacy.out], [1, "dropped by the policy of INPUT (legacy)\n"]);
  system.around.legacy = "";
  system.around.nft = "no JSON here";
  const nft = await system.run("trace tcp 80 from 203.0.113.9 --quiet");
  assertEquals(nft.status, 5);
});

Deno.test("trace takes no lock, writes nothing and gives up the right to files", async () => {
  const system = machine();
  await system.run("trace tcp 22 from anyone");
  assertEquals(system.steps, ["drop"]);
  assertEquals([...new Set(system.kernel.calls.map(({ verb }) => verb))], ["save-all"]);
});

Deno.test("programs get one object, a member a family", async () => {
  const { out, err } = await machine().run("trace tcp 22 from anyone --json");
  const read = JSON.parse(out);
  assertEquals(err, "");
  assertEquals(Object.keys(read), ["ipv4", "ipv6"]);
  assertEquals(read.ipv4.verdict, "dropped");
  assertEquals(read.ipv4.outcomes[0].by.number, 2);
});

Deno.test("no control character of a rule's comment gets into the JSON", async () => {
  const rule = '-A INPUT -p tcp -m comment --comment "a\u009b\u202eb" -j DROP';
  const { out } = await new FakeSystem({ ipv4: rule }).run("trace tcp 22 from 192.0.2.1 --json");
  assertEquals(/[\u009b\u202e]/.test(out), false);
  assertEquals(JSON.parse(out).ipv4.outcomes[0].by.text.includes("a\u009b\u202eb"), true);
});

Deno.test("a wrong question is reported by its first wrong word", async () => {
  const cases: readonly (readonly [line: string, told: string])[] = [
    ["icmp 8 from anyone", "invalid protocol `icmp`: must be tcp or udp"],
    ["tcp 70000 from anyone", "invalid port `70000`: must be 1-65535"],
    ["tcp 022 from anyone", "invalid port `022`: must be 1-65535"],
    ["tcp 22 to 1.2.3.4", "`trace` needs `from ADDRESS` or `from anyone`"],
    ["tcp 22 from anyone 1.2.3.4", "unexpected argument `1.2.3.4`"],
    ["tcp 22 from anyone from 1.2.3.4", "duplicate `from`"],
    ["tcp 22 from 1.2.3.0/24", "invalid host address `1.2.3.0/24`"],
    ["tcp 22 from 1.2.3.4 to ::1", "one address is IPv4 and the other IPv6"],
    ["tcp 22 from 1.2.3.4 on", "missing value after `on`"],
    ["tcp 22 from 1.2.3.4 --ipv6", "the address is IPv4, and --ipv6 excludes it"],
  ];
  for (const [line, told] of cases) {
    const { status, err } = await machine().run(`trace ${line}`);
    assertEquals([status, err.includes(told)], [2, true], `${line}: ${err}`);
  }
});

Deno.test("a failed read is reported, and its status is that of an unknown result", async () => {
  const system = machine();
  const problem = { kind: "not-root", message: "this needs root", raw: "" } as const;
  system.kernel.faults = { save: { family: "ipv4", problem } };
  const { status, err } = await system.run("trace tcp 22 from 203.0.113.9");
  assertEquals([status, err], [5, "pktables: error: this needs root\n"]);
});

Deno.test("without IPv6 on the machine anyone is traced in IPv4, and a note says so", async () => {
  const system = machine();
  const problem = { kind: "no-family", message: "switched off", raw: "" } as const;
  system.kernel.faults = { save: { family: "ipv6", problem } };
  assertEquals(await system.run("trace tcp 80 from anyone"), {
    status: 0,
    out: "accepted by rule 2 of INPUT: -p tcp -m tcp --dport 80 -j ACCEPT\n",
    err: "note: no IPv6 here (switched off)\n",
  });
  assertEquals((await system.run("trace tcp 80 from anyone --ipv6")).status, 5);
});

Deno.test("without nft a note says that what only nft shows is left out", async () => {
  const system = machine();
  const note = "note: without nft, tables and matches that only nft shows are left out\n";
  assertEquals((await system.run("trace tcp 80 from anyone")).err.includes(note), false);
  system.around.nft = null;
  assertEquals((await system.run("trace tcp 80 from anyone")).err.includes(note), true);
});

Deno.test("what an answer depends on is a list of its own for programs", async () => {
  const system = new FakeSystem({
    ipv4: "-A INPUT -m limit --limit 5/min -j ACCEPT\n-A INPUT -j DROP",
  });
  const { status, out } = await system.run("trace tcp 22 from 203.0.113.9 --json");
  const { ipv4, ...others } = JSON.parse(out);
  assertEquals([status, others, ipv4.verdict, ipv4.depends.length], [5, {}, "unknown", 1]);
  assertEquals(Object.keys(ipv4), ["verdict", "words", "outcomes", "depends"]);
  const keys = ["verdict", "by", "reason", "path", "translated"];
  for (const one of ipv4.outcomes) assertEquals(Object.keys(one), keys);
  assertEquals(ipv4.outcomes.map(({ verdict }: { verdict: string }) => verdict).sort(), [
    "accepted",
    "dropped",
  ]);
});
