// The edges of the matches: the last second, the last address, each name of a table.
import { assertEquals } from "@std/assert";
import { ask, filter, NOW, type Question, told } from "../support/trace.ts";
import { type Case, checkMatches as check, KNOWN } from "../support/matches.ts";

const V6: Question = { family: "ipv6" };

check("the kind of packet and of address", [
  ["-m pkttype --pkt-type unicast", {}, true],
  ["-m pkttype --pkt-type host", {}, true],
  ["-m pkttype --pkt-type broadcast", {}, false],
  ["-m pkttype --pkt-type multicast", {}, false],
  ["-m pkttype --pkt-type otherhost", {}, null],
  ["-m pkttype --pkt-type UNICAST", {}, true],
  ["-m pkttype ! --pkt-type Broadcast", {}, true],
  ["-m addrtype --dst-type LOCAL", {}, true],
  ["-m addrtype --dst-type UNICAST", {}, false],
  ["-m addrtype --dst-type UNICAST", V6, true],
  ["-m addrtype --dst-type BROADCAST", {}, false],
  ["-m addrtype --dst-type MULTICAST,ANYCAST", {}, false],
  ["-m addrtype --dst-type UNSPEC", {}, false],
  ["-m addrtype --dst-type BLACKHOLE", {}, null],
  ["-m addrtype --dst-type BROADCAST,LOCAL", {}, true],
  ["-m addrtype --dst-type LOCAL,MULTICAST", V6, false],
  ["-m addrtype --dst-type LOCAL,UNICAST", V6, true],
  ["-m addrtype --dst-type LOCAL,ANYCAST", V6, true],
  // In IPv6 one of those that are looked up has to hold, and all others.
  ["-m addrtype --dst-type ANYCAST,UNICAST", V6, false],
  ["-m addrtype --dst-type UNREACHABLE,UNICAST", V6, null],
  ["-m addrtype --dst-type UNREACHABLE,MULTICAST", V6, false],
  ["-m addrtype --dst-type UNREACHABLE,LOCAL", V6, true],
  ["-m addrtype --dst-type UNICAST,MULTICAST", V6, false],
  ["-m addrtype --src-type LOCAL,UNICAST", V6, false],
  ["-m addrtype --src-type UNICAST", V6, true],
  ["-m addrtype --src-type LOCAL,UNICAST", {}, true],
  ["-m addrtype --src-type UNICAST,BLACKHOLE", {}, true],
  ...["UNSPEC", "BROADCAST", "MULTICAST", "ANYCAST"].flatMap((type): Case[] => [
    [`-m addrtype --src-type ${type}`, {}, false],
    [`-m addrtype --dst-type ${type}`, {}, false],
    [`-m addrtype ! --dst-type ${type}`, {}, true],
    [`-m addrtype --dst-type ${type.toLowerCase()}`, {}, false],
  ]),
  ["-m addrtype --src-type UNICAST", { from: "0.0.0.0" }, null],
  ["-m addrtype --src-type UNICAST", { from: "126.0.0.1" }, true],
  ["-m addrtype --src-type UNICAST", { from: "128.0.0.1" }, true],
  ["-m addrtype --src-type UNICAST", { from: "1.0.0.1" }, true],
  ["-m addrtype --src-type UNICAST --dst-type LOCAL", {}, true],
  ["-m addrtype --src-type UNICAST --dst-type BROADCAST", {}, false],
  ["-m addrtype --src-type UNICAST --limit-iface-out", {}, null],
  ["-m addrtype --src-type UNICAST", {}, true],
  ["-m addrtype --src-type LOCAL", {}, false],
  ["-m addrtype --src-type LOCAL", { from: "127.0.0.1", interface: "lo" }, null],
  ["-m addrtype --src-type PROHIBIT", {}, null],
  ["-m addrtype --dst-type LOCAL --limit-iface-in", {}, null],
  ["-m policy --dir in --pol none", {}, true],
  ["-m policy --dir in --pol ipsec", {}, false],
  ["-m policy --dir out --pol none", {}, null],
  ["-m policy --dir in ! --pol none", {}, null],
  ["-m policy --dir in --pol ipsec --strict --proto esp --next --pol none", {}, false],
  ["-m policy --dir in --pol ipsec --strict --next --pol none", {}, false],
  ["-m policy --dir in --pol none --strict --next --pol ipsec", {}, true],
  ["-m rpfilter", {}, true],
  ["-m rpfilter --invert", {}, false],
  ["-m rpfilter", KNOWN, null],
  ["-m physdev --physdev-in eth0", {}, null],
  ["-m physdev --physdev-out eth0", {}, false],
  ["-m physdev --physdev-is-out", {}, false],
  ["-m physdev --physdev-is-bridged", {}, false],
  ["-m physdev ! --physdev-is-bridged", {}, null],
  ["-m physdev --physdev-is-out ! --physdev-is-bridged", {}, null],
  ["-m physdev --physdev-is-in", {}, null],
  ["-m rt --rt-type 0", V6, false],
  ["-m frag ! --fragid 0", V6, false],
]);

