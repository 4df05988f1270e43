import { assertEquals } from "@std/assert";
import { describeTrace } from "../../src/trace/describe.ts";
import { allStages } from "../../src/trace/nft/stages.ts";
import { outsider, packetFrom } from "../../src/trace/packet.ts";
import { readTables } from "../../src/trace/tables.ts";
import { traceStages } from "../../src/trace/verdict.ts";
import { NOW, type Question } from "../support/trace.ts";

/**
 * What `nft -j list ruleset` 1.0.6 printed (handles left out) of a table `ip filter` by iptables, to which
 * nft added rules 3 to 5, and of a table `inet fw`.
 */
const RULESET = Deno.readTextFileSync(new URL("nft_ruleset.json", import.meta.url));

/** What iptables-nft-save printed of the same. */
const SAVED = `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT
-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j LOG
-A INPUT -j ACCEPT
-A INPUT -j ACCEPT
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -j DROP
COMMIT
`;

/** The tables of RULESET whose family is one of these. */
function only(...families: readonly string[]): string {
  const { nftables } = JSON.parse(RULESET) as { nftables: Record<string, { family: string }>[] };
  const kept = nftables.filter((entry) => families.includes(Object.values(entry)[0]?.family ?? ""));
  return JSON.stringify({ nftables: kept });
}

function told(nft: string | null, question: Question & { saved?: string } = {}): string {
  const { family = "ipv4", protocol = "tcp", port = 22, from, saved = "" } = question;
  const options = { now: NOW, interface: "eth0", ...question };
  const to = { family, protocol, port };
  const packet = from === undefined ? outsider(to, options) : packetFrom(to, from, options);
  if (packet === null) throw new TypeError("no packet");
  const stages = allStages([readTables(saved, { family, backend: "nft" })], nft);
  return describeTrace(traceStages(stages, packet, question), { now: NOW });
}

Deno.test("a native rule that save prints as a bare ACCEPT is read as nft shows it", () => {
  const nft = only("ip");
  const saved = SAVED;
  assertEquals(told(nft, { saved }), "dropped by rule 6 of INPUT: -j DROP");
  assertEquals(
    told(nft, { saved, from: "192.0.2.5" }),
    "accepted by rule 4 of INPUT: ip saddr { 192.0.2.1, 192.0.2.5 } accept",
  );
  assertEquals(
    told(nft, { saved, port: 443 }),
    "accepted by rule 5 of INPUT: -p tcp -m tcp --dport 443 -j ACCEPT",
  );
  // Without nft it cannot be distinguished.
  assertEquals(told(null, { saved }), "accepted by rule 3 of INPUT: -j ACCEPT");
});

Deno.test("a table that changed between the two readings is not known", () => {
  const saved = SAVED.replace("-A INPUT -j DROP\n", "");
  assertEquals(
    told(only("ip"), { saved }),
    "unknown: depends on table filter is not known: it changed while it was read",
  );
});

Deno.test("a table that iptables cannot show is read from nft", () => {
  const saved = "# Table `filter' is incompatible, use 'nft' tool.\n";
  assertEquals(
    told(only("ip"), { saved, from: "192.0.2.5" }),
    "accepted by rule 4 of INPUT in table ip filter: ip saddr { 192.0.2.1, 192.0.2.5 } accept",
  );
  assertEquals(told(only("ip"), { saved }), "dropped by rule 6 of INPUT in table ip filter: drop");
  assertEquals(
    told(null, { saved }),
    "unknown: depends on table filter is not known: iptables cannot show it: it was made by nft",
  );
});

Deno.test("a drop in another table is final, an accept there is not", () => {
  const open = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";
  const shut = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n";
  const nft = only("inet");
  assertEquals(
    told(nft, { saved: open }),
    "rejected by rule 2 of ssh in table inet fw: fib daddr type local meta pkttype host reject",
  );
  assertEquals(told(nft, { saved: shut, port: 80 }), "dropped by the policy of INPUT");
});

