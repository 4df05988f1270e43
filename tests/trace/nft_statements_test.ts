// What statements, chains and tables of nft do to a packet, and how they are put into words.
import { assertEquals } from "@std/assert";
import { describeTrace } from "../../src/trace/describe.ts";
import type { Json } from "../../src/trace/nft/json.ts";
import { allStages } from "../../src/trace/nft/stages.ts";
import { outsider, packetFrom } from "../../src/trace/packet.ts";
import { readTables } from "../../src/trace/tables.ts";
import { traceStages } from "../../src/trace/verdict.ts";
import { NOW, type Question } from "../support/trace.ts";

type Rules = readonly (readonly Json[])[];

/** A chain with its rules; those without a hook are jumped to. */
interface ChainCase {
  readonly [key: string]: Json | Rules;
  readonly rules: Rules;
}

const accept: Json = { accept: null };
const drop: Json = { drop: null };
const BASE = { type: "filter", hook: "input", prio: 0, policy: "drop" };

/** A ruleset of one table. */
function ruleset(
  chains: Readonly<Record<string, ChainCase>>,
  table: Record<string, Json> = {},
): string {
  const { family = "inet" } = table;
  const at = { family, table: "t" };
  return JSON.stringify({
    nftables: [
      { table: { family, name: "t", ...table } },
      ...Object.entries(chains).map(([name, { rules: _, ...more }]) => ({
        chain: { ...at, name, ...more },
      })),
      ...Object.entries(chains).flatMap(([chain, { rules }]) =>
        rules.map((expr) => ({ rule: { ...at, chain, expr } }))
      ),
    ],
  });
}

function told(nft: string, question: Question = {}): string {
  const { family = "ipv4", protocol = "tcp", port = 22, from } = question;
  const options = { now: NOW, interface: "eth0", ...question };
  const to = { family, protocol, port };
  const packet = from === undefined ? outsider(to, options) : packetFrom(to, from, options);
  if (packet === null) throw new TypeError("no packet");
  const stages = allStages([readTables("", { family, backend: "nft" })], nft);
  return describeTrace(traceStages(stages, packet, question), { now: NOW });
}

/** The verdict on a packet in a chain with these rules, whose policy drops. */
function inChain(rules: Rules, question: Question = {}): string {
  return told(ruleset({ in: { ...BASE, rules }, sub: { rules: [[accept]] } }), question);
}

Deno.test("nft: each verdict, each jump, and what is skipped", () => {
  const cases: readonly (readonly [rule: readonly Json[], said: string])[] = [
    [[accept], "accepted by rule 1 of in in table inet t: accept"],
    [[drop], "dropped by rule 1 of in in table inet t: drop"],
    [[{ reject: null }], "rejected by rule 1 of in in table inet t: reject"],
    [[{ queue: null }], "queued to a program by rule 1 of in in table inet t: queue"],
    [[{ return: null }], "dropped by the policy of in in table inet t"],
    [[{ jump: { target: "sub" } }, drop], "accepted by rule 1 of sub in table inet t: accept"],
    [[{ goto: { target: "sub" } }, drop], "accepted by rule 1 of sub in table inet t: accept"],
    [
      [{ jump: { target: "none" } }],
      "unknown: depends on rule 1 of in in table inet t (jump none)",
    ],
    [[{ tproxy: { port: 1 } }], "unknown: depends on rule 1 of in in table inet t (tproxy)"],
  ];
  for (const [rule, said] of cases) {
    assertEquals(inChain([rule]), said, JSON.stringify(rule));
  }
  const passing: Json[] = [
    { counter: { packets: 1, bytes: 2 } },
    ..."log,comment,masquerade,snat,dup,ct helper,ct timeout,last,secmark,ct expectation".split(",")
      .map((tag): Json => ({ [tag]: null })),
  ];
  for (const one of passing) {
    assertEquals(inChain([[one, drop]]).startsWith("dropped by rule 1 of in"), true);
    assertEquals(inChain([[one], [accept]]).startsWith("accepted by rule 2"), true);
  }
});

