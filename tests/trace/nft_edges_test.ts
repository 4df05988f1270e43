// The edges of what is read of nft's rules: extensions, rates, sets that are filled on the way.
import { assertEquals } from "@std/assert";
import { decidersOf } from "../../src/trace/deciders.ts";
import type { Json } from "../../src/trace/nft/json.ts";
import { readTables } from "../../src/trace/tables.ts";
import { type Expr, INPUT, nftTable, toldNft } from "../support/nft_rules.ts";
import { NOW, type Question } from "../support/trace.ts";

const accept: Json = { accept: null };
const drop: Json = { drop: null };
const back: Json = { return: null };
const left = (protocol: string, field: string): Json => ({ payload: { protocol, field } });
const match = (of: Json, right: Json, op = "=="): Json => ({ match: { op, left: of, right } });
const xt = (type: string, name: string): Json => ({ xt: { type, name } });

/** What becomes of a packet in a chain with these rules, whose policy drops, in a few words. */
function meets(
  rules: readonly Expr[],
  question: Question = {},
  sets: Readonly<Record<string, Json>> = {},
): string {
  const told = toldNft(
    nftTable({ in: { ...INPUT, rules }, sub: { rules: [[accept]] } }, sets),
    question,
  );
  return told.replaceAll(" in table inet t", "").replaceAll(" of in", "");
}

Deno.test("nft: an extension of which the name is known does what its name says", () => {
  const target = (name: string) => meets([[xt("target", name)], [accept]]);
  for (const name of ["LOG", "NFLOG", "MARK", "TCPMSS", "CONNMARK", "SET"]) {
    assertEquals(target(name), "accepted by rule 2: accept", name);
    assertEquals(
      meets([[xt("target", name), drop], [accept]]),
      "dropped by rule 1: xt target " +
        `${name} drop`,
      name,
    );
  }
  assertEquals(target("REJECT"), "rejected by rule 1: xt target REJECT");
  assertEquals(target("TARPIT"), "dropped by rule 1: xt target TARPIT");
  assertEquals(target("NFQUEUE"), "queued to a program by rule 1: xt target NFQUEUE");
  for (const name of ["CT", "DNAT", "STRANGE", "constructor"]) {
    assertEquals(target(name).startsWith("unknown: depends on rule 1 ("), true, name);
  }
  const matching = meets([[xt("match", "owner"), drop], [accept]]);
  assertEquals(matching, "unknown: depends on rule 1 (xt match owner)");
  // Its options are not known, so that the same name may ask something else.
  const twice = meets([[xt("match", "owner"), back], [xt("match", "owner"), accept]]);
  assertEquals(twice, "unknown: depends on rule 1 (xt match owner), rule 2 (xt match owner)");
});

Deno.test("nft: what holds for some packets is asked each time anew, a match that is unknown once", () => {
  const twice = (one: Json) => meets([[one, back], [one, accept]]);
  const asked: readonly (readonly [one: Json, words: string])[] = [
    [{ limit: { rate: 5, per: "second" } }, "limit rate 5/second"],
    [{ "ct count": { val: 5 } }, "ct count"],
    [{ quota: {} }, "quota"],
    [{ meter: {} }, "meter"],
    [{ connlimit: {} }, "connlimit"],
    [
      {
        set: {
          op: "add",
          elem: left("ip", "saddr"),
          set: "@d",
          stmt: [{ limit: { rate: 3, per: "minute" } }],
        },
      },
      "ip saddr limit rate 3/minute",
    ],
  ];
  for (const [one, words] of asked) {
    assertEquals(twice(one), `unknown: depends on rule 1 (${words}), rule 2 (${words})`);
  }
  assertEquals(twice(match({ meta: { key: "cpu" } }, 1)), "dropped by the policy");
  const [cpu, other] = [1, 2].map((right) => match({ meta: { key: "cpu" } }, right));
  assertEquals(
    meets([[cpu!, back], [other!, accept]]),
    "unknown: depends on rule 1 (meta cpu 1), rule 2 (meta cpu 2)",
  );
});