Deno.test("rules of nft are understood", () => {
  const nft = only("inet");
  const cases: readonly (readonly [Question, string])[] = [
    [{ from: "203.0.113.9" }, "accepted by rule 1 of ssh"],
    [{ from: "203.0.113.9", established: true, port: 9 }, "accepted by rule 1 of input"],
    [{ from: "10.0.0.1", interface: "lo" }, "accepted by rule 2 of input"],
    [{ from: "10.0.0.1", interface: "br-lan" }, "accepted by rule 2 of input"],
    [
      { from: "192.0.2.9" },
      "dropped by rule 3 of input in table inet fw: ip saddr @bans drop",
    ],
    [{ port: 25 }, "dropped by rule 4 of input"],
    [{ port: 25, from: "10.0.0.1" }, "dropped by the policy of input"],
    [{ port: 53, protocol: "udp" }, "dropped by the policy of input"],
    [
      { port: 54, protocol: "udp" },
      "unknown: depends on rule 6 of input in table inet fw (limit rate",
    ],
    [{ port: 80 }, "accepted by rule 8 of input"],
    [{ port: 8001 }, "accepted by rule 8 of input"],
    [{ port: 8081 }, "dropped by the policy of input"],
    [{ port: 19 }, "rejected by rule 9 of input"],
    [{ port: 20 }, "dropped by the policy of input"],
    [{ port: 5000 }, "dropped by rule 1 of late in table inet fw: meta mark 7 drop"],
    [{ port: 6000 }, "dropped by the policy of input"],
    [{ port: 8443 }, "accepted at port 8080 by rule 8 of input"],
    [{ port: 8444, addresses: [] }, "redirected to 192.0.2.77:80 by rule 2 of pre"],
    [{ family: "ipv6", from: "2001:db8::5", port: 9000 }, "accepted by rule 13 of input"],
    [{ family: "ipv6", port: 9000 }, "dropped by the policy of input"],
    [{ family: "ipv6", port: 8444, addresses: [] }, "dropped by the policy of input"],
  ];
  for (const [question, expected] of cases) {
    const { length } = expected;
    assertEquals(told(nft, question).slice(0, length), expected, JSON.stringify(question));
  }
});

Deno.test("no flag at all, as iptables writes it, is understood and no rule of nft", () => {
  const saved = `*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE -j ACCEPT
-A INPUT -p tcp -m tcp ! --tcp-flags FIN,RST NONE -j ACCEPT
COMMIT\n`;
  // What nft 1.0.6 printed of the two; and of one of nft's own that holds for an opening packet.
  const rule = (op: string, ...right: string[]) => {
    const left = { payload: { protocol: "tcp", field: "flags" } };
    const at = { family: "ip", table: "filter", chain: "INPUT" };
    return { rule: { ...at, expr: [{ match: { op, left, right } }, { accept: null }] } };
  };
  const table = { family: "ip", name: "filter" };
  const chain = { family: "ip", table: "filter", name: "INPUT" };
  const hook = { type: "filter", hook: "input", prio: 0, policy: "drop" };
  const ruleset = (...rules: unknown[]) =>
    JSON.stringify({ nftables: [{ table }, { chain: { ...chain, ...hook } }, ...rules] });
  const flags = ["fin", "syn", "rst", "psh", "ack", "urg"];
  const both = ruleset(rule("!", ...flags), rule("in", "fin", "rst"));
  assertEquals(told(both, { saved }), "dropped by the policy of INPUT");
  const none = ruleset(rule("!", "fin", "rst"), rule("in", "fin", "rst"));
  const other = saved.replace("FIN,SYN,RST,PSH,ACK,URG", "FIN,RST");
  assertEquals(
    told(none, { saved: other }),
    "accepted by rule 1 of INPUT: -p tcp -m tcp --tcp-flags FIN,RST NONE -j ACCEPT",
  );
});

Deno.test("output of nft that cannot be read leaves everything unknown", () => {
  const saved = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";
  assertEquals(
    told("segmentation fault", { saved }),
    "unknown: depends on table nft is not known: nft's output cannot be read",
  );
});

