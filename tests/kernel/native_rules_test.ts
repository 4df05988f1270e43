// Rules that nft(8) wrote into table filter, which iptables-save shows without what they match on. None may
// be moved, rewritten or deleted, and what a verb says of a door is verified by packets.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { expectStatus } from "../support/expect.ts";
import { Namespace, PKTABLES } from "../support/namespace.ts";
import { withStranger } from "../support/outsider.ts";

const NFT = ["--backend", "nft"];
const FILE = "service ssh tcp 22 drop\n";

const RANGE = "ip saddr 10.9.0.3-10.9.0.9 accept";
const UNREADABLE = "the nft tool wrote a rule that iptables cannot read";

/**
 * Rules that let in no visitor here, by the set, range or map that iptables does not show.
 * iptables 1.8.11 fails at a range of addresses, where 1.8.9 shows the rule without it.
 */
const NATIVE: readonly (readonly [string, string])[] = [
  ["ip", "ip saddr 10.9.0.0/24 ip daddr { 10.9.0.77, 10.9.0.78 } accept"],
  ["ip", "ip saddr 10.9.0.2 meta mark { 1, 2 } accept"],
  ["ip", RANGE],
  ["ip", "ip saddr > 10.9.0.6 accept"],
  ["ip", 'ip saddr { 10.9.0.3, 10.9.0.4 } accept comment "pk-allow"'],
  ["ip", 'ip saddr { 10.9.0.3, 10.9.0.4 } accept comment "pk-door"'],
  ["ip", "ip saddr vmap { 10.9.0.3 : accept, 10.9.0.4 : drop }"],
  ["ip", "tcp window 1 accept"],
  ["ip6", "ip6 saddr 2001:db8:9::/64 ip6 daddr { 2001:db8::77, 2001:db8::78 } accept"],
  ["ip6", 'ip6 saddr { 2001:db8::3, 2001:db8::4 } accept comment "pk-allow"'],
];

Deno.test("no rule of nft in a service's chain is widened, moved or deleted by any verb", async () => {
  await withStranger(async ({ server, isOpen }) => {
    const shown: string[] = [];
    for (const [table, rule] of NATIVE) {
      await server.must(["nft", "flush", "ruleset"]);
      await server.must([PKTABLES, "init", "ssh", "--port", "22", ...NFT]);
      // Doors on both sides of it, out of order, so that there is something to sort.
      for (const [family, high] of [["iptables", "10.200.0.9"], ["ip6tables", "2001:db8:ff::9"]]) {
        await server.must([`${family}-nft`, "-I", "pk-ssh", "-s", high!, "-j", "ACCEPT"]);
      }
      await server.must(["nft", "insert", "rule", table, "filter", "pk-ssh", ...rule.split(" ")]);
      const listed = async () => {
        const text = await server.must(["nft", "list", "chain", table, "filter", "pk-ssh"]);
        return text.split("\n").filter((line) => !line.includes("counter"));
      };
      const before = await listed();
      assertEquals(await isOpen(), [false, false], rule);
      const save = table === "ip" ? "iptables-nft-save" : "ip6tables-nft-save";
      const isShown = (await server.run([save, "-t", "filter"])).code === 0;
      if (isShown) shown.push(rule);
      for (
        const line of [
          ...["add 10.8.0.9 --service ssh", "add 2001:db8:1::9 --service ssh", "load -", "sweep"],
          ...["init ssh --port 22 --syn --replace", "delete 10.8.0.9 --service ssh", "load -"],
        ]
      ) {
        const ended = await server.run([PKTABLES, ...line.split(" "), ...NFT], { stdin: FILE });
        // A hook for the other family does its work.
        const works = isShown || line.startsWith("add 2001:");
        expectStatus(ended, works ? 0 : 1);
        if (!works) assertStringIncludes(ended.stderr, UNREADABLE, `${rule}: ${line}`);
        assertEquals(await listed(), before, `${rule}: ${line}`);
      }
      assertEquals(await isOpen(), [false, false], rule);
    }
    const others = NATIVE.map(([, rule]) => rule).filter((rule) => rule !== RANGE);
    assertEquals(shown.filter((rule) => rule !== RANGE), others);
  });
});

