import { assertEquals, assertThrows } from "@std/assert";
import { parseAddress } from "../../src/firewall/address.ts";
import { chainRulesOf } from "../../src/firewall/properties.ts";
import { emitRule, jumpsOf, type OwnRule, ruleKey } from "../../src/firewall/rule.ts";
import { readRule } from "../../src/firewall/rule_reader.ts";
import type { Service } from "../../src/firewall/service.ts";
import { canonicalRule } from "../support/canonical_rule.ts";

function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new TypeError(text);
  return parsed.value;
}

const PORT = (from: number, to = from) => ({ from, to });
const HOST = address("203.0.113.9");
const UNTIL = Date.parse("2030-01-02T03:04:05Z") / 1000;
const TCP = { interface: null, protocol: "tcp", ports: [PORT(22)], syn: false } as const;
const LOG = { prefix: null, level: 4, limit: null, burst: 5 } as const;

/** Each rule, what is written, and what both backends of iptables 1.8.9 were seen to print of it. */
const RULES: readonly [OwnRule, string, string][] = [
  [
    { kind: "established" },
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
  ],
  [
    { kind: "allow", address: address("198.51.100.0/24") },
    "-s 198.51.100.0/24 -m comment --comment pk-allow -j ACCEPT",
    "-s 198.51.100.0/24 -m comment --comment pk-allow -j ACCEPT",
  ],
  [
    { kind: "door", address: HOST, until: null, comment: null },
    "-s 203.0.113.9/32 -j ACCEPT",
    "-s 203.0.113.9/32 -j ACCEPT",
  ],
  [
    { kind: "door", address: HOST, until: UNTIL, comment: null },
    "-s 203.0.113.9/32 -m time --datestop 2030-01-02T03:04:05 -j ACCEPT",
    "-s 203.0.113.9/32 -m time --datestop 2030-01-02T03:04:05 -j ACCEPT",
  ],
  [
    { kind: "door", address: HOST, until: UNTIL, comment: 'it\'s "odd" \\ x' },
    '-s 203.0.113.9/32 -m comment --comment "it\'s \\"odd\\" \\\\ x" -m time --datestop 2030-01-02T03:04:05 -j ACCEPT',
    '-s 203.0.113.9/32 -m comment --comment "it\\\'s \\"odd\\" \\\\ x" -m time --datestop 2030-01-02T03:04:05 -j ACCEPT',
  ],
  [
    { kind: "door", address: HOST, until: null, comment: "" },
    '-s 203.0.113.9/32 -m comment --comment "" -j ACCEPT',
    '-s 203.0.113.9/32 -m comment --comment "" -j ACCEPT',
  ],
  [{ kind: "log", log: LOG }, "-j LOG --log-level 4", "-j LOG"],
  [
    {
      kind: "log",
      log: { prefix: "vpn ", level: 4, limit: { count: 10, unit: "minute" }, burst: 5 },
    },
    '-m limit --limit 10/minute --limit-burst 5 -j LOG --log-prefix "vpn " --log-level 4',
    '-m limit --limit 10/min -j LOG --log-prefix "vpn "',
  ],
  [
    {
      kind: "log",
      log: { prefix: "a;$(x) 'q' \\", level: 7, limit: { count: 60, unit: "hour" }, burst: 7 },
    },
    "-m limit --limit 60/hour --limit-burst 7 -j LOG --log-prefix \"a;$(x) 'q' \\\\\" --log-level 7",
    "-m limit --limit 1/min --limit-burst 7 -j LOG --log-prefix \"a;$(x) \\'q\\' \\\\\" --log-level 7",
  ],
  [{ kind: "policy", policy: "drop", protocol: null }, "-j DROP", "-j DROP"],
  [{ kind: "policy", policy: "accept", protocol: null }, "-j ACCEPT", "-j ACCEPT"],
  [
    { kind: "policy", policy: "reject", protocol: null },
    "-j REJECT",
    "-j REJECT --reject-with icmp-port-unreachable",
  ],
  [
    { kind: "policy", policy: "reject", protocol: "tcp" },
    "-p tcp -j REJECT --reject-with tcp-reset",
    "-p tcp -j REJECT --reject-with tcp-reset",
  ],
  [
    { kind: "jump", chain: "pk-a", match: { ...TCP, syn: true } },
    "-p tcp -m tcp --dport 22 --syn -j pk-a",
    "-p tcp -m tcp --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN -j pk-a",
  ],
  [
    {
      kind: "jump",
      chain: "pk-a",
      match: { ...TCP, interface: "eth0", ports: [PORT(8000, 8010)] },
    },
    "-i eth0 -p tcp -m tcp --dport 8000:8010 -j pk-a",
    "-i eth0 -p tcp -m tcp --dport 8000:8010 -j pk-a",
  ],
  [
    {
      kind: "jump",
      chain: "pk-a",
      match: { ...TCP, interface: "ppp+", protocol: "udp", ports: [PORT(500)] },
    },
    "-i ppp+ -p udp -m udp --dport 500 -j pk-a",
    "-i ppp+ -p udp -m udp --dport 500 -j pk-a",
  ],
  [
    {
      kind: "jump",
      chain: "pk-a",
      match: { ...TCP, protocol: "udp", ports: [PORT(500), PORT(4500), PORT(8000, 8010)] },
    },
    "-p udp -m multiport --dports 500,4500,8000:8010 -j pk-a",
    "-p udp -m multiport --dports 500,4500,8000:8010 -j pk-a",
  ],
  [
    {
      kind: "jump",
      chain: "pk-a",
      match: { interface: "eth0.100", protocol: "tcp", ports: [PORT(80), PORT(443)], syn: true },
    },
    "-i eth0.100 -p tcp -m tcp --syn -m multiport --dports 80,443 -j pk-a",
    "-i eth0.100 -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m multiport --dports 80,443 -j pk-a",
  ],
];