/** What nft printed of a table in the shape of firewalld's (zones by interface, icmpx, fib). */
const ZONES = Deno.readTextFileSync(new URL("nft_zones.json", import.meta.url));

Deno.test("a table in the shape of firewalld's is understood", () => {
  const cases: readonly (readonly [Question, string])[] = [
    [{ port: 22 }, "accepted by rule 1 of zone_public_allow"],
    [{ port: 23 }, "rejected by rule 6 of filter_INPUT"],
    [{ port: 23, from: "203.0.113.9", established: true }, "accepted by rule 1 of filter_INPUT"],
    [{ port: 22, family: "ipv6" }, "accepted by rule 1 of zone_public_allow"],
    [{ port: 23, family: "ipv6" }, "rejected by rule 6 of filter_INPUT"],
    [
      { port: 22, family: "ipv6", from: "2001:db8::9" },
      "unknown: depends on rule 2 of mangle_PREROUTING in table inet firewalld (fib saddr . mark",
    ],
    [
      { port: 2222 },
      "unknown: depends on rule 3 of zone_public_allow in table inet firewalld (ip saddr limit rate",
    ],
    // The rate counts IPv4 addresses.
    [{ port: 2222, family: "ipv6" }, "accepted by rule 4 of zone_public_allow"],
  ];
  for (const [question, expected] of cases) {
    assertEquals(told(ZONES, question).slice(0, expected.length), expected);
  }
});

Deno.test("nft shows only the name of an extension, so that its options are not guessed", () => {
  const match = (field: string, right: number) => ({
    match: { op: "==", left: { payload: { protocol: "tcp", field } }, right },
  });
  const chain = (name: string, more: Record<string, unknown>) => ({
    chain: { family: "inet", table: "t", name, policy: "accept", ...more },
  });
  const rule = (name: string, ...expr: unknown[]) => ({
    rule: { family: "inet", table: "t", chain: name, expr },
  });
  const tables = (target: string, ...behind: unknown[]) =>
    JSON.stringify({
      nftables: [
        { table: { family: "inet", name: "t" } },
        chain("pre", { type: "nat", hook: "prerouting", prio: -100 }),
        chain("in", { type: "filter", hook: "input", prio: 0 }),
        rule("pre", { xt: { type: "target", name: target } }),
        rule("in", ...behind, { drop: null }),
      ],
    });
  const mark = { match: { op: "==", left: { meta: { key: "mark" } }, right: 1 } };
  assertEquals(told(tables("LOG"), {}), "dropped by rule 1 of in in table inet t: drop");
  for (const target of ["REDIRECT", "DNAT", "CT"]) {
    assertEquals(told(tables(target, match("dport", 80))).slice(0, 8), "unknown:", target);
  }
  for (const target of ["MARK", "CONNMARK"]) {
    assertEquals(told(tables(target, mark)).slice(0, 8), "unknown:", target);
  }
});

Deno.test("an extension without a name in nft 0.9.8 may be a target", () => {
  const verdict = (...expr: unknown[]) => {
    const of = { family: "ip", table: "t" };
    const hook = { type: "filter", hook: "input", prio: 0, policy: "accept" };
    const text = JSON.stringify({
      nftables: [
        { table: { family: "ip", name: "t" } },
        { chain: { ...of, name: "in", ...hook } },
        { rule: { ...of, chain: "in", expr } },
      ],
    });
    return told(text, {}).split(/[: ]/)[0];
  };
  const protocol = (right: string) => ({
    match: { op: "==", left: { meta: { key: "l4proto" } }, right },
  });
  const counter = { counter: { packets: 0, bytes: 0 } };
  assertEquals(verdict(counter, { xt: null }), "unknown");
  assertEquals(verdict(protocol("tcp"), { xt: null }, counter, { xt: null }), "unknown");
  assertEquals(verdict(protocol("udp"), counter, { xt: null }), "accepted");
  // Matches are ahead of the counter, and one that is followed by no verdict decides nothing.
  assertEquals(verdict({ xt: null }, counter), "accepted");
  assertEquals(verdict({ xt: null }, counter, { drop: null }), "unknown");
});
