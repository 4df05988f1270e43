// Which rules match on more than iptables-save shows, told by what nft prints of the same chain.
import { assert, assertEquals } from "@std/assert";
import { findNativeRules, readNftChains } from "../../src/firewall/native_rules.ts";
import { readFilterTable } from "../support/read_table.ts";

/** A chain of nft with these rules, each the list of its statements. */
function listed(chain: string, ...rules: readonly unknown[]): string {
  const at = { family: "ip", table: "filter" };
  return JSON.stringify({
    nftables: [
      { metainfo: { version: "1.0.6" } },
      { chain: { ...at, name: chain } },
      ...rules.map((expr) => ({ rule: { ...at, chain, expr } })),
    ],
  });
}

function tableOf(chains: Readonly<Record<string, readonly string[]>>) {
  const heads = Object.keys(chains).map((chain) => `:${chain} - [0:0]`);
  const rules = Object.entries(chains).flatMap(([chain, texts]) =>
    texts.map((text) => `-A ${chain} ${text}`)
  );
  return readFilterTable(["*filter", ...heads, ...rules, "COMMIT", ""].join("\n"), "ipv4");
}

/** Whether a rule with these statements is one whose text hides what it matches on. */
function hides(text: string, statements: readonly unknown[]): boolean {
  const table = tableOf({ a: [text, "-j DROP"] });
  const nft = readNftChains([listed("a", statements, [{ drop: null }])]);
  assert(nft !== null);
  const found = findNativeRules(table, { chains: ["a"], nft });
  assert(found.ok);
  const places = found.value.get("a") ?? [];
  assert(places.every((at) => at === 0) && places.length < 2);
  return places.length === 1;
}

const payload = (field: string, protocol = "ip") => ({ payload: { protocol, field } });
const meta = (key: string) => ({ meta: { key } });
const match = (left: unknown, right: unknown, op = "==") => ({ match: { op, left, right } });

const ACCEPT = { accept: null };
const SADDR = match(payload("saddr"), "192.0.2.1");
const TEXT = "-s 192.0.2.1/32 -j ACCEPT";

Deno.test("a statement of which iptables shows all hides nothing, any other does", () => {
  const plain = [
    { counter: { packets: 0, bytes: 0 } },
    { accept: null },
    { drop: null },
    { return: null },
    { jump: { target: "b" } },
    { goto: { target: "b" } },
    { xt: { type: "match", name: "comment" } },
    { limit: { rate: 10, per: "minute" } },
  ];
  for (const statement of plain) {
    assertEquals(hides(TEXT, [SADDR, statement]), false, JSON.stringify(statement));
    assertEquals(hides("-j ACCEPT", [statement]), false, JSON.stringify(statement));
  }
  const others = [
    { vmap: { key: payload("saddr"), data: { set: [["192.0.2.1", ACCEPT]] } } },
    { lookup: "x" },
    { reject: { type: "icmp" } },
    { log: { prefix: "a" } },
    { matches: SADDR.match },
    { accepts: null },
    {},
    null,
    "drop",
    7,
  ];
  for (const statement of others) {
    assertEquals(hides(TEXT, [SADDR, statement, ACCEPT]), true, JSON.stringify(statement));
    assertEquals(hides(TEXT, [statement, SADDR, ACCEPT]), true, JSON.stringify(statement));
  }
});

Deno.test("a comparison is shown for each field that iptables knows, and for no other", () => {
  const shown = [
    ...["saddr", "daddr", "protocol", "nexthdr", "dport", "sport", "flags", "type", "code"]
      .map((field) => payload(field)),
    ...["l4proto", "iifname", "oifname", "mark", "pkttype"].map(meta),
  ];
  const hidden = [
    ...["ttl", "length", "dscp", "id", "checksum", "sequence", "", "toString"]
      .map((field) => payload(field)),
    ...["iif", "oif", "skuid", "skgid", "cgroup", "hour", "time", "nfproto"].map(meta),
    { ct: { key: "state" } },
    { fib: { result: "type", flags: "daddr" } },
    { concat: [payload("saddr"), payload("dport")] },
    { payload: { base: "th", offset: 16, len: 16 } },
    {},
    null,
    "saddr",
  ];
  for (const [some, hidesIt] of [[shown, false], [hidden, true]] as const) {
    for (const left of some) {
      const text = JSON.stringify(left);
      assertEquals(hides("-p tcp -j ACCEPT", [match(left, 1), ACCEPT]), hidesIt, text);
      // A mask is shown as well, and changes nothing of what else is.
      const masked = { "&": [left, 255] };
      assertEquals(hides("-p tcp -j ACCEPT", [match(masked, 1), ACCEPT]), hidesIt, text);
      // Whatever it compares, a text without any match does not show it.
      assertEquals(hides("-j ACCEPT", [match(left, 1), ACCEPT]), true, text);
    }
  }
});