for (const [rule, written, printed] of RULES) {
  Deno.test(`written and read back: ${written}`, () => {
    assertEquals(emitRule(rule), written);
    assertEquals(canonicalRule(written, "ipv4").text, printed);
    const seen = readRule(printed, "ipv4");
    assertEquals(seen.kind, rule.kind);
    assertEquals(ruleKey(seen as OwnRule), ruleKey(rule));
    assertEquals(readRule(written, "ipv4").kind, rule.kind);
  });
}

Deno.test("a network of length 0 is printed without its address, and read with it", () => {
  for (const [family, all] of [["ipv4", "0.0.0.0/0"], ["ipv6", "::/0"]] as const) {
    const door = { kind: "door", address: address(all), until: UNTIL, comment: null } as const;
    assertEquals(readRule(canonicalRule(emitRule(door), family).text, family), door);
  }
  assertEquals(readRule("-p tcp -j REJECT --reject-with tcp-reset", "ipv6").kind, "policy");
  assertEquals(readRule("-j REJECT --reject-with icmp6-port-unreachable", "ipv6").kind, "policy");
});

const FOREIGN = [
  "",
  "-j",
  "-s 203.0.113.9/32",
  "-s 203.0.113.9/32 -p tcp -j ACCEPT",
  "-s 203.0.113.9/32 -i eth0 -j ACCEPT",
  "! -s 203.0.113.9/32 -j ACCEPT",
  "-s 203.0.113.9/255.0.255.0 -j ACCEPT",
  "-d 203.0.113.9/32 -j ACCEPT",
  "-s 203.0.113.9/32 -d 203.0.113.9/32 -j ACCEPT",
  "-s 203.0.113.9/32 -j DROP",
  "-s 203.0.113.9/32 -j LOG",
  "-s 2001:db8::9/128 -j ACCEPT",
  "-s 203.0.113.9/32 -m mac --mac-source 00:11:22:33:44:55 -j ACCEPT",
  "-s 203.0.113.9/32 -m time --datestart 2020-01-01T00:00:00 --datestop 2030-01-02T03:04:05 -j ACCEPT",
  "-s 203.0.113.9/32 -m time --timestart 08:00:00 -j ACCEPT",
  "-s 203.0.113.9/32 -m time --datestop 2030-01-02 -j ACCEPT",
  "-s 203.0.113.0/24 -m time --datestop tomorrow -j ACCEPT",
  "-s 203.0.113.9/32 -m time --datestop 2030-01-02T03:04:05 --kerneltz -j ACCEPT",
  "-s 203.0.113.9/32 -s 203.0.113.9/32 -j ACCEPT",
  "-s 203.0.113.9/32 -j ACCEPT -j DROP",
  "-s 203.0.113.9/32 -g ACCEPT",
  "-j RETURN",
  "-j QUEUE",
  "-m conntrack --ctstate ESTABLISHED -j ACCEPT",
  "-m conntrack --ctstate RELATED,ESTABLISHED -j DROP",
  "-m conntrack ! --ctstate RELATED,ESTABLISHED -j ACCEPT",
  "-m state --state RELATED,ESTABLISHED -j ACCEPT",
  "-s 203.0.113.9/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
  "-p udp -j LOG",
  "-j LOG --log-tcp-sequence",
  "-j LOG --log-prefix x --log-uid",
  "-j NFLOG --nflog-prefix x",
  "-j REJECT --reject-with icmp-host-prohibited",
  "-p tcp -j REJECT --reject-with icmp-port-unreachable",
  "-p udp -j REJECT --reject-with tcp-reset",
  "-p udp -j DROP",
  "-s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable",
  "-m limit --limit 10/min --limit-burst many -j LOG",
  "-m limit --limit 10/min -j DROP",
  "-p tcp -m tcp --dport 22 -j ssh",
  "-p tcp -m tcp --dport 22 -j PK-ssh",
  '-m comment --comment "x -j pk-ssh" -j ACCEPT -x',
  '-s 203.0.113.9/32 -m comment --comment "open',
  "-constructor x -j ACCEPT",
  "toString x -j ACCEPT",
  "__proto__ x -j ACCEPT",
  "-m time --datestop 2030-01-02T03:04:05 -j ACCEPT",
  '-j LOG --log-prefix "red\x1b[31m"',
];