Deno.test("no door is moved over a foreign ban, even in a chain that nft wrote to", async () => {
  await withStranger(async ({ server, isOpen }) => {
    const bans: readonly (readonly string[])[] = [
      ["iptables-nft -I pk-ssh 1 -s 10.9.0.2 -j DROP"],
      [
        "iptables-nft -N blocklist",
        "nft add rule ip filter blocklist ip saddr { 10.9.0.2, 9.9.9.8 } drop",
        "iptables-nft -I pk-ssh 1 -j blocklist",
      ],
      [
        "iptables-nft -N trusted",
        "iptables-nft -A trusted -s 10.9.0.7 -j RETURN",
        "iptables-nft -A trusted -j DROP",
        "iptables-nft -I pk-ssh 1 -j trusted",
      ],
    ];
    for (const ban of bans) {
      await server.must(["nft", "flush", "ruleset"]);
      await server.must([PKTABLES, "init", "ssh", "--port", "22", ...NFT]);
      for (const command of ban) await server.must(command.split(" "));
      for (const door of ["10.200.0.9", "10.9.0.0/24"]) {
        await server.must(["iptables-nft", "-I", "pk-ssh", "2", "-s", door, "-j", "ACCEPT"]);
      }
      await server.must(["ip6tables-nft", "-F", "INPUT"]);
      const [before] = await isOpen();
      assertEquals(before, false, ban.join("; "));
      for (const line of ["add 1.1.1.1 --service ssh", "sweep", "load -", "init ssh --port 22"]) {
        const args = [...line.split(" "), ...(line.startsWith("add") ? [] : ["--ipv4"])];
        expectStatus(await server.run([PKTABLES, ...args, ...NFT], { stdin: FILE }), 0);
        assertEquals((await isOpen())[0], false, `${ban.join("; ")}: ${line}`);
      }
    }
  });
});

Deno.test("a jump of nft with a set is a jump with further matches, and stays", async () => {
  await withStranger(async ({ server, isOpen }) => {
    expectStatus(await server.run([PKTABLES, "load", "-", ...NFT], { stdin: FILE }), 0);
    await server.must(["iptables-nft", "-F", "INPUT"]);
    const rule = "ip saddr { 10.9.0.5, 10.9.0.6 } tcp dport 22 jump pk-ssh";
    await server.must(["nft", "add", "rule", "ip", "filter", "INPUT", ...rule.split(" ")]);
    assertEquals((await isOpen())[0], true);
    const diff = await server.run([PKTABLES, "diff", "-", ...NFT], { stdin: FILE });
    expectStatus(diff, 1);
    assertStringIncludes(diff.stderr, "sends only some packets to ssh");
    assertStringIncludes(diff.stderr, "IPv4: port 22 is open to everyone");
    const before = await server.must(["nft", "list", "chain", "ip", "filter", "INPUT"]);
    const loaded = await server.run([PKTABLES, "load", "-", ...NFT], { stdin: FILE });
    assertStringIncludes(expectStatus(loaded, 0).stderr, "IPv4: port 22 is open to everyone");
    assertEquals(await server.must(["nft", "list", "chain", "ip", "filter", "INPUT"]), before);
  });
});

Deno.test("a log with a limit, which iptables-nft writes as nft does, is a rule of ours", async () => {
  await using ns = await Namespace.create();
  const file = 'service ssh tcp 22 drop log prefix "x " limit 10/minute\n';
  await ns.must([PKTABLES, "load", "-", ...NFT], { stdin: file });
  await ns.must(["iptables-nft", "-I", "pk-ssh", "1", "-p", "tcp", "-j", "DROP"]);
  const rules = () => ns.must(["iptables-nft", "-S", "pk-ssh"]);
  expectStatus(await ns.run([PKTABLES, "load", "-", ...NFT], { stdin: file }), 0);
  const once = await rules();
  for (let again = 0; again < 2; again++) {
    expectStatus(await ns.run([PKTABLES, "load", "-", ...NFT], { stdin: file }), 0);
  }
  assertEquals(await rules(), once);
  assertEquals(once.match(/LOG/g)?.length, 1);
  await ns.must([PKTABLES, "remove", "ssh", ...NFT]);
});

Deno.test("a hook that puts doors in order moves none that nft narrowed, wherever it stands", async () => {
  await using server = await Namespace.create();
  await server.must([PKTABLES, "init", "ssh", "--port", "22", "--ipv4", ...NFT]);
  const narrowed = 'ip saddr 10.0.0.1 iifname { "eth0", "eth1" } accept';
  const list = async () =>
    (await server.must(["nft", "list", "chain", "ip", "filter", "pk-ssh"])).split("\n")
      .map((line) => line.trim());
  for (const [ahead, behind] of [["10.0.0.9", null], [null, "10.0.0.9"]]) {
    await server.must(["iptables-nft", "-F", "pk-ssh"]);
    for (const rule of [ahead, "", behind]) {
      if (rule === "") {
        await server.must(["nft", "add", "rule", "ip", "filter", "pk-ssh", ...narrowed.split(" ")]);
      } else if (rule !== null) {
        await server.must(["iptables-nft", "-A", "pk-ssh", "-s", rule!, "-j", "ACCEPT"]);
      }
    }
    await server.must(["iptables-nft", "-A", "pk-ssh", "-j", "DROP"]);
    for (const door of ["10.0.0.5", "10.0.0.0"]) {
      await server.must([PKTABLES, "add", door, "--service", "ssh", ...NFT]);
      const rules = await list();
      assertEquals(rules.filter((line) => line === narrowed).length, 1, rules.join("\n"));
      assertEquals(rules.filter((line) => line.includes("10.0.0.1 ")).length, 1, rules.join("\n"));
    }
  }
});
