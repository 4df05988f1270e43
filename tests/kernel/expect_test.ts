import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Box, forEachBackend } from "../support/box.ts";
import { Namespace, PKTABLES } from "../support/namespace.ts";

const FILE = "/mnt/rules.pk";
const RULES = `define office = 198.51.100.0/24, 2001:db8::/48
service ssh tcp 22 syn drop allow office
expect tcp 22 from office accept
expect tcp 22 from anyone drop
`;

async function write(ns: Namespace, text: string): Promise<void> {
  await Deno.writeTextFile(ns.path(FILE), text);
}

forEachBackend(
  "a rule ahead that lets everyone in keeps the file from being loaded, and nothing is changed",
  async (box) => {
    await write(box.ns, "service ssh tcp 22 syn drop\n");
    await box.must("load", FILE);
    await write(box.ns, RULES);
    // Ahead of a jump that is there, and keeps its place.
    const rule = ["INPUT", "-p", "tcp", "--dport", "22", "-j", "ACCEPT"];
    await box.iptables("ipv6", "-I", ...rule);
    const before = await box.saveAll();
    const refused = await box.pktables("load", FILE);
    assertEquals([refused.code, refused.stdout], [1, ""]);
    assertEquals(
      refused.stderr,
      `pktables: error: ${FILE}:4: \`expect tcp 22 from anyone drop\` is not met: accepted by rule 1 ` +
        "of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT (IPv6)\n" +
        "pktables: error: nothing was changed: 1 expectation is not met (--force loads anyway)\n",
    );
    assertEquals(await box.saveAll(), before);
    const shown = await box.pktables("diff", FILE);
    assertEquals(shown.code, 1);
    assertStringIncludes(
      shown.stdout,
      "expect tcp 22 from anyone drop (/mnt/rules.pk:4): not met:",
    );
    await box.iptables("ipv6", "-D", ...rule);
    assertEquals((await box.pktables("load", FILE)).code, 0);
    const same = await box.pktables("diff", FILE);
    assertEquals([same.code, same.stdout], [0, ""]);
    // Added later, it is a difference although nothing is to be written.
    await box.iptables("ipv6", "-I", ...rule);
    assertEquals((await box.pktables("diff", FILE, "--json")).code, 1);
    assertEquals((await box.pktables("load", FILE)).code, 1);
    const forced = await box.pktables("load", FILE, "--force");
    assertEquals([forced.code, forced.stdout], [0, "ssh  unchanged\n"]);
    assertStringIncludes(forced.stderr, "loaded anyway because of --force");
  },
);

forEachBackend("a machine on which iptables was never used is judged as well", async (box) => {
  await using ns = await Namespace.create();
  await write(ns, "service ssh tcp 22 accept\nexpect tcp 22 from anyone drop\n");
  const backend = ["--backend", box.backend];
  const refused = await ns.run([PKTABLES, "load", FILE, ...backend]);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "accepted by rule 1 of pk-ssh: -j ACCEPT (IPv4 and IPv6)");
  await write(ns, RULES);
  const { code, stdout, stderr } = await ns.run([PKTABLES, "load", FILE, ...backend]);
  assertEquals([code, stdout, stderr], [0, "ssh  created\n", ""]);
});

Deno.test("the other iptables and tables of nft decide over what a file expects", async () => {
  await using ns = await Namespace.create();
  await write(ns, "service web tcp 80 accept\nexpect tcp 80 from anyone accept\n");
  const load = (...words: string[]) => ns.run([PKTABLES, "load", FILE, ...words]);
  await ns.iptables("legacy", "ipv4", "-P", "INPUT", "DROP");
  const legacy = await load();
  assertEquals(legacy.code, 1);
  assertStringIncludes(legacy.stderr, "dropped by the policy of INPUT (legacy) (IPv4)");
  await ns.iptables("legacy", "ipv4", "-P", "INPUT", "ACCEPT");
  await ns.must(["nft", "add table inet guard"]);
  await ns.must([
    "nft",
    "add chain inet guard late { type filter hook input priority 10; policy drop; }",
  ]);
  const nft = await load();
  assertEquals(nft.code, 1);
  assertStringIncludes(nft.stderr, "dropped by the policy of late in table inet guard");
  await ns.must(["nft", "delete table inet guard"]);
  assertEquals((await load()).code, 0);
});

Deno.test("rules of nft among those of iptables stay what they are in a plan", async () => {
  await using box = await Box.create("nft");
  await write(box.ns, "service ssh tcp 22 syn drop\n");
  await box.must("load", FILE);
  // iptables-save prints it as a bare `-j ACCEPT`.
  await box.ns.must([
    "nft",
    "add set ip filter friends { type ipv4_addr; elements = { 192.0.2.7 }; }",
  ]);
  await box.ns.must(["nft", "insert rule ip filter INPUT ip saddr @friends accept"]);
  await write(box.ns, RULES);
  const { code, stderr } = await box.pktables("load", FILE);
  assertEquals([code, stderr.includes("expect")], [0, false], stderr);
  await write(box.ns, `${RULES}expect tcp 22 from 192.0.2.7 drop\n`);
  const refused = await box.pktables("diff", FILE);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stdout, "accepted by rule 1 of INPUT: ip saddr @friends accept");
});

Deno.test("trace uses a file, and the kernel as a load would leave it", async () => {
  await using box = await Box.create("nft");
  await write(box.ns, "service ssh tcp 22 accept\n");
  await box.must("load", FILE);
  await box.iptables("ipv4", "-I", "INPUT", "-p", "tcp", "-j", "ACCEPT");
  await write(box.ns, RULES);
  const trace = (...words: string[]) =>
    box.pktables("trace", "tcp", "22", "from", "anyone", "--ipv4", "--file", FILE, ...words);
  const before = await box.saveAll();
  const alone = await trace();
  assertEquals([alone.code, alone.stdout], [1, "dropped by rule 2 of pk-ssh: -j DROP\n"]);
  const all = await trace("--all");
  assertEquals([all.code, all.stdout], [
    0,
    "accepted by rule 1 of INPUT: -p tcp -j ACCEPT\n",
  ]);
  assert(await box.saveAll() === before);
});
