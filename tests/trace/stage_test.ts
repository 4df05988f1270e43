// Which chains a packet enters, in which order, and what connection tracking has done by then.
import { assertEquals } from "@std/assert";
import { describeTrace } from "../../src/trace/describe.ts";
import type { Json } from "../../src/trace/nft/json.ts";
import { allStages } from "../../src/trace/nft/stages.ts";
import { outsider } from "../../src/trace/packet.ts";
import { stagesOf } from "../../src/trace/stage.ts";
import { readTables } from "../../src/trace/tables.ts";
import { traceStages } from "../../src/trace/verdict.ts";
import { ask, filter, NOW, told, traceTables } from "../support/trace.ts";

const TO = { family: "ipv4", protocol: "tcp", port: 22 } as const;
const PACKET = outsider(TO, { now: NOW, interface: "eth0" });

/** A chain of nft at a hook, with one rule. */
interface At {
  readonly hook?: string;
  readonly prio: Json;
  readonly type?: string;
  readonly expr: readonly Json[];
}

/** What nft prints of chains, each in a table of its own. */
function ruleset(...chains: readonly At[]): string {
  const entries = chains.flatMap(({ expr, ...more }, index) => {
    const at = { family: "inet", table: `t${index}` };
    const chain = { ...at, name: "c", type: "filter", hook: "input", policy: "accept", ...more };
    return [
      { table: { family: "inet", name: at.table } },
      { chain },
      { rule: { ...at, chain: "c", expr } },
    ];
  });
  return JSON.stringify({ nftables: entries });
}

function meets(saved: string, ...chains: readonly At[]): string {
  const stages = allStages([readTables(saved, { family: "ipv4" })], ruleset(...chains));
  return describeTrace(traceStages(stages, PACKET, { addresses: [] }), { now: NOW });
}

const drop: Json = { drop: null };
const CHAINS = [
  ["raw", "PREROUTING", "prerouting", -300],
  ["mangle", "PREROUTING", "prerouting", -150],
  ["nat", "PREROUTING", "prerouting", -100],
  ["mangle", "INPUT", "input", -150],
  ["filter", "INPUT", "input", 0],
  ["security", "INPUT", "input", 50],
] as const;

Deno.test("each chain of iptables is entered at its place among those of nft", () => {
  for (const [table, chain, hook, priority] of CHAINS) {
    const saved = `*${table}\n:${chain} ACCEPT [0:0]\n-A ${chain} -j DROP\nCOMMIT\n`;
    const inTable = table === "filter" ? "" : ` in table ${table}`;
    const iptables = `dropped by rule 1 of ${chain}${inTable}: -j DROP`;
    const nft = "dropped by rule 1 of c in table inet t0: drop";
    assertEquals(meets(saved, { hook, prio: priority - 1, expr: [drop] }), nft, table + chain);
    assertEquals(meets(saved, { hook, prio: priority, expr: [drop] }), iptables, table + chain);
    assertEquals(meets(saved, { hook, prio: priority + 1, expr: [drop] }), iptables, table + chain);
  }
});

Deno.test("all chains of prerouting come ahead of those of input, whatever their priority is", () => {
  const [late, early] = [
    { hook: "prerouting", prio: 1000, expr: [drop] },
    { hook: "input", prio: -1000, expr: [drop] },
  ];
  for (const both of [[late, early], [early, late]]) {
    const at = both.indexOf(late!);
    assertEquals(meets("", ...both as At[]), `dropped by rule 1 of c in table inet t${at}: drop`);
  }
  const sorted = [5, 1, 4, 2, 3].map((prio): At => ({ prio, expr: [drop] }));
  assertEquals(meets("", ...sorted), "dropped by rule 1 of c in table inet t1: drop");
  // A priority that is no number is that of filter.
  const named: At = { prio: null, expr: [drop] };
  assertEquals(meets("", { prio: 1, expr: [drop] }, named).includes("t1"), true);
  assertEquals(meets("", { prio: -1, expr: [drop] }, named).includes("t0"), true);
});

Deno.test("chains that iptables does not enter on the way in decide nothing", () => {
  for (
    const [table, chain] of [
      ...[["raw", "OUTPUT"], ["nat", "INPUT"], ["filter", "FORWARD"], ["mangle", "POSTROUTING"]],
      ...[["filter", "PREROUTING"], ["security", "PREROUTING"], ["raw", "INPUT"]],
    ]
  ) {
    const saved = `*${table}\n:${chain} DROP [0:0]\nCOMMIT\n`;
    assertEquals(told(saved), "accepted: no rule looks at it", `${table} ${chain}`);
  }
});

