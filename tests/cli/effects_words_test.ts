// What is said where an outsider does not meet what a service says: by policy, and by what is in the way.
import { assertEquals } from "@std/assert";
import { FakeSystem } from "../support/fake_system.ts";
import { err, ok } from "../../src/result.ts";
import { failure } from "../../src/system/failure.ts";

const JUMP = "-A INPUT -p udp -m udp --dport 53 -j pk-dns";

/** A machine with a service that ends like this, and what decides ahead of it. */
function machine(
  { end = "DROP", ahead = "", tables = "" }: { end?: string; ahead?: string; tables?: string },
): FakeSystem {
  const rules = ahead === "" ? JUMP : `-A INPUT ${ahead}\n${JUMP}`;
  const system = new FakeSystem({ ipv4: `:pk-dns - [0:0]\n${rules}\n-A pk-dns -j ${end}` });
  system.around.tables = tables;
  return system;
}

/** What `list` says on standard error, without its first words. */
async function said(system: FakeSystem, line = "list dns --ipv4"): Promise<string> {
  return (await system.run(line)).err.replaceAll("pktables: warning: ", "").trimEnd();
}

const PORT = "-p udp -m udp --dport 53";
const TO_OTHER =
  "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j REDIRECT --to-ports 5353\nCOMMIT\n";
const MANGLE = "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j DROP\nCOMMIT\n";

Deno.test("what decides ahead of a service is told by what it does to a service of its policy", async () => {
  const openHead = "IPv4: port 53 is open to everyone: accepted";
  const doorHead = "IPv4: port 53 is closed ahead of dns, and its doors open nothing:";
  const shutHead = "IPv4: port 53 is closed to everyone:";
  const queued =
    `IPv4: packets to port 53 are decided ahead of dns: queued to a program by rule 1 of INPUT: ${PORT} -j NFQUEUE --queue-num 1`;
  const dropped = `dropped by rule 1 of INPUT: ${PORT} -j DROP`;
  const rejected =
    `rejected by rule 1 of INPUT: ${PORT} -j REJECT --reject-with icmp-port-unreachable`;
  const mangled = "dropped by rule 1 of PREROUTING in table mangle: -p udp -j DROP";
  const cases: readonly [
    given: { ahead?: string; tables?: string },
    closed: string,
    open: string,
  ][] = [
    [{}, "", ""],
    [{ ahead: `${PORT} -j ACCEPT` }, `${openHead} by rule 1 of INPUT: ${PORT} -j ACCEPT`, ""],
    [{ ahead: `${PORT} -j RETURN` }, `${openHead} by the policy of INPUT`, ""],
    [{ ahead: `${PORT} -j DROP` }, `${doorHead} ${dropped}`, `${shutHead} ${dropped}`],
    [{ ahead: `${PORT} -j REJECT` }, `${doorHead} ${rejected}`, `${shutHead} ${rejected}`],
    [{ ahead: `${PORT} -j NFQUEUE --queue-num 1` }, queued, queued],
    [{ ahead: "-s 192.0.2.1/32 -j ACCEPT" }, "", ""],
    [{ ahead: "-s 192.0.2.1/32 -j DROP" }, "", ""],
    [{ ahead: "-p tcp -j DROP" }, "", ""],
    [{ tables: MANGLE }, `${doorHead} ${mangled}`, `${shutHead} ${mangled}`],
    [{ tables: TO_OTHER }, `${openHead} at port 5353 by the policy of INPUT`, ""],
  ];
  for (const [given, closed, open] of cases) {
    for (const end of ["DROP", "REJECT --reject-with icmp-port-unreachable"]) {
      assertEquals(await said(machine({ ...given, end })), closed);
    }
    assertEquals(await said(machine({ ...given, end: "ACCEPT" })), open);
  }
});

Deno.test("what a rule for one address of the machine does is known where its addresses are", async () => {
  const [open, shut] = ["ACCEPT", "DROP"].map((target) => `-d 192.0.2.7/32 -p udp -j ${target}`);
  const unknown =
    "note: IPv4: cannot tell what packets to port 53 meet: depends on rule 1 of INPUT (-d 192.0.2.7/32)";
  const perhaps =
    `note: IPv4: cannot tell whether packets to port 53 reach dns: perhaps dropped by rule 1 of INPUT: ${shut}`;
  assertEquals(await said(machine({ ahead: open! })), unknown);
  assertEquals(await said(machine({ ahead: shut! })), perhaps);
  for (
    const [addresses, ahead, words] of [
      [["192.0.2.8"], open, unknown],
      [["192.0.2.8"], shut, perhaps],
      [
        ["192.0.2.8", "192.0.2.7"],
        open,
        `IPv4: port 53 is open to everyone: accepted by rule 1 of INPUT: ${open}`,
      ],
      [
        ["192.0.2.7"],
        shut,
        `IPv4: port 53 is closed ahead of dns, and its doors open nothing: dropped by rule 1 of INPUT: ${shut}`,
      ],
    ] as const
  ) {
    const system = machine({ ahead: ahead! });
    system.around.addresses = [...addresses];
    assertEquals(await said(system), words, `${addresses} ${ahead}`);
  }
});