Deno.test("nft: what matches only some packets leaves the verdict open", () => {
  const cases: readonly (readonly [one: Json, words: string])[] = [
    [{ limit: { rate: 5, per: "second" } }, "limit rate 5/second"],
    [{ "ct count": { val: 5 } }, "ct count"],
    [{ quota: {} }, "quota"],
    [{ meter: {} }, "meter"],
    [{ connlimit: {} }, "connlimit"],
    [{ xt: { type: "match", name: "geoip" } }, "xt match geoip"],
  ];
  for (const [one, words] of cases) {
    const said = `unknown: depends on rule 1 of in in table inet t (${words})`;
    assertEquals(inChain([[one, accept]]), said, words);
  }
  const map = { vmap: { key: { meta: { key: "cpu" } }, data: "@map" } };
  assertEquals(
    inChain([[map]]),
    "unknown: depends on rule 1 of in in table inet t (meta cpu vmap)",
  );
});

Deno.test("nft: a reset is for TCP, a translation for its family", () => {
  const reset: Json = { reject: { type: "tcp reset" } };
  assertEquals(inChain([[reset]]), "rejected by rule 1 of in in table inet t: reject");
  assertEquals(
    inChain([[reset]], { protocol: "udp" }),
    "dropped by the policy of in in table inet t",
  );
  const nat = (statement: Json) =>
    ruleset({
      pre: { type: "nat", hook: "prerouting", prio: -100, policy: "accept", rules: [[statement]] },
    });
  const cases: readonly (readonly [statement: Json, said: string])[] = [
    [{ redirect: { port: 8080 } }, "accepted at port 8080"],
    [{ redirect: null }, "accepted"],
    [{ redirect: { port: { range: [1, 9] } } }, "accepted at port unknown"],
    [
      { dnat: { addr: "10.0.0.8", port: 80 } },
      "redirected to 10.0.0.8:80 by rule 1 of pre in table inet t: dnat",
    ],
    [
      { dnat: { family: "ip", addr: "10.0.0.8" } },
      "redirected to 10.0.0.8:22 by rule 1 of pre in table inet t: dnat",
    ],
    [{ dnat: { family: "ip6", addr: "::1" } }, "accepted"],
  ];
  for (const [statement, said] of cases) {
    const words = told(nat(statement), { addresses: ["198.51.100.1"] });
    assertEquals(words.replace(": no rule looks at it", ""), said, JSON.stringify(statement));
  }
});

Deno.test("nft: marks that a rule sets are seen by those behind it", () => {
  const mark = (kind: string, value: Json): Json => ({
    mangle: { key: { [kind]: { key: "mark" } }, value },
  });
  const is = (kind: string, right: Json): Json => ({
    match: { op: "==", left: { [kind]: { key: "mark" } }, right },
  });
  for (const kind of ["meta", "ct"]) {
    assertEquals(inChain([[mark(kind, 7)], [is(kind, 7), accept]]).startsWith("accepted"), true);
    assertEquals(inChain([[mark(kind, 7)], [is(kind, 8), accept]]).startsWith("dropped"), true);
    assertEquals(inChain([[mark(kind, "x")], [is(kind, 7), accept]]).startsWith("unknown"), true);
    assertEquals(inChain([[mark(kind, 7), drop]]).startsWith("dropped by rule 1"), true);
  }
  assertEquals(inChain([[mark("meta", 7)], [is("ct", 7), accept]]).startsWith("dropped"), true);
  for (const field of ["saddr", "daddr", "sport", "dport", null]) {
    const payload = field === null ? {} : { protocol: "ip", field };
    const moved = inChain([[{ mangle: { key: { payload }, value: 1 } }], [accept]]);
    assertEquals(moved, "unknown: depends on rule 1 of in in table inet t (mangle)");
  }
  const dscp = { mangle: { key: { payload: { protocol: "ip", field: "dscp" } }, value: 1 } };
  assertEquals(inChain([[dscp], [accept]]).startsWith("accepted"), true);
  const untracked: Json = {
    match: { op: "in", left: { ct: { key: "state" } }, right: "untracked" },
  };
  const pre = { ...BASE, hook: "prerouting", prio: -300 };
  const both = (rules: Rules) =>
    told(
      ruleset({
        pre: { ...pre, policy: "accept", rules },
        in: { ...BASE, rules: [[untracked, accept]] },
      }),
    );
  assertEquals(both([[{ notrack: null }]]).startsWith("accepted"), true);
  assertEquals(both([]).startsWith("dropped"), true);
});