Deno.test("connection tracking looks at a packet at priority -200 of prerouting", () => {
  const state = (name: string): Json => ({
    match: { op: "in", left: { ct: { key: "state" } }, right: name },
  });
  const at = (hook: string, prio: number, name: string) =>
    meets("", { hook, prio, expr: [state(name), drop] }).slice(0, 7);
  for (const prio of [-300, -201, -200]) {
    assertEquals(at("prerouting", prio, "invalid"), "dropped", `${prio}`);
    assertEquals(at("prerouting", prio, "new"), "accepte", `${prio}`);
  }
  for (const [hook, prio] of [["prerouting", -199], ["prerouting", 0], ["input", -500]] as const) {
    assertEquals(at(hook, prio, "invalid"), "accepte", `${hook} ${prio}`);
    assertEquals(at(hook, prio, "new"), "dropped", `${hook} ${prio}`);
  }
});

Deno.test("a mark that iptables sets is the one that nft sees, up to the highest bit", () => {
  const seen = (mark: number, ...targets: readonly string[]) => {
    const rules = targets.map((target) => `-A PREROUTING -j ${target}\n`).join("");
    const saved = `*mangle\n:PREROUTING ACCEPT [0:0]\n${rules}COMMIT\n`;
    const match = { match: { op: "==", left: { meta: { key: "mark" } }, right: mark } };
    return meets(saved, { prio: 0, expr: [match, drop] }).slice(0, 7) === "dropped";
  };
  for (const mark of [0x80000001, 0x7fffffff, 1]) {
    assertEquals(seen(mark, `MARK --set-xmark ${mark}/0xffffffff`), true);
    assertEquals(seen(mark, `MARK --set-xmark ${mark}/0xfffffffe`), true);
    assertEquals(seen(mark, `CONNMARK --set-mark ${mark}`, "CONNMARK --restore-mark"), true);
    assertEquals(seen(mark, `CONNMARK --set-mark ${mark}`), false);
  }
});

const NAT = (rules: string) => `*nat\n:PREROUTING ACCEPT [0:0]\n${rules}\nCOMMIT\n`;
const REDIRECT = NAT("-A PREROUTING -p tcp -j REDIRECT --to-ports 2222");
const RIVALS = "two tables nat hold rules";

Deno.test("of two tables nat at one place nobody knows which is asked first, unless one is empty", () => {
  const both = (nft: string, legacy: string) => {
    const read = (text: string, backend: string) => readTables(text, { family: "ipv4", backend });
    const trace = traceTables([read(nft, "nft"), read(legacy, "legacy")], PACKET, {
      addresses: ["198.51.100.1"],
    });
    return describeTrace(trace, { now: NOW }).replace(/ by rule.*\((.*)\)$/, ": $1");
  };
  assertEquals(both(REDIRECT, REDIRECT).endsWith(`(${RIVALS})`), true);
  assertEquals(both(REDIRECT, NAT("")), "accepted at port 2222: no rule looks at it");
  assertEquals(both(NAT(""), REDIRECT), "accepted at port 2222: no rule looks at it");
  assertEquals(both(REDIRECT, ""), "accepted at port 2222: no rule looks at it");
  const nat = (prio: number): At => ({
    hook: "prerouting",
    type: "nat",
    prio,
    expr: [{ redirect: { port: 23 } }],
  });
  assertEquals(meets(REDIRECT, nat(-100)).endsWith(`(${RIVALS})`), true);
  assertEquals(meets(REDIRECT, nat(-99)), "accepted at port 2222: no rule looks at it");
  assertEquals(meets(REDIRECT, nat(-101)), "accepted at port 23: no rule looks at it");
  // A chain at the same place that translates nothing is none.
  const filters: At = { hook: "prerouting", prio: -100, expr: [{ counter: null }] };
  assertEquals(meets(REDIRECT, filters).startsWith("accepted at port 2222"), true);
});

