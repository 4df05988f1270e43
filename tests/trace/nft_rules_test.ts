import { assertEquals } from "@std/assert";
import { outsider, packetFrom } from "../../src/trace/packet.ts";
import { allStages } from "../../src/trace/nft/stages.ts";
import { readTables } from "../../src/trace/tables.ts";
import { traceStages } from "../../src/trace/verdict.ts";
import type { Family } from "../support/iptables_text.ts";
import { NOW, type Question } from "../support/trace.ts";

/** What `nft -j list` 1.0.6 printed of each rule, and of a table with sets that rules name. */
const PRINTED = JSON.parse(
  Deno.readTextFileSync(new URL("nft_rules.json", import.meta.url)),
) as { table: unknown[]; rules: { rule: string; expr: unknown[] }[] };

/** The packets that each rule meets. */
const PACKETS: readonly Question[] = [
  {}, // anyone's SYN to port 22
  { from: "192.0.2.7" },
  { from: "203.0.113.9", protocol: "udp", port: 53, interface: "eth1" },
  { from: "2001:db8::9", family: "ipv6" },
  { from: "10.0.0.1", port: 80, established: true },
];

/** The verdict on a packet in a chain of these rules, whose policy accepts. */
function verdictOf(
  expr: unknown[],
  question: Question,
  more: readonly unknown[][] = [],
): string {
  const { family = "ipv4", protocol = "tcp", port = 22, from } = question;
  const options = { now: NOW, interface: "eth0", ...question };
  const to = { family: family as Family, protocol, port };
  const packet = from === undefined ? outsider(to, options) : packetFrom(to, from, options);
  if (packet === null) throw new TypeError("no packet");
  const text = JSON.stringify(expr);
  const hook = /"notrack"|"mangle"/.test(text) ? "prerouting" : "input";
  const chain = {
    family: "inet",
    table: "t",
    name: "c",
    hook,
    prio: 0,
    type: "filter",
    policy: "accept",
  };
  const rules = [expr, ...more].map((one) => (
    { rule: { family: "inet", table: "t", chain: "c", expr: one } }
  ));
  const nft = JSON.stringify({ nftables: [...PRINTED.table, { chain }, ...rules] });
  const stages = allStages([readTables("", { family: to.family, backend: "nft" })], nft);
  return traceStages(stages, packet, question).verdict;
}

/**
 * What each rule does to each of the packets: `D` drops, `R` rejects, `-` leaves it to the next rule, `?`
 * cannot be known. By nft(8), statements are carried out from left to right.
 */