Deno.test("nft: a rate decides for some, what else is not known for nobody in particular", () => {
  const certainty = (one: Json) => {
    const nft = JSON.stringify({
      nftables: [
        { table: { family: "ip", name: "filter" } },
        { chain: { family: "ip", table: "filter", name: "INPUT", ...INPUT } },
        { rule: { family: "ip", table: "filter", chain: "INPUT", expr: [one, accept] } },
      ],
    });
    const saved = "*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n";
    const ruleset = readTables(saved, { family: "ipv4" });
    const options = { now: NOW, interface: "eth0", nft };
    const { first } = decidersOf(ruleset, { protocol: "tcp", port: 22 }, options);
    return `${first?.number} ${first?.certainty}`;
  };
  const meter = (stmt: Json) => ({
    set: { op: "add", elem: left("ip", "saddr"), set: "@d", stmt: [stmt] },
  });
  assertEquals(certainty({ limit: { rate: 5, per: "second", inv: true } }), "1 for some");
  assertEquals(certainty(meter({ limit: { rate: 5, per: "second" } })), "1 for some");
  assertEquals(certainty(meter({ "ct count": { val: 5 } })), "2 surely");
  assertEquals(certainty({ "ct count": { val: 5 } }), "2 surely");
  assertEquals(certainty({ quota: {} }), "2 surely");
  assertEquals(certainty(match({ meta: { key: "cpu" } }, 1)), "2 surely");
});

Deno.test("nft: what is no statement at all may do anything", () => {
  for (const one of [null, 5, "drop", [], {}] as Json[]) {
    assertEquals(meets([[one], [accept]]), "unknown: depends on rule 1 (?)", JSON.stringify(one));
    assertEquals(meets([[drop, one]]), "dropped by rule 1: drop ?");
  }
});

Deno.test("nft: each flag of TCP has its bit, and a SYN has one of them", () => {
  const flags = (right: Json, op = "==", ...mask: string[]) => {
    const of = left("tcp", "flags");
    const one = mask.length === 0 ? of : { "&": [of, mask.length === 1 ? mask[0]! : mask] };
    return meets([[match(one, right, op), accept]]).split(" ")[0];
  };
  const all = ["fin", "syn", "rst", "psh", "ack", "urg"];
  for (const flag of all) {
    const isSet = flag === "syn" ? "accepted" : "dropped";
    const isNot = flag === "syn" ? "dropped" : "accepted";
    assertEquals(flags(flag, "==", flag), isSet, flag);
    assertEquals(flags(0, "==", flag), isNot, flag);
    assertEquals(flags(flag, "!=", flag), isNot, flag);
    assertEquals(flags(flag, "in"), isSet, flag);
    assertEquals(flags(flag, "!"), isNot, flag);
    assertEquals(flags({ "|": ["syn", flag] }, "==", ...all), isSet, flag);
  }
  assertEquals(flags("syn", "==", ...all), "accepted");
  assertEquals(flags(["fin", "ack"], "in"), "dropped");
  assertEquals(flags(["fin", "syn"], "in"), "accepted");
  for (const flag of ["ecn", "cwr"]) {
    assertEquals(flags("syn", "==", "syn", flag), "unknown:", flag);
    assertEquals(flags(0, "==", flag), "unknown:", flag);
    assertEquals(flags(flag, "in"), "dropped", flag);
  }
  for (const strange of ["xyz", { "|": ["syn", "xyz"] }, null, { x: 1 }] as Json[]) {
    assertEquals(flags(strange, "==", "syn"), "unknown:", JSON.stringify(strange));
    assertEquals(flags(strange, "in"), "unknown:", JSON.stringify(strange));
  }
  assertEquals(flags("syn", "<", "syn"), "unknown:");
});

