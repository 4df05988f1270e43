// What each match of nft asks of a packet, by nft(8): true, false, or `null` where nobody can know.
import { assertEquals } from "@std/assert";
import { allStages } from "../../src/trace/nft/stages.ts";
import { outsider, packetFrom } from "../../src/trace/packet.ts";
import { readTables } from "../../src/trace/tables.ts";
import { traceStages } from "../../src/trace/verdict.ts";
import { NOW, type Question } from "../support/trace.ts";
import { KNOWN } from "../support/matches.ts";

type Json = unknown;

const named = (first: string, second: string): Json =>
  ["meta", "ct"].includes(first)
    ? { [first]: { key: second } }
    : { payload: { protocol: first, field: second } };

/** `tcp dport`, `meta mark`, `fib daddr type` and the like as nft's JSON has it. */
function leftOf(field: string): Json {
  if (field.startsWith("fib ")) {
    const words = field.split(" ").filter((word) => word !== ".");
    return { fib: { result: words.at(-1), flags: words.slice(1, -1) } };
  }
  const [first = "", second = ""] = field.split(" ");
  return named(first, second);
}

const ANY = { set: [] };
const net = (addr: string, len: number) => ({ prefix: { addr, len } });
const range = (from: Json, to: Json) => ({ range: [from, to] });

/** Whether a rule with these matches lets the packet in, ahead of a policy that drops. */
function holds(
  matches: readonly Json[],
  question: Question = {},
  sets: Readonly<Record<string, Json>> = {},
): boolean | null {
  const { family = "ipv4", protocol = "tcp", port = 22, from } = question;
  const at = { family: "inet", table: "t" };
  const chain = { ...at, name: "in", type: "filter", hook: "input", prio: 0, policy: "drop" };
  const nftables = [
    { table: { family: "inet", name: "t" } },
    ...Object.entries(sets).map(([name, elem]) => ({
      set: { ...at, name, type: "ipv4_addr", elem },
    })),
    { chain },
    { rule: { ...at, chain: "in", expr: [...matches, { accept: null }] } },
  ];
  const options = { now: NOW, interface: "eth0", ...question };
  const to = { family, protocol, port };
  const packet = from === undefined ? outsider(to, options) : packetFrom(to, from, options);
  if (packet === null) throw new TypeError("no packet");
  const stages = allStages(
    [readTables("", { family, backend: "nft" })],
    JSON.stringify({ nftables }),
  );
  const { verdict } = traceStages(stages, packet, question);
  return verdict === "accepted" ? true : verdict === "dropped" ? false : null;
}

type Case = readonly [field: string, op: string, right: Json, holds: boolean | null];

function check(name: string, question: Question, cases: readonly Case[]): void {
  Deno.test(`nft: ${name}`, () => {
    for (const [field, op, right, expected] of cases) {
      const match = { match: { op, left: leftOf(field), right } };
      assertEquals(holds([match], question), expected, `${field} ${op} ${JSON.stringify(right)}`);
    }
  });
}

check("ports and protocols of a TCP packet of an outsider", {}, [
  ["tcp dport", "==", 22, true],
  ["tcp dport", "==", 23, false],
  ["tcp dport", "!=", 22, false],
  ["tcp dport", "!=", 23, true],
  ["tcp dport", "==", { set: [21, 22] }, true],
  ["tcp dport", "==", { set: [{ elem: { val: 22, comment: "x" } }] }, true],
  ["tcp dport", "==", { set: [range(20, 22)] }, true],
  ["tcp dport", "==", range(22, 30), true],
  ["tcp dport", "==", range(23, 30), false],
  ["tcp dport", "==", range(10, 21), false],
  ["tcp dport", "<", 22, false],
  ["tcp dport", "<", 23, true],
  ["tcp dport", "<=", 22, true],
  ["tcp dport", "<=", 21, false],
  ["tcp dport", ">", 22, false],
  ["tcp dport", ">", 21, true],
  ["tcp dport", ">=", 22, true],
  ["tcp dport", ">=", 23, false],
  ["tcp dport", "==", ANY, false],
  ["th dport", "==", 22, true],
  ["udp dport", "==", 22, false],
  ["udp dport", "!=", 23, false],
  ["sctp dport", "==", 22, false],
  ["dccp dport", "==", 22, false],
  ["tcp sport", "==", 80, false],
  ["tcp sport", "==", range(1024, 65535), true],
  ["tcp sport", "==", range(1025, 65535), null],
  ["tcp sport", "==", range(1024, 65534), null],
  ["th sport", "==", range(0, 65535), true],
  ["udp sport", "==", range(0, 65535), false],
  ["meta l4proto", "==", "tcp", true],
  ["meta l4proto", "==", 6, true],
  ["meta l4proto", "==", { set: ["udp", "tcp"] }, true],
  ["meta l4proto", "!=", "tcp", false],
  ["meta l4proto", "==", "xyzzy", null],
  ["ip protocol", "==", "tcp", true],
  ["ip protocol", "==", "icmp", false],
  ["ip6 nexthdr", "==", "tcp", false],
  ["icmp type", "==", "echo-request", false],
  ["icmpv6 type", "==", "echo-request", false],
  ["meta protocol", "==", "ip", true],
  ["meta protocol", "==", "ip6", false],
  ["meta nfproto", "==", "ipv4", true],
  ["meta nfproto", "==", "ipv6", false],
  ["meta nfproto", "!=", "ipv6", true],
  ["tcp window", "==", 5, null],
  ["udp length", "==", 5, false],
  ["esp spi", "==", 5, null],
]);