Deno.test("a field that is compared twice is shown once", () => {
  const [dport, sport] = ["dport", "sport"].map((field) => payload(field, "tcp"));
  const once = [match(dport, 22), match(sport, 23), ACCEPT];
  assertEquals(hides("-p tcp -j ACCEPT", once), false);
  assertEquals(hides("-p tcp -j ACCEPT", [match(dport, 22), ...once]), true);
  assertEquals(hides("-p tcp -j ACCEPT", [...once, match(sport, 24, "!=")]), true);
  assertEquals(hides("-p tcp -j ACCEPT", [match(meta("mark"), 1), match(meta("mark"), 2)]), true);
  // Of the next rule nothing has been compared yet.
  const table = tableOf({ a: [TEXT, TEXT, TEXT] });
  const nft = readNftChains([listed("a", [SADDR, ACCEPT], [SADDR, ACCEPT], [SADDR, ACCEPT])]);
  assertEquals(findNativeRules(table, { chains: ["a"], nft: nft! }), {
    ok: true,
    value: new Map(),
  });
});

Deno.test("what is compared for equality with one value is shown, ranges only of ports", () => {
  const range = { range: [1, 9] };
  const cases: readonly (readonly [left: unknown, right: unknown, op: string, hides: boolean])[] = [
    [payload("dport"), 22, "==", false],
    [payload("dport"), 22, "!=", false],
    [payload("dport"), 22, "<", true],
    [payload("dport"), 22, ">=", true],
    [payload("dport"), 22, "in", true],
    [payload("flags"), 2, "in", false],
    [payload("flags"), 2, "==", false],
    [payload("dport"), range, "==", false],
    [payload("sport"), range, "==", false],
    [payload("sport"), range, "!=", false],
    [payload("sport"), range, "<", true],
    [payload("saddr"), range, "==", true],
    [meta("mark"), range, "==", true],
    [payload("dport"), { set: [22, 23] }, "==", true],
    [payload("saddr"), { map: { key: 1 } }, "==", true],
    [payload("saddr"), "@friends", "==", true],
    [payload("saddr"), "@friends", "!=", true],
    [payload("saddr"), "192.0.2.1", "!=", false],
    [payload("saddr"), { prefix: { addr: "192.0.2.0", len: 24 } }, "==", false],
    [meta("iifname"), "eth0@x", "==", false],
    [meta("iifname"), "", "==", false],
    [meta("iifname"), null, "==", false],
  ];
  for (const [left, right, op, wanted] of cases) {
    const text = JSON.stringify([left, right, op]);
    assertEquals(hides("-p tcp -j ACCEPT", [match(left, right, op), ACCEPT]), wanted, text);
  }
});

Deno.test("rules are found in every chain that is asked about, and in no other", () => {
  const table = tableOf({ a: [TEXT, TEXT, "-j DROP"], b: [TEXT], c: [TEXT], d: [] });
  const hidden = [match(payload("ttl"), 1), ACCEPT];
  const texts = [
    listed("a", hidden, [SADDR, ACCEPT], hidden),
    listed("b", [SADDR, ACCEPT]),
    listed("c", hidden),
    listed("e", hidden),
  ];
  const nft = readNftChains(texts);
  assert(nft !== null);
  const find = (...chains: readonly string[]) => findNativeRules(table, { chains, nft });
  assertEquals(find("a", "b", "d"), { ok: true, value: new Map([["a", [0, 2]]]) });
  assertEquals(find("c", "a"), { ok: true, value: new Map([["c", [0]], ["a", [0, 2]]]) });
  assertEquals(find("b", "d", "none"), { ok: true, value: new Map() });
  // Someone wrote in between: the first chain in which the two do not agree is named.
  assertEquals(find("b", "e", "a"), { ok: false, problem: { chain: "e" } });
  const fewer = readNftChains([listed("a", hidden, [SADDR, ACCEPT])]);
  assertEquals(findNativeRules(table, { chains: ["d", "a", "b"], nft: fewer! }), {
    ok: false,
    problem: { chain: "a" },
  });
});

Deno.test("the statements of nft's rules come by their chains, from top to bottom, out of all outputs", () => {
  const rules = (texts: readonly string[]) => {
    const chains = readNftChains(texts);
    return chains === null ? null : Object.fromEntries(chains);
  };
  const statements = (rate: number) => [{ limit: { rate } }];
  const [one, two, three] = [statements(1), statements(2), statements(3)];
  assertEquals(rules([]), {});
  assertEquals(rules([listed("a", one, two, three)]), { a: [one, two, three] });
  assertEquals(rules([listed("a", one), listed("b", two), listed("a", three)]), {
    a: [one, three],
    b: [two],
  });
  // What is no rule is passed over: a set, an element, a rule without a chain or without statements.
  const odd = [
    ...[null, 7, "x", {}, { set: { name: "s" } }, { rule: null }, { rule: { chain: "a" } }],
    ...[{ rule: { expr: one } }, { rule: { chain: 7, expr: one } }],
    ...[{ rule: { chain: "a", expr: {} } }, { rule: { chain: "a", expr: null } }],
  ];
  assertEquals(rules([JSON.stringify({ nftables: odd })]), {});
  for (const text of ["", "x", "{}", "[]", "null", '"nftables"', '{"nftables":{}}', "7"]) {
    assertEquals(rules([text]), null, text);
    assertEquals(rules([listed("a", one), text]), null, text);
    assertEquals(rules([text, listed("a", one)]), null, text);
  }
});