check("a prefix or a mask takes what it covers, at its edge too", [
  ["-s 203.0.113.8/31", KNOWN, true],
  ["-s 203.0.113.10/31", KNOWN, false],
  ["-s 203.0.113.9/32", KNOWN, true],
  ["-s 203.0.113.0/255.255.255.0", KNOWN, true],
  ["-s 203.0.112.0/255.255.255.0", KNOWN, false],
  ["-s 128.0.0.0/1", KNOWN, true],
  ["-s 203.0.113.0/33", KNOWN, null],
  ["-d 198.51.100.0/31", KNOWN, true],
  ["-d 198.51.100.2/31", KNOWN, false],
  // By lo comes what goes to any address of the machine.
  ["-d 127.0.0.0/8", { from: "127.0.0.1", interface: "lo" }, null],
  ["-d 127.0.0.0/8", { from: "127.0.0.1", interface: null }, null],
  ["-d 127.0.0.0/8", { from: "203.0.113.9", interface: null }, false],
  ["-d 127.0.0.0/8", { from: "127.0.0.1", interface: "eth0" }, false],
  ["-d 198.51.100.1/32,127.0.0.0/8", {}, null],
  ["-d 224.0.0.0/4,127.0.0.0/8", {}, false],
  ["-d 198.51.100.9,198.51.100.1", KNOWN, true],
  ["-d 198.51.100.1,somewhere", KNOWN, null],
  ["-s 2001:db8::8/125", { ...V6, from: "2001:db8::f" }, true],
  ["-s 2001:db8::8/125", { ...V6, from: "2001:db8::10" }, false],
  ["-s 2001:db8::/129", { ...V6, from: "2001:db8::9" }, null],
]);

Deno.test("a dependency of a verdict is named once, however many ways reach it", () => {
  const rules = filter(
    "-A INPUT -i eth1 -j LOG\n-A INPUT -m owner --uid-owner 0 -j ACCEPT",
    "DROP",
  );
  assertEquals(
    told(rules, { interface: null }),
    "unknown: depends on rule 2 of INPUT (-m owner --uid-owner 0)",
  );
  const jumps = ":a - [0:0]\n-A INPUT -i eth1 -j a\n-A INPUT -m owner --uid-owner 0 -j ACCEPT\n" +
    "-A a -p udp -j DROP";
  assertEquals(ask(filter(jumps, "DROP"), { interface: null }).depends.length, 1);
});

Deno.test("a chain that a table declares twice makes it unknown, and says so", () => {
  const twice = filter(":a - [0:0]\n:a - [0:0]\n-A INPUT -j ACCEPT");
  assertEquals(
    told(twice),
    "unknown: depends on table filter is not known: chain a appears in it twice",
  );
});

check("each basic option is known by its long name too", [
  ["--source 203.0.113.9/32", KNOWN, true],
  ["--src 203.0.113.8/32", KNOWN, false],
  ["--destination 198.51.100.1/32", KNOWN, true],
  ["--dst 198.51.100.2/32", KNOWN, false],
  ["--in-interface eth0", {}, true],
  ["--in-interface eth1", {}, false],
  ["--protocol tcp", {}, true],
  ["--protocol udp", {}, false],
  ["--proto tcp", {}, true],
  ["--out-interface eth0", {}, false],
  ["--match tcp --dport 22", {}, true],
  ["--set-counters 1 2", {}, true],
  ["--fragment", {}, false],
  ['--in-interface ""', {}, null],
  ['--out-interface ""', {}, null],
]);

Deno.test("jumps are known by their long names", () => {
  const rules = (option: string) => filter(`:a - [0:0]\n-A INPUT ${option} a\n-A a -j DROP`);
  assertEquals(ask(rules("--jump")).verdict, "dropped");
  assertEquals(ask(rules("--goto")).verdict, "dropped");
});

Deno.test("without a connection CONNMARK does nothing", () => {
  const tables = `*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -j CT --notrack
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -j MARK --set-xmark 0x7/0xffffffff
-A PREROUTING -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff
COMMIT
`;
  const rules = filter("-A INPUT -m mark --mark 0x7 -j ACCEPT", "DROP");
  assertEquals(ask(`${tables}${rules}`).verdict, "accepted");
  const tracked = tables.replace("-A PREROUTING -j CT --notrack\n", "");
  assertEquals(ask(`${tracked}${rules}`).verdict, "dropped");
});

Deno.test("of what an answer depends on the first three are named, and how many more there are", () => {
  const rules = (count: number) =>
    filter(
      Array.from({ length: count }, (_, at) => `-A INPUT -m owner --uid-owner ${at} -j ACCEPT`)
        .join("\n"),
      "DROP",
    );
  const named = (at: number) => `rule ${at + 1} of INPUT (-m owner --uid-owner ${at})`;
  const three = `unknown: depends on ${[0, 1, 2].map(named).join(", ")}`;
  assertEquals(told(rules(3)), three);
  assertEquals(told(rules(4)), `${three} and 1 more`);
  assertEquals(told(rules(5)), `${three} and 2 more`);
});

Deno.test("ends by rules of chains whose names end in digits are distinguished", () => {
  const filler = Array.from({ length: 10 }, () => "-A a -p udp -j DROP").join("\n");
  const rules = filter(
    ":a - [0:0]\n:a1 - [0:0]\n-A INPUT -m owner --uid-owner 0 -j a1\n-A INPUT -j a\n" +
      `${filler}\n-A a -j DROP\n-A a1 -j DROP`,
  );
  assertEquals(ask(rules).outcomes.map(({ by }) => `${by?.chain} ${by?.number}`).sort(), [
    "a 11",
    "a1 1",
  ]);
});

check("a weekday that is not named is no match, Sunday included", [
  ["-m time --weekdays Fri", { now: NOW }, true],
  ["-m time --weekdays Fri", { now: NOW + 2 * 86_400 }, false],
  ["-m time --weekdays 7", { now: NOW + 2 * 86_400 }, true],
  ["-m time ! --weekdays Fri", { now: NOW + 2 * 86_400 }, true],
  ["-m time ! --weekdays Sun", { now: NOW + 2 * 86_400 }, false],
]);