check("ports and protocols of a UDP packet", { protocol: "udp", port: 53 }, [
  ["udp dport", "==", 53, true],
  ["udp sport", "==", range(1024, 65535), true],
  ["tcp dport", "==", 53, false],
  ["tcp sport", "==", range(0, 65535), false],
  ["tcp window", "==", 5, false],
  ["udp length", "==", 5, null],
  ["meta l4proto", "==", "udp", true],
  ["meta l4proto", "==", 17, true],
]);

check("where an outsider comes from and goes to", {}, [
  ["ip saddr", "==", "203.0.113.9", false],
  ["ip saddr", "!=", "203.0.113.9", true],
  ["ip saddr", "==", net("203.0.113.0", 24), false],
  ["ip saddr", "==", net("0.0.0.0", 0), true],
  ["ip saddr", "==", range("1.0.0.0", "9.0.0.0"), false],
  ["ip saddr", "==", "nonsense", null],
  ["ip saddr", "==", "@friends", false],
  ["ip saddr", "!=", "@friends", true],
  ["ip6 saddr", "==", "2001:db8::1", false],
  ["ip6 saddr", "!=", "2001:db8::1", false],
  ["ip daddr", "==", "198.51.100.1", null],
  ["ip daddr", "==", net("127.0.0.0", 8), false],
  ["ip6 daddr", "==", "::1", false],
  ["fib daddr type", "==", "local", true],
  ["fib daddr type", "==", { set: ["broadcast", "multicast"] }, false],
  ["fib daddr type", "==", "blackhole", null],
  ["fib saddr . iif oif", "==", false, false],
  ["fib saddr . iif oif", "==", "eth0", null],
  ["fib saddr . mark . iif oif", "==", false, false],
]);

check("where a known packet comes from and goes to", KNOWN, [
  ["ip saddr", "==", "203.0.113.9", true],
  ["ip saddr", "==", "203.0.113.8", false],
  ["ip saddr", "==", net("203.0.113.0", 24), true],
  ["ip saddr", "==", net("203.0.112.0", 24), false],
  ["ip saddr", "==", range("203.0.113.9", "203.0.113.20"), true],
  ["ip saddr", "==", range("203.0.113.1", "203.0.113.9"), true],
  ["ip saddr", "==", range("203.0.113.10", "203.0.113.20"), false],
  ["ip saddr", "==", range("203.0.113.1", "203.0.113.8"), false],
  ["ip saddr", "==", { set: ["1.2.3.4", net("203.0.113.8", 29)] }, true],
  ["ip saddr", "!=", { set: ["1.2.3.4", net("203.0.113.8", 29)] }, false],
  ["ip saddr", "==", "@friends", null],
  ["ip daddr", "==", "198.51.100.1", true],
  ["ip daddr", "==", "198.51.100.2", false],
  ["ip daddr", "!=", "198.51.100.2", true],
  ["fib saddr . iif oif", "==", false, null],
]);

check("IPv6", { family: "ipv6", from: "2001:db8::9", destination: "2001:db8:1::1" }, [
  ["ip6 saddr", "==", net("2001:db8::", 64), true],
  ["ip6 saddr", "==", net("2001:db8:1::", 64), false],
  ["ip6 daddr", "==", "2001:db8:1::1", true],
  ["ip saddr", "==", "1.2.3.4", false],
  ["ip daddr", "!=", "1.2.3.4", false],
  ["ip6 nexthdr", "==", "tcp", true],
  ["ip6 nexthdr", "==", "udp", false],
  ["ip protocol", "==", "tcp", false],
  ["meta protocol", "==", "ip6", true],
  ["meta nfproto", "==", "ipv6", true],
  ["ip6 hoplimit", "==", 255, null],
  ["ip ttl", "==", 255, false],
]);