Deno.test("what is no output of iptables-save leaves the table that people ask for unknown", () => {
  const said = (why: string) => `unknown: depends on table filter is not known: ${why}`;
  assertEquals(told("segmentation fault\n"), said("it is not the output of iptables-save"));
  assertEquals(told("-A INPUT -j DROP\n"), said("a rule is outside of a table"));
  const stray = `${filter("-A INPUT -j DROP")}-A INPUT -j ACCEPT\nsegmentation fault\n`;
  assertEquals(told(stray), said("a rule is outside of a table"));
  // What was wrong first is said.
  const first = said("it is not the output of iptables-save");
  assertEquals(told("segmentation fault\n-A INPUT -j DROP\n"), first);
  assertEquals(
    told("-A INPUT -j DROP\nsegmentation fault\n"),
    said("a rule is outside of a table"),
  );
  const table = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\n";
  assertEquals(told(table), said("it has no COMMIT"));
  assertEquals(told(`${table}what\nCOMMIT\n`), said("a line of it is not a rule"));
  for (const ahead of ["\n", "# a comment\n\n", "#\n"]) {
    assertEquals(told(ahead + filter("-A INPUT -j DROP")), "dropped by rule 1 of INPUT: -j DROP");
  }
  assertEquals(
    told(`*filter\n:INPUT ACCEPT [0:0]\n\n-A INPUT -j DROP\n# x\nCOMMIT`).slice(0, 7),
    "dropped",
  );
  const remark = "# see # Table `filter' is incompatible, use 'nft' tool.\n";
  assertEquals(told(filter("-A INPUT -j DROP") + remark).slice(0, 7), "dropped");
  // A table that is not whole may hide a chain.
  const hidden = "*security\nCOMMI\n";
  assertEquals(
    told(hidden),
    "unknown: depends on table security is not known: a line of it is not a rule",
  );
  assertEquals(told("*security\nCOMMIT\n"), "accepted: no rule looks at it");
  assertEquals(told("*nat\n"), "unknown: depends on table nat is not known: it has no COMMIT");
});

Deno.test("what lets a packet in is named by the rule that people ask for", () => {
  const table = (name: string, chain: string, rules = "") =>
    `*${name}\n:${chain} ACCEPT [0:0]\n${rules}COMMIT\n`;
  const by = (...tables: readonly string[]) => {
    const place = ask(tables.join("")).end.by;
    return place === null ? null : `${place.table} ${place.chain} ${place.number} ${place.text}`;
  };
  const input = (rules: string) => filter(rules);
  const accept = "-A INPUT -j ACCEPT\n";
  assertEquals(by(input(accept)), "filter INPUT 1 -j ACCEPT");
  assertEquals(by(input("")), "filter INPUT 0 policy ACCEPT");
  assertEquals(by(input(accept), table("security", "INPUT")), "filter INPUT 1 -j ACCEPT");
  assertEquals(by(input(accept), table("security", "INPUT", accept)), "filter INPUT 1 -j ACCEPT");
  assertEquals(by(input(""), table("security", "INPUT", accept)), "filter INPUT 0 policy ACCEPT");
  assertEquals(by(input(""), table("mangle", "INPUT", accept)), "filter INPUT 0 policy ACCEPT");
  assertEquals(by(table("mangle", "INPUT", accept)), "mangle INPUT 1 -j ACCEPT");
  assertEquals(
    by(table("mangle", "INPUT", accept), table("security", "INPUT")),
    "mangle INPUT 1 -j ACCEPT",
  );
  assertEquals(
    by(table("mangle", "INPUT"), table("security", "INPUT", accept)),
    "security INPUT 1 -j ACCEPT",
  );
  // Of two that are alike it is the last one that is asked.
  const read = (backend: string) => readTables(input(accept), { family: "ipv4", backend });
  const two = traceTables([read("nft"), read("legacy")], PACKET);
  assertEquals([two.verdict, two.end.by?.backend], ["accepted", "legacy"]);
  assertEquals(by(table("raw", "PREROUTING", accept.replace("INPUT", "PREROUTING"))), null);
  const shut = ask(filter("", "DROP")).end.by;
  assertEquals(shut, {
    backend: "",
    table: "filter",
    chain: "INPUT",
    number: 0,
    text: "policy DROP",
  });
});

Deno.test("the stages of one iptables are those of its tables that are there", () => {
  const all = CHAINS.map(([table, chain]) => `*${table}\n:${chain} ACCEPT [0:0]\nCOMMIT\n`);
  const stages = (text: string) =>
    stagesOf(readTables(text, { family: "ipv4", backend: "legacy" }))
      .map(({ backend, table, chain, nat }) => `${backend} ${table.name} ${chain?.name} ${nat}`);
  assertEquals(stages(""), []);
  assertEquals(stages(all.slice(0, 3).join("")), [
    ...["legacy raw PREROUTING false", "legacy mangle PREROUTING false"],
    "legacy nat PREROUTING true",
  ]);
  assertEquals(stages(all.slice(4).join("")), [
    ...["legacy filter INPUT false", "legacy security INPUT false"],
  ]);
});