const DOES: Readonly<Record<string, string>> = {
  "tcp sport 1024-65535 drop": "DD-DD",
  "tcp sport 22 drop": "-----",
  "udp dport { 53, 123 } drop": "--D--",
  "th dport 22 drop": "DD-D-",
  "tcp dport != 22 drop": "----D",
  "tcp dport < 1024 drop": "DD-DD",
  "tcp dport >= 1024 drop": "-----",
  "tcp dport > 22 drop": "----D",
  "tcp dport <= 21 drop": "-----",
  "udp sport 53 drop": "-----",
  "sctp dport 22 drop": "-----",
  "dccp dport 22 drop": "-----",
  "icmp type echo-request drop": "-----",
  "icmpv6 type echo-request drop": "-----",
  "meta l4proto { tcp, udp } drop": "DDDDD",
  "meta l4proto icmp drop": "-----",
  "ip protocol tcp drop": "DD--D",
  "ip6 nexthdr tcp drop": "---D-",
  "meta protocol ip drop": "DDD-D",
  "meta nfproto ipv6 drop": "---D-",
  "ip saddr 10.0.0.0/8 drop": "----D",
  "ip saddr != 10.0.0.0/8 drop": "DDD--",
  "ip saddr 192.0.2.1-192.0.2.99 drop": "-D---",
  "ip6 saddr 2001:db8::/32 drop": "---D-",
  "ip saddr { 192.0.2.7, 198.51.100.0/24 } drop": "-D---",
  "ip daddr 192.0.2.1 drop": "???-?",
  "ip daddr 127.0.0.0/8 drop": "-----",
  "ip6 daddr ::1 drop": "-----",
  'iifname "eth*" drop': "DDDDD",
  'iifname { "eth1", "eth2" } drop': "--D--",
  "iif lo drop": "-----",
  'oifname "eth0" drop': "-----",
  "meta pkttype broadcast drop": "-----",
  "meta pkttype host drop": "DDDDD",
  "meta mark 0x7 drop": "-----",
  "meta mark != 0x7 drop": "DDDDD",
  "ct mark 0x1 drop": "----?",
  "ct state new drop": "DDDD-",
  "ct state established,related drop": "----D",
  "ct state invalid drop": "-----",
  "ct state { new, untracked } drop": "DDDD-",
  "ct status dnat drop": "-----",
  "ct status seen-reply drop": "----D",
  "ct status assured drop": "----?",
  "ct status snat,dnat drop": "----?",
  "fib saddr . iif oif missing drop": "-????",
  "fib saddr . iif oif eth0 drop": "?????",
  "fib daddr type local drop": "DDDDD",
  "fib daddr type broadcast drop": "-----",
  "fib daddr type { unicast, multicast } drop": "-----",
  "tcp flags syn drop": "DD-D?",
  "tcp flags & (fin|syn|rst|ack) == syn drop": "DD-D?",
  "tcp flags & (fin|syn) != syn drop": "----?",
  "tcp flags fin,syn drop": "DD-D?",
  "tcp flags ! fin,ack drop": "DD-D?",
  "tcp flags & (syn|ecn) == syn drop": "??-??",
  "ip saddr @bans drop": "-D---",
  "ip saddr != @bans drop": "D-D-D",
  "ip6 saddr @six drop": "---D-",
  "tcp dport @ports drop": "DD-DD",
  "ip saddr . tcp dport { 192.0.2.7 . 22 } drop": "-??-?",
  "ip saddr . tcp dport @pairs drop": "-??-?",
  "ip length > 100 drop": "???-?",
  "tcp option maxseg size 1-500 drop": "??-??",
  "ip ttl 64 drop": "???-?",
  "ct count over 3 drop": "?????",
  "quota over 10 mbytes drop": "?????",
  "limit rate 3/minute drop": "?????",
  "add @dyn { ip saddr limit rate over 3/minute } drop": "???-?",
  "add @dyn { ip saddr } ip saddr @dyn drop": "???-?",
  "ct state vmap { established : accept, new : drop }": "DDDD-",
  "tcp dport vmap { 22 : drop, 80 : accept }": "DD-D-",
  "ip saddr vmap @fates": "?????",
  "meta mark set 0x7 meta mark 0x7 drop": "DDDDD",
  "ct mark set 0x1 ct mark 0x1 drop": "DDDDD",
  "meta mark set ct mark meta mark 0x7 drop": "?????",
  "notrack ct state untracked drop": "DDDDD",
  "tcp dport set 80 drop": "?????",
  "ip daddr set 192.0.2.1 drop": "?????",
  'counter log prefix "x" drop': "DDDDD",
  "reject with tcp reset": "RR-RR",
  "reject": "RRRRR",
  "return": "-----",
  "goto other": "DDDDD",
};

const LETTERS: Readonly<Record<string, string>> = {
  accepted: "-",
  dropped: "D",
  rejected: "R",
  unknown: "?",
};

Deno.test("each match and statement of nft does to a packet what nft(8) says, or is not known", () => {
  const done = PRINTED.rules.map(({ rule, expr }) => [
    rule,
    PACKETS.map((packet) => LETTERS[verdictOf([...expr], packet)] ?? "!").join(""),
  ]);
  assertEquals(Object.fromEntries(done), DOES);
});

Deno.test("what a rule changes is changed for the rules behind it, though its last match does not hold", () => {
  const [mark, other] = ["meta mark set 0x7 meta mark 0x7 drop", "meta mark 0x7 drop"].map((text) =>
    PRINTED.rules.find(({ rule }) => rule === text)!.expr
  );
  const udp = PRINTED.rules.find(({ rule }) => rule.startsWith("udp dport"))!.expr;
  const marking = [mark![0], udp[0], { drop: null }];
  assertEquals(verdictOf(marking, {}, [other!]), "dropped");
  assertEquals(verdictOf([udp[0], mark![0], { drop: null }], {}, [other!]), "accepted");
});

Deno.test("a packet given to a queue is for a program to decide", () => {
  assertEquals(verdictOf([{ queue: { num: 1 } }], {}), "queued");
});
