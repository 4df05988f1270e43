// What hooks read of a chain, `iptables -v -S CHAIN`, beside what iptables-save prints of it.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { readListedRules } from "../../src/firewall/chain_reader.ts";
import { dirtyTable } from "../support/dirty.ts";
import { Box, forEachBackend } from "../support/box.ts";
import { foreignRules } from "../support/foreign/foreign.ts";
import { install, starts } from "../support/fake_iptables/fake_iptables.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";

/** Rules that are hard to parse; `HOST` is replaced by an address. */
const ODD = [
  "",
  "-p tcp",
  "-p tcp -m tcp --dport 22 --syn",
  "! -s HOST -p tcp -m multiport --dports 1,2,8000:8010 -j REJECT --reject-with tcp-reset",
  '-m comment --comment "-c 1 2" -j LOG --log-prefix "-c 1 2 "',
  '-s HOST -m comment --comment "\\" -j ACCEPT" -j DROP',
  '-i "a\\"b" -j RETURN',
  '-m recent --name "a\\"c" --set',
  '-g "pk-a\\"b"',
  "-m recent --name x --rcheck --seconds 5 -j ACCEPT",
  "-m limit --limit 10/minute --limit-burst 7 -j LOG --log-level 6",
  "-j NFQUEUE --queue-num 3",
  "-s HOST -m time --datestop 2030-01-02T03:04:05 -j ACCEPT",
];

/** Chains with these are not read: something in them looks like counters. */
const IN_TWO_WAYS = [
  '-m comment --comment " -c 1 2 "',
  "-m recent --name -c --rcheck --seconds 5 -j ACCEPT",
  '-m comment --comment "x -c 1 2"',
  '-s HOST -m comment --comment "x -c 1 2 -j ACCEPT" -j DROP',
  '-j LOG --log-prefix "x -c 1 2 -j y "',
  '-m recent --name "a -c 1 2" --set',
];

function table(rules: readonly string[], family: Family): string {
  const host = family === "ipv4" ? "203.0.113.9" : "2001:db8::9";
  const lines = rules.map((rule, at) =>
    `[${at * 7}:${at * 420}] -A pk-x ${rule.replaceAll("HOST", host)}`
  );
  const head = '*filter\n:INPUT ACCEPT [0:0]\n:pk-a"b - [0:0]\n:pk-x - [0:0]\n';
  return `${head}${lines.join("\n")}\nCOMMIT\n`;
}

/** A chain's rules with their counters, as its list says and as iptables-save says. */
async function compare(box: Box, { family, saved }: { family: Family; saved: string }) {
  const filter = saved.split("*filter\n")[1]?.split("COMMIT\n")[0] ?? "";
  const chains = [...filter.matchAll(/^:(\S+) -(?: |$)/gm)].map(([, chain = ""]) => chain);
  for (const chain of chains) {
    const printed = await box.iptables(family, "-v", "-S", chain);
    const rules = readListedRules(printed, { chain, family });
    const start = ` -A ${chain}`;
    const wanted = filter.split("\n")
      .filter((line) => line.endsWith(start) || line.includes(`${start} `))
      .map((line) => line.replace(/^\[\d+:\d+\] -A \S+ ?/, (words) => words.split(" ")[0] + " "));
    const read = rules?.map(({ text, packets, bytes }) => `[${packets}:${bytes}] ${text}`);
    assertEquals(read, wanted, `${chain}\n${printed}`);
  }
  return chains.length;
}

forEachBackend(
  "a chain's list says what iptables-save says, whatever is in it",
  async (box) => {
    for (const family of FAMILIES) {
      const tables = [
        table(ODD, family),
        ...foreignRules().map(({ text }) => text[family]),
        ...fc.sample(dirtyTable(family), { numRuns: 40, seed: 11 }).map((lines) =>
          `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n${lines}\nCOMMIT\n`
        ),
      ];
      let chains = 0;
      for (const text of tables) {
        await box.load(family, text);
        chains += await compare(box, { family, saved: await box.save(family, { counters: true }) });
      }
      assert(chains > 100, `${chains} chains`);
    }
  },
);

forEachBackend(
  "a chain whose list is ambiguous is not read from it",
  async (box) => {
    for (const family of FAMILIES) {
      for (const rule of IN_TWO_WAYS) {
        await box.load(family, table([rule, "-j DROP"], family));
        const printed = await box.iptables(family, "-v", "-S", "pk-x");
        assertEquals(readListedRules(printed, { chain: "pk-x", family }), null, printed);
      }
    }
  },
);

forEachBackend(
  "a door is opened and closed beside a rule that can be read in two ways",
  async (box) => {
    const text = '-A pk-ssh -m comment --comment "x -c 1 2 -j ACCEPT"';
    await box.must("init", "ssh", "--port", "22");
    await box.iptables("ipv4", "-I", "pk-ssh", "-m", "comment", "--comment", "x -c 1 2 -j ACCEPT");
    await box.must("add", "203.0.113.9", "--service", "ssh");
    const open = `${text}\n-A pk-ssh -s 203.0.113.9/32 -j ACCEPT\n-A pk-ssh -j DROP\n`;
    assert((await box.save("ipv4")).includes(open), await box.save("ipv4"));
    await box.must("delete", "203.0.113.9", "--service", "ssh");
    assert((await box.save("ipv4")).includes(`${text}\n-A pk-ssh -j DROP\n`));
  },
);

forEachBackend("a service that is not there is distinguished from one that is", async (box) => {
  await box.must("init", "ssh", "--port", "22");
  const { code, stderr } = await box.pktables("add", "203.0.113.9", "--service", "shs");
  assertEquals([code, stderr], [
    4,
    "pktables: error: unknown service `shs` for IPv4 (did you mean `ssh`?)\n",
  ]);
});

forEachBackend("reading a door's chain makes no table where there is none", async (box) => {
  await box.ns.run(["nft", "flush", "ruleset"]);
  await install(box.ns, []);
  assertEquals((await box.pktables("add", "203.0.113.9", "--service", "ssh")).code, 4);
  assertEquals((await starts(box.ns)).map(({ program }) => program), ["iptables", "iptables-save"]);
  if (box.backend === "nft") assertEquals(await box.ns.must(["nft", "list", "ruleset"]), "");
});

Deno.test("a hook works beside rules that only nft understands, and leaves them", async () => {
  await using box = await Box.create("nft");
  const add = ["add", "203.0.113.9", "--service", "ssh"];
  const nft = (...words: string[]) => box.ns.must(["nft", ...words]);
  await box.must("init", "ssh", "--port", "22", "--ipv4");
  await nft("add", "chain", "ip", "filter", "native");
  await nft("add", "rule", "ip", "filter", "native", "ct", "mark", "5", "accept");
  const before = await nft("list", "chain", "ip", "filter", "native");
  await box.must(...add);
  assertStringIncludes(
    await nft("list", "chain", "ip", "filter", "pk-ssh"),
    "ip saddr 203.0.113.9 counter packets 0 bytes 0 accept\n\t\tcounter packets 0 bytes 0 drop",
  );
  assertEquals(await nft("list", "chain", "ip", "filter", "native"), before);
  // In the chain itself such a rule may not be moved: nothing is written.
  await nft("insert", "rule", "ip", "filter", "pk-ssh", "ct", "mark", "5", "accept");
  const chain = await nft("list", "chain", "ip", "filter", "pk-ssh");
  for (const verb of ["add", "delete"]) {
    const { code } = await box.pktables(verb, ...add.slice(1));
    assert(code !== 0, verb);
    assertEquals(await nft("list", "chain", "ip", "filter", "pk-ssh"), chain);
  }
});
