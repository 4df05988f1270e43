// States of the kernel made by other tools and by hand: how the verbs treat them, on the real tables
// and, if a verb reports that a port is open or closed, with real packets.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { expectStatus } from "../support/expect.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";
import { Namespace, PKTABLES } from "../support/namespace.ts";
import { answers, serve } from "../support/traffic.ts";

const ADDRESS: Readonly<Record<Family, { door: string; other: string; network: string }>> = {
  ipv4: { door: "198.51.100.7", other: "203.0.113.9", network: "198.51.100.0/24" },
  ipv6: { door: "2001:db8::7", other: "2001:db8:9::9", network: "2001:db8::/64" },
};

/** Makes the service ssh of one family with the given rules in its chain. */
async function ssh(box: Box, family: Family, rules: readonly string[]): Promise<void> {
  const jump = "-A INPUT -p tcp --dport 22 --syn -j pk-ssh";
  const lines = [":INPUT ACCEPT [0:0]", ":pk-ssh - [0:0]", jump];
  const { door, other, network } = ADDRESS[family];
  const chain = rules.map((rule) =>
    `-A pk-ssh ${
      rule.replaceAll("DOOR", door).replaceAll("OTHER", other).replaceAll("NET", network)
    }`
  );
  await box.load(family, ["*filter", ...lines, ...chain, "COMMIT", ""].join("\n"));
}

async function chainOf(box: Box, family: Family): Promise<string[]> {
  const saved = await box.save(family);
  return saved.split("\n").filter((line) => line.startsWith("-A pk-ssh "))
    .map((line) => line.slice("-A pk-ssh ".length));
}

const FILE = "service ssh tcp 22 syn drop\n";

/** Runs a verb that may read a rules file from standard input. */
async function run(box: Box, line: string) {
  return await box.spawn(line.split(" "), { stdin: FILE }).outcome;
}

forEachBackend("a dead ACCEPT stays dead under every verb that writes", async (box) => {
  for (const family of FAMILIES) {
    const { door, other } = ADDRESS[family];
    for (
      const line of [
        ...[`add ${other} --service ssh`, `delete ${door} --service ssh`, "sweep", "load -"],
        "init ssh --port 22 --syn --replace",
      ]
    ) {
      await ssh(box, family, ["-j DROP", "-j ACCEPT", "-s DOOR -j ACCEPT", "-j DROP"]);
      expectStatus(await run(box, line), 0);
      const rules = await chainOf(box, family);
      const open = rules.indexOf("-j ACCEPT");
      assert(open < 0 || rules.indexOf("-j DROP") < open, `${line}: ${rules.join("; ")}`);
    }
  }
});

forEachBackend("every wording of an end keeps a new door ahead of it", async (box) => {
  const ends = [
    '-m comment --comment "shut, for now" -j DROP',
    "-p tcp -j DROP",
    "-p tcp -m tcp --dport 22 -j REJECT",
    "-j NFQUEUE --queue-num 3",
    "-j RETURN",
  ];
  for (const family of FAMILIES) {
    for (const end of ends) {
      await ssh(box, family, [end, "-j DROP"]);
      const before = await chainOf(box, family);
      const added = await run(box, `add ${ADDRESS[family].other} --service ssh`);
      assertStringIncludes(expectStatus(added, 0).stdout, "open");
      const after = await chainOf(box, family);
      assertEquals(after.length, before.length + 1);
      assertStringIncludes(after[0] ?? "", `-s ${ADDRESS[family].other}`);
      assertEquals(after.slice(1), before);
    }
  }
});