Deno.test("nft: a set that a rule on the way fills may hold anyone from there on", () => {
  const add = (set: string, elem: Json): Json => ({ set: { op: "add", elem, set } });
  const saddr = left("ip", "saddr");
  const bans = match(saddr, "@bans");
  const known: Question = { from: "203.0.113.9" };
  const sets = { bans: ["192.0.2.1"], ports: [80] };
  assertEquals(meets([[bans, accept]], {}, sets), "dropped by the policy");
  assertEquals(meets([[bans, accept]], known, sets), "dropped by the policy");
  const filled = [[add("@bans", saddr)], [bans, accept]];
  const open = "unknown: depends on rule 2 (ip saddr @bans)";
  assertEquals(meets(filled, {}, sets), open);
  assertEquals(meets(filled, known, sets), open);
  assertEquals(
    meets([[add("@other", saddr)], [bans, accept]], known, sets),
    "dropped by the policy",
  );
  const port = match(left("tcp", "dport"), "@ports");
  assertEquals(meets([[port, accept]], {}, sets), "dropped by the policy");
  assertEquals(
    meets([[add("@ports", left("tcp", "dport"))], [port, accept]], {}, sets),
    "unknown: depends on rule 2 (tcp dport @ports)",
  );
  // Sets of pairs, with a source among them, name nobody; of others it is not known.
  const pair = (first: Json, second: Json, right: Json) =>
    meets([[match({ concat: [first, second] }, right), accept]], {}, sets).split(" ")[0];
  const dport = left("tcp", "dport");
  assertEquals(pair(saddr, dport, "@pairs"), "dropped");
  assertEquals(pair(saddr, dport, { set: [{ concat: ["192.0.2.1", 22] }] }), "dropped");
  assertEquals(pair(left("ip6", "saddr"), dport, "@pairs"), "dropped");
  assertEquals(pair(left("ether", "saddr"), dport, "@pairs"), "dropped");
  assertEquals(pair(left("ip", "daddr"), dport, "@pairs"), "unknown:");
  assertEquals(pair({ meta: { key: "iifname" } }, dport, "@ports"), "unknown:");
});

Deno.test("nft: a rule that changes something ahead of what does not hold has changed it", () => {
  const mark = (kind: string, value: Json): Json => ({
    mangle: { key: { [kind]: { key: "mark" } }, value },
  });
  const is = (right: Json) => match({ meta: { key: "mark" } }, right);
  const never = match(left("tcp", "dport"), 80);
  assertEquals(
    meets([[mark("meta", 7), never, drop], [is(7), accept]]),
    "accepted by rule 2: " +
      "meta mark 7 accept",
  );
  assertEquals(meets([[never, mark("meta", 7), drop], [is(7), accept]]), "dropped by the policy");
  const both = [mark("meta", 7), is(7), mark("meta", 8), never, drop];
  assertEquals(meets([both, [is(8), accept]]).startsWith("accepted by rule 2"), true);
  assertEquals(
    meets([[mark("meta", 7), mark("meta", 8), is(8), accept]]).split(" ")[0],
    "accepted",
  );
  assertEquals(meets([[mark("meta", 7), mark("meta", 8), is(7), accept]]).split(" ")[0], "dropped");
  // Another field of the packet's data is no mark.
  const priority: Json = { mangle: { key: { meta: { key: "priority" } }, value: 7 } };
  assertEquals(meets([[priority], [is(0), accept]]).split(" ")[0], "accepted");
  const jump: Json = { jump: { target: "sub" } };
  assertEquals(meets([[mark("meta", 7), jump]]), "accepted by rule 1 of sub: accept");
});

Deno.test("nft: a translation is for packets of its family, and leads where it says", () => {
  const nat = (statement: Json, family: "ipv4" | "ipv6") => {
    const pre = {
      type: "nat",
      hook: "prerouting",
      prio: -100,
      policy: "accept",
      rules: [[statement]],
    };
    const told = toldNft(nftTable({ pre }), { family, addresses: [] });
    return told.replace(/ by rule .*|: no rule.*/, "");
  };
  const [four, six] = [{ family: "ip", addr: "10.0.0.8" }, { family: "ip6", addr: "2001:db8::8" }];
  assertEquals(nat({ dnat: four }, "ipv4"), "redirected to 10.0.0.8:22");
  assertEquals(nat({ dnat: four }, "ipv6"), "accepted");
  assertEquals(nat({ dnat: six }, "ipv6"), "redirected to [2001:db8::8]:22");
  assertEquals(nat({ dnat: six }, "ipv4"), "accepted");
  assertEquals(
    nat({ dnat: { addr: "2001:db8::8", port: 80 } }, "ipv6"),
    "redirected to [2001:db8::8]:80",
  );
  assertEquals(
    nat({ dnat: { ...six, port: { range: [1, 2] } } }, "ipv6"),
    "redirected to [2001:db8::8]",
  );
  for (const dnat of [{}, { port: 80 }, { family: "ip", addr: { map: {} } }, null] as Json[]) {
    assertEquals(nat({ dnat }, "ipv4").startsWith("unknown"), true, JSON.stringify(dnat));
  }
  assertEquals(nat({ redirect: { port: 80 } }, "ipv6"), "accepted at port 80");
});
