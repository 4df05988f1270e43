// Protocols by name and number, and the matches that each brings along.
import { assert, assertEquals } from "@std/assert";
import { readProtocol } from "../../src/trace/matches/basic.ts";
import { outsider, type Packet } from "../../src/trace/packet.ts";
import { readTables } from "../../src/trace/tables.ts";
import { traceTables } from "../support/trace.ts";
import { ask, filter, holds, NOW, type Question } from "../support/trace.ts";

/** Assigned by IANA, with the names of /etc/protocols and those that iptables adds. */
const IANA: Readonly<Record<number, readonly string[]>> = {
  1: ["icmp"],
  2: ["igmp"],
  4: ["ipencap"],
  6: ["tcp"],
  8: ["egp"],
  9: ["igp"],
  17: ["udp"],
  33: ["dccp"],
  41: ["ipv6"],
  46: ["rsvp"],
  47: ["gre"],
  50: ["esp", "ipv6-crypt"],
  51: ["ah", "ipv6-auth"],
  58: ["ipv6-icmp", "icmpv6"],
  59: ["ipv6-nonxt"],
  88: ["eigrp"],
  89: ["ospf", "ospfigp"],
  94: ["ipip"],
  103: ["pim"],
  112: ["vrrp"],
  115: ["l2tp"],
  132: ["sctp"],
  135: ["mobility-header", "ipv6-mh", "mh"],
  136: ["udplite"],
};

Deno.test("a protocol has one number, whatever it is called and in any letters", () => {
  for (const [number, names] of Object.entries(IANA)) {
    for (const name of [number, ...names, ...names.map((one) => one.toUpperCase())]) {
      assertEquals(readProtocol(name), Number(number), name);
    }
  }
  assertEquals([readProtocol("all"), readProtocol("0"), readProtocol("255")], [0, 0, 255]);
  for (const name of ["256", "1000", "0006", "x6", "6x", "", "xyzzy", "constructor"]) {
    assertEquals(readProtocol(name), null, name);
  }
});

/** The verdict on a packet of a protocol if a rule with these words lets it in and nothing else does. */
function takes(words: string, more: Partial<Packet>): boolean | null {
  const family = more.family ?? "ipv4";
  const packet = outsider({ family, protocol: "tcp", port: 22 }, { now: NOW, interface: "eth0" });
  assert(packet !== null);
  const tables = [readTables(filter(`-A INPUT ${words} -j ACCEPT`, "DROP"), { family })];
  const { verdict } = traceTables(tables, { ...packet, ...more });
  return verdict === "accepted" ? true : verdict === "dropped" ? false : null;
}

Deno.test("a protocol brings its match along, by name and by number", () => {
  const ports: readonly (readonly [name: string, protocol: number])[] = [
    ...[["tcp", 6], ["6", 6], ["udp", 17], ["17", 17], ["sctp", 132], ["132", 132]] as const,
    ...[["udplite", 136], ["dccp", 33]] as const,
  ];
  for (const [name, protocol] of ports) {
    assertEquals(takes(`-p ${name} --dport 22`, { protocol }), true, name);
    assertEquals(takes(`-p ${name} --dport 23`, { protocol }), false, name);
    assertEquals(takes(`-p ${name} --dport 22`, { protocol: 99 }), false, name);
  }
  for (const name of ["tcp", "udp", "sctp", "dccp", "udplite"]) {
    const protocol = readProtocol(name) ?? 0;
    assertEquals(takes(`-p ${name} -m ${name} --dport 22`, { protocol }), true, name);
    assertEquals(takes(`-p ${name} -m ${name} --dport 21`, { protocol }), false, name);
  }
  const echo = { type: 8, code: 0 };
  for (const name of ["icmp", "1"]) {
    assertEquals(takes(`-p ${name} --icmp-type 8`, { protocol: 1, icmp: echo }), true, name);
    assertEquals(takes(`-p ${name} --icmp-type 0`, { protocol: 1, icmp: echo }), false, name);
  }
  const echo6 = { family: "ipv6", protocol: 58, icmp: { type: 128, code: 0 } } as const;
  for (const name of ["ipv6-icmp", "icmpv6", "58"]) {
    assertEquals(takes(`-p ${name} --icmpv6-type 128`, echo6), true, name);
    assertEquals(takes(`-p ${name} --icmpv6-type 129`, echo6), false, name);
  }
  assertEquals(takes("-p gre --dport 22", { protocol: 47 }), null);
});

Deno.test("what depends on packets before it, or lets a rate through, is asked each time anew", () => {
  const twice = (match: string) =>
    ask(filter(`-A INPUT -m ${match} -j ACCEPT\n-A INPUT -m ${match} -j DROP`, "ACCEPT"));
  for (
    const match of [
      "hashlimit --hashlimit-upto 1/sec --hashlimit-name h",
      "limit --limit 5/min",
      "quota --quota 100",
      "statistic --mode nth --every 3 --packet 0",
    ]
  ) assertEquals(twice(match).depends.length, 2, match);
  // The same packet has the same bytes: the second rule is known once the first one is.
  assertEquals(twice("string --string x --algo bm").verdict, "accepted");
  assertEquals(twice("owner --uid-owner 0").verdict, "accepted");
});

Deno.test("an interface is a name, or a prefix of names; no packet from outside comes by lo", () => {
  const local: Question = { from: "127.0.0.1", interface: null };
  const cases: readonly (readonly [words: string, question: Question, holds: boolean | null])[] = [
    ["-i eth0", {}, true],
    ["-i eth+", {}, true],
    ["-i eth0+", {}, true],
    ["-i eth1+", {}, false],
    ["-i +", {}, true],
    ["-i +", { interface: null }, true],
    ["! -i eth0", {}, false],
    ["! -i eth1", {}, true],
    ["-i lo", { interface: null }, false],
    ["-i eth0", { interface: null }, null],
    ["-i l+", { interface: null }, null],
    ["-i lo", local, true],
    ["-i l+", local, true],
    ["-i eth0", local, false],
    ["-i eth+", local, false],
    ["-i lo", { from: "203.0.113.9", destination: "203.0.113.9", interface: null }, true],
    ["-i lo", { from: "203.0.113.9", interface: "lo" }, true],
    ["-o eth0", {}, false],
    ["-o +", {}, null],
    ["-f", {}, false],
  ];
  for (const [words, question, expected] of cases) {
    assertEquals(holds(words, question), expected, `${words} ${JSON.stringify(question)}`);
  }
});