forEachBackend(
  "bytes that are not UTF-8 come back as they were, and block nothing",
  async (box) => {
    for (const family of FAMILIES) {
      const { door, other } = ADDRESS[family];
      await ssh(box, family, ["-j DROP"]);
      // printf makes the byte 0xe9: no argument of a process of this test can hold it.
      const add = (rule: string) =>
        `${family === "ipv4" ? "iptables" : "ip6tables"}-${box.backend} -w 10 -I pk-ssh ${rule}`;
      await box.ns.must([
        "sh",
        "-c",
        [
          add(`-s ${door} -m comment --comment "$(printf 'caf\\351')" -j ACCEPT`),
          add(
            `-s ${
              ADDRESS[family].network
            } -p tcp -m comment --comment "$(printf '\\377x')" -j ACCEPT`,
          ),
        ].join(" && "),
      ]);
      const raw = () =>
        box.ns.must(["sh", "-c", `${add("").split(" ")[0]}-save | od -An -c | tr -d ' \\n'`]);
      assertStringIncludes(await raw(), "caf351");
      expectStatus(await run(box, `add ${other} --service ssh`), 0);
      assertStringIncludes(await raw(), "caf351");
      // A longer end rewrites the door: its comment is written back byte for byte.
      const list = JSON.parse(await box.must("list", "ssh", "--json", `--${family}`));
      assertEquals(list.services[0].doors.length, 2);
      const deleted = await run(box, `delete ${door} --service ssh`);
      assertStringIncludes(expectStatus(deleted, 0).stdout, "closed");
      assertStringIncludes(deleted.stderr, "may still get in: rule 1 of pk-ssh");
      const bytes = await raw();
      assertEquals([bytes.includes("caf351"), bytes.includes("377x")], [false, true]);
      assertStringIncludes(
        expectStatus(await run(box, `remove ssh --${family}`), 0).stdout,
        "removed",
      );
    }
  },
);

forEachBackend("a quote in a foreign name costs no door, whatever verb runs", async (box) => {
  for (const family of FAMILIES) {
    const { door, other } = ADDRESS[family];
    await ssh(box, family, ["-s DOOR -j ACCEPT", "-j DROP"]);
    await box.iptables(family, "-N", 'x"y');
    await box.iptables(family, "-A", "INPUT", "-i", 'et"h', "-j", "ACCEPT");
    await box.iptables(family, "-A", "INPUT", "-i", '"eth', "-j", 'x"y');
    await box.iptables(
      family,
      "-A",
      "INPUT",
      "-m",
      "recent",
      "--name",
      'a"b',
      "--rcheck",
      "-j",
      "DROP",
    );
    await box.iptables(family, "-I", "pk-ssh", "-i", 'q"', "-j", "LOG");
    const foreign = (saved: string) => saved.split("\n").filter((line) => line.includes('"'));
    const before = foreign(await box.save(family));
    for (
      const line of [
        ...[`add ${other} --service ssh --${family}`, `load - --${family}`],
        ...[`init ssh --port 22 --syn --replace --${family}`, `sweep --${family}`],
      ]
    ) expectStatus(await run(box, line), 0);
    const rules = await chainOf(box, family);
    assertEquals(rules.filter((rule) => rule.startsWith("-s")).length, 2, rules.join("; "));
    assertStringIncludes(rules.join("\n"), door);
    assertEquals(foreign(await box.save(family)), before);
    expectStatus(await run(box, `remove ssh --${family}`), 0);
  }
});

forEachBackend(
  "a chain that is created between reading and writing is not flushed",
  async (box) => {
    // iptables-save is what a command sees; then the chain is created. The kernel has to refuse.
    for (const family of FAMILIES) {
      await ssh(box, family, ["-s DOOR -j ACCEPT", "-j DROP"]);
      const restore = `${family === "ipv4" ? "iptables" : "ip6tables"}-${box.backend}-restore`;
      const payload = "*filter\n-N pk-ssh\n-A pk-ssh -j DROP\nCOMMIT\n";
      const { code } = await box.ns.run([restore, "--noflush", "-w", "10"], { stdin: payload });
      assertEquals(code === 0, false);
      assertEquals((await chainOf(box, family)).length, 2);
    }
  },
);

