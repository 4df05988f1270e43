// What matches of nft ask of the connection, the interface, marks, flags and named sets.
import { assertEquals } from "@std/assert";
import type { Json } from "../../src/trace/nft/json.ts";
import { KNOWN } from "../support/matches.ts";
import { checkFields, leftOf, net, nftHolds, range } from "../support/nft_rules.ts";

checkFields("the interface, the mark and the kind of packet", {}, [
  ["meta iifname", "==", "eth0", true],
  ["meta iifname", "==", "eth1", false],
  ["meta iifname", "!=", "eth1", true],
  ["meta iifname", "==", "eth*", true],
  ["meta iifname", "==", "wlan*", false],
  ["meta iifname", "==", "*", true],
  ["meta iifname", "==", "@cables", null],
  ["meta iifname", "==", 'et"h', null],
  ["meta pkttype", "==", "@kinds", null],
  ["meta pkttype", "==", { set: ["broadcast", "host"] }, true],
  ["meta mark", "==", "@marks", null],
  ["ct mark", "==", { set: [7, 0] }, true],
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
  // Numbers are compared by their order where they are ports, else nobody says.
  ["meta mark", "<", 5, null],
  ["meta pkttype", "<", 3, null],
  ["meta protocol", ">", 5, null],
]);

checkFields("a connection that is new", {}, [
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
  ["ct status", "in", "expected", false],
  ["ct status", "in", "snat", false],
  ["ct status", "in", "assured", false],
  ["ct status", "in", ["assured", "confirmed"], null],
  ["ct state", "in", "xyzzy", null],
  ["ct state", "in", { set: ["new", "untracked"] }, true],
  ["ct zone", "==", 1, null],
]);

checkFields("a connection that stands", { ...KNOWN, established: true }, [
  ["ct state", "in", ["established", "related"], true],
  ["ct state", "in", "new", false],
  ["ct status", "in", "seen-reply", true],
  ["ct status", "in", "assured", null],
  ["ct status", "in", "snat", null],
  ["ct status", "in", "expected", null],
  ["ct status", "in", "dnat", false],
  ["ct mark", "==", 0, null],
  ["ct mark", "!=", 0, null],
]);

const flags = (...names: string[]): Json => names.length === 1 ? names[0]! : { "|": names };
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
    assertEquals(nftHolds([match]), expected, told);
    assertEquals(nftHolds([match], { protocol: "udp" }), false, told);
    if (op === "==") assertEquals(nftHolds([match], { ...KNOWN, established: true }), null, told);
  }
});

Deno.test("nft: a named set holds what it lists", () => {
  const match = (right: Json) => ({ match: { op: "==", left: leftOf("ip saddr"), right } });
  const sets = { friends: ["203.0.113.9", net("192.0.2.0", 24)] };
  const from = (address: string) => nftHolds([match("@friends")], { from: address }, { sets });
  assertEquals([from("203.0.113.9"), from("192.0.2.77"), from("203.0.113.10")], [
    true,
    true,
    false,
  ]);
  assertEquals(nftHolds([match("@others")], KNOWN, { sets }), null);
  const ports = { match: { op: "==", left: leftOf("tcp dport"), right: "@ports" } };
  assertEquals(nftHolds([ports], {}, { sets: { ports: [22, 80] } }), true);
  assertEquals(nftHolds([ports], {}, { sets: { ports: [80, range(100, 200)] } }), false);
  assertEquals(nftHolds([ports], {}, {}), null);
});

Deno.test("nft: a field of a protocol is of no packet of another, whatever it is compared with", () => {
  const protocols = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58, sctp: 132, dccp: 33 };
  const asks = (field: string, op: string, right: Json, more: { protocol: number }) =>
    nftHolds([{ match: { op, left: leftOf(field), right } }], {}, { more });
  for (const [name, number] of Object.entries(protocols)) {
    for (const protocol of [...Object.values(protocols), 99]) {
      const own = protocol === number;
      for (const op of ["==", "!=", "<"]) {
        const told = `${name} ${op} ${protocol}`;
        assertEquals(asks(`${name} unheard-of`, op, 5, { protocol }), own ? null : false, told);
      }
      if (name.startsWith("icmp")) {
        for (const field of [`${name} type`, `${name} code`]) {
          assertEquals(asks(field, "==", 8, { protocol }), own ? null : false, field);
        }
        continue;
      }
      assertEquals(asks(`${name} dport`, "==", 22, { protocol }), own, name);
      assertEquals(asks(`${name} dport`, "==", 23, { protocol }), false, name);
      assertEquals(asks(`${name} dport`, "!=", 23, { protocol }), own, name);
    }
    assertEquals(asks("meta l4proto", "==", number, { protocol: number }), true, name);
    assertEquals(asks("th dport", "==", 22, { protocol: number }), true, name);
  }
  assertEquals(asks("unheard-of", "==", 5, { protocol: 6 }), null);
  for (const [family, other] of [["ipv4", "ipv6"], ["ipv6", "ipv4"]] as const) {
    const name = family === "ipv4" ? "ip" : "ip6";
    const match = { match: { op: "==", left: leftOf(`${name} unheard-of`), right: 5 } };
    assertEquals(nftHolds([match], { family }), null, name);
    assertEquals(nftHolds([match], { family: other }), false, name);
  }
});