Deno.test("an outsider comes by the service's interface, else by the default route's, whatever others have", async () => {
  const lan =
    ":pk-web - [0:0]\n-A INPUT -i lan0 -p udp -j ACCEPT\n-A INPUT -i lan0 -p tcp -m tcp --dport 80 -j pk-web\n-A pk-web -j DROP";
  for (const route of ["eth0", "lan0"]) {
    const system = new FakeSystem({ ipv4: `:pk-dns - [0:0]\n${lan}\n${JUMP}\n-A pk-dns -j DROP` });
    system.around.interface = route;
    assertEquals(
      await said(system, "list --ipv4"),
      route === "eth0"
        ? ""
        : "IPv4: port 53 is open to everyone: accepted by rule 1 of INPUT: -i lan0 -p udp -j ACCEPT",
    );
  }
});

Deno.test("a foreign rule in the service's chain that lets everyone in is told once", async () => {
  const rule = "rule 1 of pk-dns (-p udp -j ACCEPT)";
  const words = `IPv4: dns is open to everyone: ${rule} accepts every packet`;
  const given = { end: "DROP\n-I pk-dns 1 -p udp -j ACCEPT" };
  assertEquals(await said(machine(given)), words);
  for (const line of ["diff --ipv4 rules.pk", "load --ipv4 rules.pk"]) {
    const system = machine(given);
    system.contents["rules.pk"] = "service dns udp 53 drop\n";
    assertEquals(await said(system, line), `${words} (wanted: drop)`);
  }
});

Deno.test("of a range each port is asked about that a rule of INPUT names", async () => {
  const chain = ":pk-lot - [0:0]";
  const jump = "-A INPUT -p tcp -m tcp --dport 1000:2000 -j pk-lot\n-A pk-lot -j DROP";
  for (const port of [1000, 1001, 1500, 2000]) {
    const rule = `-p tcp -m tcp --dport ${port} -j ACCEPT`;
    const system = new FakeSystem({ ipv4: `${chain}\n-A INPUT ${rule}\n${jump}` });
    system.around.tables = "*mangle\n:INPUT ACCEPT [0:0]\n-A INPUT -p icmp -j DROP\nCOMMIT\n";
    assertEquals(
      await said(system, "list lot --ipv4"),
      `IPv4: port ${port} is open to everyone: accepted by rule 1 of INPUT: ${rule}`,
    );
  }
});

Deno.test("what is sure of a later port of a range goes before what is not known of the first", async () => {
  const [perhaps, open] = [
    "-p tcp -m tcp --dport 1000 -m set --match-set ports dst -j ACCEPT",
    "-p tcp -m tcp --dport 1500 -j ACCEPT",
  ];
  const lot = (ahead: string) =>
    new FakeSystem({
      ipv4: `:pk-lot - [0:0]
${ahead}-A INPUT -p tcp -m tcp --dport 1000:2000 -j pk-lot
-A pk-lot -j DROP`,
    });
  const unknown = "depends on rule 1 of INPUT (-m set --match-set ports dst)";
  assertEquals(
    await said(lot(`-A INPUT ${perhaps}\n`), "list lot --ipv4"),
    `note: IPv4: cannot tell what packets to port 1000 meet: ${unknown}`,
  );
  assertEquals(
    await said(lot(`-A INPUT ${perhaps}\n-A INPUT ${open}\n`), "list lot --ipv4"),
    `IPv4: port 1500 is open to everyone: accepted by rule 2 of INPUT: ${open}`,
  );
});

Deno.test("where there is no service nobody asks what packets meet", async () => {
  const system = new FakeSystem();
  let count = 0;
  const { nft } = system.surroundings;
  Object.assign(system.surroundings, { nft: () => (count++, nft()) });
  system.contents["rules.pk"] = "# nothing yet\n";
  for (const line of ["list", "load rules.pk", "diff rules.pk"]) {
    assertEquals([(await system.run(line)).status, count], [0, 0], line);
  }
  await system.run("init ssh --port 22");
  count = 0;
  assertEquals([await said(system, "list"), count], ["", 1]);
});