Deno.test("a rule that is not exactly of our shapes is foreign", () => {
  for (const text of FOREIGN) assertEquals(readRule(text, "ipv4"), { kind: "foreign" }, text);
});

Deno.test("a jump to a service with matches that are not ours is still a jump", () => {
  for (
    const text of [
      "-j pk-a",
      "-g pk-a",
      "-p tcp -j pk-a",
      "-p tcp -m tcp --sport 1 --dport 22 -j pk-a",
      "-s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j pk-a",
      "-p tcp -m multiport ! --dports 80,443 -j pk-a",
      "-p tcp -m tcp --dport 22 --tcp-flags SYN,ACK SYN -j pk-a",
      "! -i eth0 -p tcp -m tcp --dport 22 -j pk-a",
      '-p tcp -m tcp --sport 9 -m comment --comment "for -j pk-b" -j pk-a',
      "-p tcp -m multiport --ports 80,443 -j pk-a",
      "-p icmp -j pk-a",
      "-p tcp -m multiport --dports 80 -m multiport --dports 443 -j pk-a",
      "-i eth0 -i eth1 -p tcp -m tcp --dport 22 -j pk-a",
      "-i e\x1b[2J -p tcp -m tcp --dport 22 -j pk-a",
    ]
  ) assertEquals(readRule(text, "ipv4"), { kind: "jump", chain: "pk-a", match: null }, text);
});

Deno.test("a comment takes nothing from what a rule does", () => {
  const said = '-m comment --comment "of -j others"';
  const policy = { kind: "policy", protocol: null } as const;
  assertEquals(readRule(`${said} -j DROP`, "ipv4"), { ...policy, policy: "drop" });
  assertEquals(readRule(`${said} -j ACCEPT`, "ipv4"), { ...policy, policy: "accept" });
  assertEquals(
    readRule(`${said} -j REJECT --reject-with icmp-port-unreachable`, "ipv4"),
    { ...policy, policy: "reject" },
  );
  const plain = readRule("-p tcp -m tcp --dport 22 -j pk-a", "ipv4");
  assertEquals(readRule(`-p tcp -m tcp --dport 22 ${said} -j pk-a`, "ipv4"), plain);
  for (const comment of ["two\nlines", "a\ttab", "caf\udce9"]) {
    const door = readRule(`-s 203.0.113.9/32 -m comment --comment "${comment}" -j ACCEPT`, "ipv4");
    assertEquals([door.kind, "comment" in door && door.comment], ["door", comment]);
  }
});

Deno.test("a jump that is not understood cannot be written", () => {
  const jump = { kind: "jump", chain: "pk-a", match: null } as const;
  assertThrows(() => emitRule(jump));
  assertThrows(() => ruleKey(jump));
});

Deno.test("a service is a jump for every 15 ports and a chain from established to policy", () => {
  const service: Service = {
    name: "vpn",
    protocol: "udp",
    ports: Array.from({ length: 16 }, (_, at) => PORT(at * 2 + 1)),
    syn: false,
    policy: "reject",
    families: ["ipv4", "ipv6"],
    interface: "eth0",
    established: true,
    log: LOG,
    allow: [address("10.0.0.0/8"), address("2001:db8::/32")],
  };
  assertEquals(jumpsOf(service).map((jump) => jump.match?.ports.length), [15, 1]);
  assertEquals(chainRulesOf(service, "ipv6").map(emitRule), [
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-s 2001:db8::/32 -m comment --comment pk-allow -j ACCEPT",
    "-j LOG --log-level 4",
    "-j REJECT",
  ]);
  assertEquals(
    emitRule(chainRulesOf({ ...service, protocol: "tcp", allow: null }, "ipv4").at(-1)!),
    "-p tcp -j REJECT --reject-with tcp-reset",
  );
});

Deno.test("what is nearly a host is not a door", () => {
  const hosts = ["300.0.0.1", "10.1", "10.0.0.0.1", "10.0.0", "1.2.3.4444", "1..2.3", ".1.2.3", ""];
  for (const host of hosts) {
    assertEquals(readRule(`-s ${host}/32 -j ACCEPT`, "ipv4"), { kind: "foreign" }, host);
  }
});

Deno.test("a timed door with the mark of a rules file is a door, or it would stay forever", () => {
  const text =
    "-s 10.0.0.1/32 -m comment --comment pk-allow -m time --datestop 2030-01-02T03:04:05";
  const rule = readRule(`${text} -j ACCEPT`, "ipv4");
  assertEquals([rule.kind, rule.kind === "door" && rule.until !== null], ["door", true]);
});
