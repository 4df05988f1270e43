import { assertEquals } from "@std/assert";
import { forEachBackend } from "../support/box.ts";
import { Namespace, PKTABLES } from "../support/namespace.ts";

/** Status and last line of `trace`. */
async function told(ns: Namespace, line: string): Promise<string> {
  const { code, stdout, stderr } = await ns.run([PKTABLES, "trace", ...line.split(" ")]);
  return `${code} ${stdout.trim().split("\n").at(-1)}${stdout === "" ? stderr : ""}`;
}

forEachBackend("trace distinguishes an address with a door from a stranger", async (box) => {
  await box.must("init", "ssh", "--port", "22", "--syn");
  await box.must("add", "203.0.113.9", "--service", "ssh", "--for", "8h");
  await box.must("add", "2001:db8::9", "--service", "ssh");
  const door = await told(box.ns, "tcp 22 from 203.0.113.9");
  assertEquals(
    door.replace(/7h59m|8h/, "T"),
    "0 accepted by rule 1 of pk-ssh: door, T left",
  );
  assertEquals(
    await told(box.ns, "tcp 22 from 2001:db8::9"),
    "0 accepted by rule 1 of pk-ssh: door",
  );
  assertEquals(
    await told(box.ns, "tcp 22 from anyone --ipv4"),
    "1 dropped by rule 2 of pk-ssh: -j DROP",
  );
  assertEquals(await told(box.ns, "tcp 80 from anyone"), "0 IPv6: accepted by the policy of INPUT");
});

forEachBackend("what is ahead of a service's jump is named", async (box) => {
  await box.must("init", "ssh", "--port", "22", "--ipv4");
  await box.iptables("ipv4", "-I", "INPUT", "-p", "tcp", "--dport", "22", "-j", "ACCEPT");
  assertEquals(
    await told(box.ns, "tcp 22 from anyone --ipv4"),
    "0 accepted by rule 1 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT",
  );
});

Deno.test("tables that only nft knows, and native rules among iptables' own, decide as well", async () => {
  await using ns = await Namespace.create();
  await ns.iptables("nft", "ipv4", "-A", "INPUT", "-p", "tcp", "--dport", "80", "-j", "ACCEPT");
  const nft = (...words: string[]) => ns.must(["nft", ...words]);
  await nft(
    "add",
    "set",
    "ip",
    "filter",
    "friends",
    "{ type ipv4_addr; elements = { 192.0.2.7 }; }",
  );
  await nft("add", "rule", "ip", "filter", "INPUT", "ip", "saddr", "@friends", "accept");
  await ns.iptables("nft", "ipv4", "-A", "INPUT", "-j", "DROP");
  assertEquals(
    await told(ns, "tcp 22 from anyone --ipv4"),
    "1 dropped by rule 3 of INPUT: -j DROP",
  );
  assertEquals(
    await told(ns, "tcp 22 from 192.0.2.7"),
    "0 accepted by rule 2 of INPUT: ip saddr @friends accept",
  );
  await nft("add", "table", "inet", "fw");
  await nft("add", "chain", "inet", "fw", "late", "{ type filter hook input priority 5; }");
  await nft("add", "rule", "inet", "fw", "late", "tcp", "dport", "80", "drop");
  assertEquals(
    await told(ns, "tcp 80 from 192.0.2.7"),
    "1 dropped by rule 1 of late in table inet fw: tcp dport 80 drop",
  );
});

Deno.test("a REDIRECT ahead sends a packet to another port, a DNAT away", async () => {
  await using ns = await Namespace.create();
  const rule = (...words: string[]) => ns.iptables("nft", "ipv4", "-t", "nat", ...words);
  await rule(
    "-A",
    "PREROUTING",
    "-p",
    "tcp",
    "--dport",
    "80",
    "-j",
    "REDIRECT",
    "--to-ports",
    "8080",
  );
  await rule(
    "-A",
    "PREROUTING",
    "-p",
    "tcp",
    "--dport",
    "81",
    "-j",
    "DNAT",
    "--to",
    "192.0.2.7:80",
  );
  await ns.iptables("nft", "ipv4", "-A", "INPUT", "-p", "tcp", "--dport", "8080", "-j", "DROP");
  assertEquals(
    await told(ns, "tcp 80 from 203.0.113.9"),
    "1 dropped at port 8080 by rule 1 of INPUT: -p tcp -m tcp --dport 8080 -j DROP",
  );
  assertEquals(
    await told(ns, "tcp 81 from 203.0.113.9"),
    "1 redirected to 192.0.2.7:80 by rule 2 of PREROUTING in table nat: " +
      "-p tcp -m tcp --dport 81 -j DNAT --to-destination 192.0.2.7:80",
  );
});