Deno.test("nft: a map has a verdict for each value, and what follows it is evaluated afterwards", () => {
  const vmap = (data: Json): Json => ({
    vmap: { key: { payload: { protocol: "tcp", field: "dport" } }, data },
  });
  const map = vmap({ set: [[22, drop], [80, accept], [25, { jump: { target: "sub" } }]] });
  assertEquals(inChain([[map]]), "dropped by rule 1 of in in table inet t: tcp dport vmap");
  assertEquals(inChain([[map]], { port: 80 }).startsWith("accepted by rule 1 of in "), true);
  assertEquals(inChain([[map]], { port: 25 }).startsWith("accepted by rule 1 of sub "), true);
  assertEquals(inChain([[map]], { port: 1 }), "dropped by the policy of in in table inet t");
  assertEquals(inChain([[map, accept]], { port: 1 }).startsWith("accepted"), true);
  assertEquals(inChain([[map, accept]], { port: 22 }).startsWith("dropped by rule 1"), true);
});

Deno.test("nft: chains at a hook are evaluated by priority; ingress and dormant tables leave it open", () => {
  const at = (prio: Json, rules: Rules, more: Record<string, Json> = {}) => ({
    ...BASE,
    policy: "accept",
    prio,
    ...more,
    rules,
  });
  const two = { late: at(10, [[drop]]), early: at(-10, [[drop]]) };
  assertEquals(told(ruleset(two)), "dropped by rule 1 of early in table inet t: drop");
  assertEquals(
    told(ruleset({ out: at(0, [[drop]], { hook: "output" }) })),
    "accepted: no rule looks at it",
  );
  assertEquals(
    told(ruleset({ out: at(0, [[drop]], { hook: "forward" }) })),
    "accepted: no rule looks at it",
  );
  const nat = at(0, [[drop]], { type: "nat", hook: "input" });
  assertEquals(told(ruleset({ nat })), "accepted: no rule looks at it");
  const ingress = { in: at(0, [[drop]], { hook: "ingress" }) };
  const said = "unknown: depends on table netdev t is not known: chain in sees packets of some " +
    "interfaces ahead of all others";
  assertEquals(told(ruleset(ingress, { family: "netdev" })), said);
  assertEquals(told(ruleset(ingress, { family: "netdev" }), { family: "ipv6" }), said);
  const empty = { in: at(0, [], { hook: "ingress" }) };
  assertEquals(told(ruleset(empty, { family: "netdev" })), "accepted: no rule looks at it");
  const closed = { in: at(0, [], { hook: "ingress", policy: "drop" }) };
  assertEquals(told(ruleset(closed, { family: "netdev" })), said);
  const asleep =
    "unknown: depends on table inet t is not known: it is dormant: its rules have no effect";
  assertEquals(told(ruleset(two, { flags: "dormant" })), asleep);
  assertEquals(told(ruleset(two, { flags: "owner" })).startsWith("dropped"), true);
  for (const family of ["ip6", "bridge", "arp"]) {
    assertEquals(told(ruleset(two, { family })), "accepted: no rule looks at it");
  }
  assertEquals(told(ruleset(two, { family: "ip" })).startsWith("dropped"), true);
  assertEquals(
    told(ruleset(two, { family: "ip6" }), { family: "ipv6" }).startsWith("dropped"),
    true,
  );
});

Deno.test("nft: output that is no ruleset is not known", () => {
  for (const text of ["", "{", "[]", '{"nftables": 1}']) {
    const said = "unknown: depends on table nft is not known: nft's output cannot be read";
    assertEquals(told(text), said);
  }
});

Deno.test("nft: what is dropped ahead of everything needs no ruleset that can be read", () => {
  const raw = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DROP\nCOMMIT\n";
  const packet = outsider({ family: "ipv4", protocol: "tcp", port: 22 }, {
    now: NOW,
    interface: "eth0",
  });
  if (packet === null) throw new TypeError("no packet");
  const ingress = ruleset({ in: { ...BASE, hook: "ingress", rules: [] } }, { family: "netdev" });
  const saved = readTables(raw, { family: "ipv4", backend: "nft" });
  assertEquals(traceStages(allStages([saved], ingress), packet).verdict, "unknown");
  const dormant = ruleset({ in: { ...BASE, rules: [] } }, { flags: "dormant" });
  for (const nft of ["{", dormant]) {
    const stages = allStages([readTables(raw, { family: "ipv4", backend: "nft" })], nft);
    assertEquals(traceStages(stages, packet).verdict, "dropped");
  }
});
