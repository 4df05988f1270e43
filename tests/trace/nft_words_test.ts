// How rules of nft are put into words, and which of them iptables can have written.
import { assertEquals } from "@std/assert";
import type { Json } from "../../src/trace/nft/json.ts";
import { isNative } from "../../src/trace/nft/native.ts";
import { printMatch, printRule } from "../../src/trace/nft/print.ts";

type Rules = readonly (readonly Json[])[];

const accept: Json = { accept: null };
const drop: Json = { drop: null };

Deno.test("nft: rules are put into words, long ones without their lists of statements", () => {
  const left = (protocol: string, field: string): Json => ({ payload: { protocol, field } });
  const matches:
    readonly (readonly [match: { op: string; left: Json; right: Json }, words: string])[] = [
      [{ op: "==", left: left("tcp", "dport"), right: 22 }, "tcp dport 22"],
      [{ op: "!=", left: left("ip", "saddr"), right: "@bans" }, "ip saddr != @bans"],
      [
        { op: "in", left: { ct: { key: "state" } }, right: ["new", "related"] },
        "ct state new,related",
      ],
      [
        { op: "==", left: left("tcp", "dport"), right: { set: [80, { range: [8000, 8010] }] } },
        "tcp dport { 80, 8000-8010 }",
      ],
      [
        { op: "==", left: left("ip", "saddr"), right: { prefix: { addr: "10.0.0.0", len: 8 } } },
        "ip saddr 10.0.0.0/8",
      ],
      [
        {
          op: "==",
          left: { concat: [left("ip", "saddr"), left("tcp", "dport")] },
          right: { concat: ["::1", 2] },
        },
        "ip saddr . tcp dport ::1 . 2",
      ],
      [
        {
          op: "==",
          left: left("ip", "saddr"),
          right: { set: [{ elem: { val: "1.2.3.4", timeout: 5 } }] },
        },
        "ip saddr { 1.2.3.4 }",
      ],
      [
        { op: "==", left: { "&": [left("tcp", "flags"), ["fin", "syn"]] }, right: "syn" },
        "tcp flags & fin,syn syn",
      ],
      [
        { op: "==", left: { fib: { result: "type", flags: ["daddr"] } }, right: "local" },
        "fib daddr type local",
      ],
      [{ op: "==", left: { payload: { base: "th", offset: 0, len: 16 } }, right: 5 }, "@payload 5"],
      [{ op: "==", left: { rt: { key: "classid" } }, right: 5 }, "rt classid 5"],
      [{ op: "==", left: { socket: { key: "mark" } }, right: 5 }, "socket mark 5"],
      [{ op: "==", left: { numgen: {} }, right: { map: {} } }, "numgen map"],
      [{ op: "==", left: null, right: null }, "? null"],
      [{ op: "==", left: 5, right: "x" }, "5 x"],
    ];
  for (const [match, words] of matches) assertEquals(printMatch(match), words);
  const rule = [
    { match: { op: "==", left: left("tcp", "dport"), right: 22 } },
    { counter: null },
    { limit: { rate: 5, per: "minute" } },
    { xt: { type: "target", name: "LOG" } },
    { jump: { target: "a" } },
    { goto: { target: "b" } },
    { vmap: { key: { ct: { key: "state" } } } },
    { log: { prefix: "x" } },
    accept,
  ];
  assertEquals(
    printRule(rule),
    "tcp dport 22 limit rate 5/minute xt target LOG jump a goto b ct state vmap log accept",
  );
});

Deno.test("nft: what iptables writes is distinguished from what only nft can have written", () => {
  const one = (
    left: Json,
    right: Json,
    op = "==",
  ): readonly Json[] => [{ match: { op, left, right } }, accept];
  const field = (protocol: string, name: string): Json => ({ payload: { protocol, field: name } });
  const ours: Rules = [
    one(field("tcp", "dport"), 22),
    one(field("tcp", "dport"), 22, "!="),
    one(field("udp", "sport"), { range: [1, 9] }),
    one(field("ip", "saddr"), { prefix: { addr: "10.0.0.0", len: 8 } }),
    one({ "&": [field("tcp", "flags"), ["fin"]] }, { "|": ["fin", "syn"] }),
    one(field("tcp", "flags"), ["fin"], "in"),
    one(field("tcp", "flags"), ["fin"], "!"),
    ...["meta l4proto", "meta iifname", "meta oifname", "meta mark"].map((name) =>
      one({ meta: { key: name.slice(5) } }, "x")
    ),
    ...["ip daddr", "ip protocol", "ip frag-off", "ip6 saddr", "ip6 daddr", "ip6 nexthdr"].map((
      name,
    ) => one(field(name.split(" ")[0]!, name.split(" ")[1]!), "x")),
    ...[["tcp", "sport"], ["udp", "dport"]].map(([a, b]) => one(field(a!, b!), 1)),
    ...[{ counter: null }, { xt: null }, { limit: { rate: 5 } }, drop, { return: null }].map((
      two,
    ) => [two]),
    ...[{ jump: { target: "a" } }, { goto: { target: "a" } }, { log: { group: 1 } }].map((
      two,
    ) => [two]),
  ];
  for (const rule of ours) assertEquals(isNative(rule), false, JSON.stringify(rule));
  const native: Rules = [
    one(field("tcp", "dport"), { set: [22] }),
    one(field("ip", "saddr"), "@bans"),
    one(field("tcp", "dport"), 22, "<"),
    one(field("tcp", "dport"), ["x"], "in"),
    one({ meta: { key: "cpu" } }, 1),
    one({ ct: { key: "state" } }, "new", "in"),
    [{ log: { prefix: "x" } }, accept],
    [{ limit: { rate: 5, inv: true } }, accept],
    [{ reject: null }],
    [{ vmap: {} }],
  ];
  for (const rule of native) assertEquals(isNative(rule), true, JSON.stringify(rule));
});