Deno.test("an incompatible table is a refusal that names the cause, and loses no door", async () => {
  await using ns = await Namespace.create();
  for (const [family, table] of [["ipv4", "ip"], ["ipv6", "ip6"]] as const) {
    const run = async (line: string) => {
      const args = [...line.split(" "), ...(/add|delete/.test(line) ? [] : [`--${family}`])];
      return await ns.run([PKTABLES, ...args, "--backend", "nft"], { stdin: FILE });
    };
    const { door, other } = ADDRESS[family];
    expectStatus(await run("init ssh --port 22"), 0);
    expectStatus(await run(`add ${door} --service ssh`), 0);
    const listed = () => ns.must(["nft", "list", "table", table, "filter"]);
    const alien = ["ct", "state", "established", "accept"];
    const whole = ["list", "init ssh --port 22 --syn", "load -", "sweep", "remove ssh"];
    const hooks = [`add ${other} --service ssh`, `delete ${door} --service ssh`];
    for (const chain of ["INPUT", "pk-ssh"]) {
      await ns.must(["nft", "add", "rule", table, "filter", chain, ...alien]);
      const before = await listed();
      // A hook reads its own chain: what stands elsewhere does not keep it from its work.
      for (const line of chain === "INPUT" ? whole : [...whole, ...hooks]) {
        const ended = expectStatus(await run(line), 1);
        assertStringIncludes(ended.stderr, "nft", line);
        assertEquals(await listed(), before, line);
      }
    }
  }
});

Deno.test("a hook works beside rules that iptables cannot show, and leaves them alone", async () => {
  await using ns = await Namespace.create();
  const nft = ["--backend", "nft"];
  await ns.must([PKTABLES, "init", "ssh", "--port", "22", ...nft]);
  const alien = ["ct", "state", "established", "accept"];
  await ns.must(["nft", "add", "rule", "ip", "filter", "INPUT", ...alien]);
  const input = () => ns.must(["nft", "list", "chain", "ip", "filter", "INPUT"]);
  const before = await input();
  await ns.must([PKTABLES, "add", "198.51.100.7", "--service", "ssh", ...nft]);
  assertStringIncludes(
    await ns.must(["nft", "list", "chain", "ip", "filter", "pk-ssh"]),
    "198.51.100.7",
  );
  await ns.must([PKTABLES, "delete", "198.51.100.7", "--service", "ssh", ...nft]);
  assertEquals(await input(), before);
});

Deno.test("rules of nft in a service's chain are never widened: real packets", async () => {
  await using server = await Namespace.create();
  await using stranger = await Namespace.create({ sibling: server });
  await server.connect(stranger, {
    here: ["10.9.0.1/30", "2001:db8:9::1/126"],
    there: ["10.9.0.2/30", "2001:db8:9::2/126"],
  });
  await serve(server, [22]);
  const isOpen = async () => [
    await answers(stranger, { protocol: "tcp", address: "10.9.0.1", port: 22 }),
    await answers(stranger, { protocol: "tcp", address: "2001:db8:9::1", port: 22 }),
  ];
  const native = [
    ["ip", "filter", "pk-ssh", "ip saddr @friends accept"],
    ["ip", "filter", "pk-ssh", "ip saddr { 192.0.2.1, 192.0.2.2 } accept"],
    ["ip6", "filter", "pk-ssh", "ip6 saddr @friends accept"],
    ["ip6", "filter", "pk-ssh", "meta iifname { eth7, eth8 } accept"],
  ];
  for (const place of ["insert", "add"]) {
    await server.must(["nft", "flush", "ruleset"]);
    const nft = ["--backend", "nft"];
    await server.must([PKTABLES, "init", "ssh", "--port", "22", ...nft]);
    for (const [table, type] of [["ip", "ipv4_addr"], ["ip6", "ipv6_addr"]] as const) {
      await server.must(["nft", "add", "set", table, "filter", "friends", `{ type ${type}; }`]);
    }
    for (const rule of native) await server.must(["nft", place, "rule", ...rule]);
    assertEquals(await isOpen(), [false, false]);
    const count = async () =>
      (await server.must(["nft", "list", "ruleset"])).match(/@friends accept|[{] .* [}] accept/g);
    const before = await count();
    for (
      const line of [
        ...["add 192.0.2.77 --service ssh", "add 2001:db8::77 --service ssh", "sweep", "load -"],
        ...["delete 192.0.2.77 --service ssh", "init ssh --port 22 --replace --syn", "list"],
      ]
    ) {
      const ended = await server.run([PKTABLES, ...line.split(" "), ...nft], { stdin: FILE });
      expectStatus(ended, 0);
      assertEquals(await isOpen(), [false, false], `${place}, ${line}`);
      assertEquals(await count(), before, `${place}, ${line}`);
    }
  }
});