check("the interface, the mark and the kind of packet", {}, [
  ["meta iifname", "==", "eth0", true],
  ["meta iifname", "==", "eth1", false],
  ["meta iifname", "!=", "eth1", true],
  ["meta iifname", "==", "eth*", true],
  ["meta iifname", "==", { set: ["lo", "eth0"] }, true],
  ["meta iif", "==", "lo", false],
  ["meta oifname", "==", "eth0", false],
  ["meta oif", "!=", "eth0", true],
  ["meta mark", "==", 0, true],
  ["meta mark", "==", 1, false],
  ["meta mark", "!=", 1, true],
  ["meta mark", "==", range(0, 5), true],
  ["ct mark", "==", 0, true],
  ["ct mark", "==", 7, false],
  ["meta pkttype", "==", "host", true],
  ["meta pkttype", "==", "unicast", true],
  ["meta pkttype", "==", "broadcast", false],
  ["meta cpu", "==", 1, null],
]);

check("a connection that is new", {}, [
  ["ct state", "in", "new", true],
  ["ct state", "in", ["established", "related"], false],
  ["ct state", "in", ["established", "new"], true],
  ["ct state", "==", "invalid", false],
  ["ct state", "!=", "new", false],
  ["ct state", "==", "untracked", false],
  ["ct status", "in", "dnat", false],
  ["ct status", "in", "seen-reply", false],
  ["ct status", "in", ["snat", "assured"], false],
  ["ct status", "in", "confirmed", null],
  ["ct zone", "==", 1, null],
]);

check("a connection that stands", { ...KNOWN, established: true }, [
  ["ct state", "in", ["established", "related"], true],
  ["ct state", "in", "new", false],
  ["ct status", "in", "seen-reply", true],
  ["ct status", "in", "assured", null],
]);

const flags = (...names: string[]): Json => names.length === 1 ? names[0] : { "|": names };
const masked = (...names: string[]): Json => ({
  "&": [{ payload: { protocol: "tcp", field: "flags" } }, flags(...names)],
});
const whole = { payload: { protocol: "tcp", field: "flags" } };

Deno.test("nft: the flags of a packet that opens a connection are SYN alone", () => {
  const cases: readonly (readonly [left: Json, op: string, right: Json, holds: boolean | null])[] =
    [
      [masked("fin", "syn", "rst", "ack"), "==", "syn", true],
      [masked("fin", "syn", "rst", "ack"), "!=", "syn", false],
      [masked("fin", "syn"), "==", flags("fin", "syn"), false],
      [masked("fin", "rst"), "==", 0, true],
      [masked("ack"), "==", "ack", false],
      [masked("psh", "urg"), "==", 0, true],
      [masked("syn"), "==", 2, true],
      [masked("ecn", "syn"), "==", "syn", null],
      [masked("cwr"), "==", 0, null],
      [masked("nonsense"), "==", "syn", null],
      [whole, "==", "syn", null],
      [whole, "in", "syn", true],
      [whole, "in", ["fin", "ack"], false],
      [whole, "!", "syn", false],
      [whole, "!", ["fin", "rst"], true],
      [whole, "in", "nonsense", null],
    ];
  for (const [left, op, right, expected] of cases) {
    const told = `${JSON.stringify(left)} ${op} ${JSON.stringify(right)}`;
    const match = { match: { op, left, right } };
    assertEquals(holds([match]), expected, told);
    assertEquals(holds([match], { protocol: "udp" }), false, told);
    if (op === "==") assertEquals(holds([match], { ...KNOWN, established: true }), null, told);
  }
});

Deno.test("nft: a named set holds what it lists", () => {
  const match = (right: Json) => ({ match: { op: "==", left: leftOf("ip saddr"), right } });
  const sets = { friends: ["203.0.113.9", net("192.0.2.0", 24)] };
  const from = (address: string) => holds([match("@friends")], { from: address }, sets);
  assertEquals([from("203.0.113.9"), from("192.0.2.77"), from("203.0.113.10")], [
    true,
    true,
    false,
  ]);
  assertEquals(holds([match("@others")], KNOWN, sets), null);
  const ports = { match: { op: "==", left: leftOf("tcp dport"), right: "@ports" } };
  assertEquals(holds([ports], {}, { ports: [22, 80] }), true);
  assertEquals(holds([ports], {}, { ports: [80, range(100, 200)] }), false);
  assertEquals(holds([ports], {}, {}), null);
});