Deno.test("where packets are sent on to is told, once the machine's addresses say where that is", async () => {
  const rule = "rule 1 of PREROUTING in table nat";
  const dnat = "-p udp -j DNAT --to-destination 192.0.2.7:5353";
  const cases: readonly [addresses: readonly string[] | null, dns: string, knock: string][] = [
    [
      ["192.0.2.7"],
      "port 53 is open to everyone: accepted at port 5353 by the policy of INPUT",
      "the knock of ssh is not heard at udp port 8022: accepted at port 5353 by the policy of INPUT",
    ],
    [
      ["192.0.2.8"],
      `packets to port 53 do not reach dns: redirected to 192.0.2.7:5353 by ${rule}: ${dnat}`,
      `the knock of ssh is not heard at udp port 8022: redirected to 192.0.2.7:5353 by ${rule}: ${dnat}`,
    ],
    [
      null,
      `cannot tell what packets to port 53 meet: depends on ${rule} (whether 192.0.2.7 is an address of this machine)`,
      `whether the knock of ssh is heard at udp port 8022 is not known: depends on ${rule} (whether 192.0.2.7 is an address of this machine)`,
    ],
  ];
  for (const [addresses, dns, knock] of cases) {
    const tables = `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${dnat}\nCOMMIT\n`;
    const system = machine({ tables });
    system.contents["rules.pk"] =
      "service ssh tcp 22 syn knock 7000, 8022:udp, 9003 for 1h by kernel\n";
    await system.run("load rules.pk --ipv4");
    Object.assign(system.surroundings, {
      addresses: () =>
        Promise.resolve(addresses === null ? err(failure("refused", "no")) : ok(addresses)),
    });
    const head = addresses === null ? "note: IPv4: " : "IPv4: ";
    assertEquals(await said(system, "list --ipv4"), `${head}${dns}\n${head}${knock}`);
  }
});

Deno.test("a rule's own words are told as they are", async () => {
  const rule = (port: string) => `${port} -m comment --comment "it is unknown: x" -j DROP`;
  const system = machine({ ahead: rule(PORT) });
  system.contents["rules.pk"] = "service ssh tcp 22 syn knock 7000, 8022, 9003 for 1h by kernel\n";
  await system.run("load rules.pk --ipv4");
  const knock = rule("-p tcp -m tcp --dport 7000");
  system.kernel.load("ipv4", `-I INPUT ${knock}`);
  assertEquals(
    await said(system, "list --ipv4"),
    `IPv4: port 53 is closed ahead of dns, and its doors open nothing: dropped by rule 2 of INPUT: ${
      rule(PORT)
    }
IPv4: the knock of ssh is not heard at tcp port 7000: dropped by rule 1 of INPUT: ${knock}`,
  );
});

Deno.test("a table behind that of the service decides over its doors, and over who is let in", async () => {
  const behind = "dropped by the policy of INPUT (legacy)";
  for (
    const [end, words] of [
      ["DROP", `IPv4: port 53 is closed behind dns, and its doors open nothing: ${behind}`],
      ["ACCEPT", `IPv4: port 53 is closed to everyone: ${behind}`],
    ] as const
  ) {
    const system = machine({ end });
    system.around.legacy = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
    assertEquals(await said(system), words);
  }
});

Deno.test("tables that cannot be read are told once, a family that is not there is none to tell of", async () => {
  for (
    const [kind, words] of [
      ["refused", "cannot check what a packet meets: no table for you"],
      ["absent", ""],
      ["no-family", ""],
    ] as const
  ) {
    const system = machine({ ahead: `${PORT} -j ACCEPT` });
    await system.run("init ssh --port 22");
    Object.assign(system.surroundings, {
      saveAll: () => Promise.resolve(err(failure(kind, "no table for you"))),
    });
    assertEquals(await said(system, "list"), words);
  }
  const system = machine({});
  await system.run("init ssh --port 22");
  Object.assign(system.surroundings, {
    saveAll: (family: "ipv4" | "ipv6") =>
      Promise.resolve(
        family === "ipv4"
          ? err(failure("no-family", "no IPv4"))
          : ok(system.kernel.dump("ipv6").replace(/^(:pk-ssh.*)$/m, "$1\n-A INPUT -p tcp -j DROP")),
      ),
  });
  assertEquals(
    await said(system, "list"),
    "IPv6: port 22 is closed ahead of ssh, and its doors open nothing: dropped by rule 1 of INPUT (nft): -p tcp -j DROP",
  );
});

Deno.test("where a service accepts, but a rule of others in it drops outsiders, what follows it counts", async () => {
  const own = "! -s 10.0.0.0/8 -j DROP";
  const drops = {
    ...{ family: "inet", table: "x", name: "late" },
    ...{ type: "filter", hook: "input", prio: 10, policy: "drop" },
  };
  const table = { table: { family: "inet", name: "x" } };
  for (const nft of [null, JSON.stringify({ nftables: [table, { chain: drops }] })]) {
    const system = new FakeSystem({
      ipv4: `:pk-dns - [0:0]\n${JUMP}\n-A pk-dns ${own}\n-A pk-dns -j ACCEPT`,
    });
    if (nft !== null) system.around.nft = nft;
    const closed = "IPv4: port 53 is closed behind dns, and its doors open nothing: " +
      "dropped by the policy of late in table inet x";
    assertEquals(await said(system), nft === null ? "" : closed);
  }
});
