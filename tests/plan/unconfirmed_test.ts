import { assert, assertEquals } from "@std/assert";
import { emitPayload } from "../../src/plan/edit.ts";
import { PlannedTable } from "../../src/plan/planned_table.ts";
import {
  findUnconfirmed,
  isOver,
  makePermanent,
  takeBack,
  type Unconfirmed,
} from "../../src/plan/unconfirmed.ts";
import type { FilterTable } from "../../src/firewall/table.ts";
import type { Family } from "../support/iptables_text.ts";
import { readFilterTable } from "../support/read_table.ts";

/** 2027-01-15 08:00:00 UTC. */
const UNTIL = 1_800_000_000;
const STOP = "-m time --datestop 2027-01-15T08:00:00";

/** A table of these lines, each `[PACKETS] CHAIN RULE`. */
function tableOf(lines: readonly string[], family: Family = "ipv4"): FilterTable {
  const rules = lines.map((line) => line.replace(/^\[(\d+)\] /, "[$1:0] -A "));
  const chains = new Set(rules.map((rule) => rule.split(" ")[2] ?? ""));
  const heads = [...chains.add("INPUT").add("pk.a")].map((chain) =>
    `:${chain} ${chain === "INPUT" ? "ACCEPT" : "-"} [0:0]`
  );
  return readFilterTable(["*filter", ...heads, ...rules, "COMMIT", ""].join("\n"), family);
}

function found(table: FilterTable): Unconfirmed {
  const unconfirmed = findUnconfirmed(table);
  assert(unconfirmed !== null);
  return unconfirmed;
}

/** The rules of a chain with what they have counted. */
const shown = (table: FilterTable, chain: string) =>
  table.rules(chain).map(({ text, packets }) => `[${packets}] ${text}`);

const LINES = [
  `[3] INPUT -p tcp -m tcp --dport 22 ${STOP} -j pk.a`,
  "[4] INPUT -p tcp -m tcp --dport 22 -j pk-a",
  "[5] pk-a -s 192.0.2.1/32 -j ACCEPT",
  "[6] pk-a -j DROP",
  "[0] pk.a -s 192.0.2.2/32 -j ACCEPT",
  "[7] pk.a -j DROP",
];

Deno.test("confirmed rules add up the counters of the old and the new ones, if they can be set", () => {
  const table = tableOf(LINES);
  const settled = makePermanent(table, found(table)).table;
  assertEquals(shown(settled, "INPUT"), ["[7] -p tcp -m tcp --dport 22 -j pk-a"]);
  assertEquals(shown(settled, "pk-a"), ["[0] -s 192.0.2.2/32 -j ACCEPT", "[13] -j DROP"]);
  assertEquals(settled.hasChain("pk.a"), false);
});

Deno.test("an old rule that is wanted stays as it is where the new one has counted nothing", () => {
  const table = tableOf(LINES.map((line) => line.replace(/^\[[37]\]/, "[0]")));
  const { table: settled, edits } = makePermanent(table, found(table));
  assertEquals(shown(settled, "pk-a"), ["[0] -s 192.0.2.2/32 -j ACCEPT", "[6] -j DROP"]);
  const inserted = edits.filter(({ op }) => op === "insert");
  assertEquals(inserted.map((edit) => "text" in edit && edit.text), ["-s 192.0.2.2/32 -j ACCEPT"]);
});

Deno.test("with ip6tables an old rule that is wanted stays, because it could not count on", () => {
  const six = LINES.map((line) =>
    line.replace("192.0.2.1/32", "2001:db8::1/128").replace("192.0.2.2/32", "2001:db8::2/128")
  );
  const table = tableOf(six, "ipv6");
  const { table: settled, edits } = makePermanent(table, found(table));
  assertEquals(shown(settled, "INPUT"), ["[4] -p tcp -m tcp --dport 22 -j pk-a"]);
  assertEquals(shown(settled, "pk-a"), ["[0] -s 2001:db8::2/128 -j ACCEPT", "[6] -j DROP"]);
  const touched = edits.flatMap((edit) => "text" in edit ? [edit.text] : []);
  assertEquals(touched.filter((text) => text === "-j DROP"), []);
});

Deno.test("jumps come into the order of the new ones, and none is kept twice", () => {
  const jump = (port: number) => `-p tcp -m tcp --dport ${port}`;
  const table = tableOf([
    `[0] INPUT ${jump(22)} ${STOP} -j pk.a`,
    `[0] INPUT ${jump(23)} ${STOP} -j pk.a`,
    `[0] INPUT ${jump(22)} ${STOP} -j pk.a`,
    `[1] INPUT ${jump(23)} -j pk-a`,
    `[2] INPUT ${jump(22)} -j pk-a`,
    "[0] INPUT -j LOG",
    "[0] pk-a -j DROP",
    "[0] pk.a -j DROP",
  ]);
  const { table: settled, edits } = makePermanent(table, found(table));
  assertEquals(
    settled.rules("INPUT").map(({ text }) => text),
    [...[22, 23, 22].map((port) => `${jump(port)} -j pk-a`), "-j LOG"],
  );
  // The first one stays where it is with what it has counted; the others are written behind it.
  assertEquals(settled.rules("INPUT").map(({ packets }) => packets).at(0), 2);
  const carried = new PlannedTable(table, edits).rules("INPUT");
  assertEquals(carried.map(({ text }) => text), settled.rules("INPUT").map(({ text }) => text));
  const payload = emitPayload(edits);
  assertEquals(payload.match(/-j LOG/g), null, payload);
});

Deno.test("old rules alone are left when new ones are taken back, with what they have counted", () => {
  const late = "-m time --datestart 2027-01-15T08:00:01";
  const table = tableOf([
    `[3] INPUT -p tcp -m tcp --dport 23 ${STOP} -j pk.a`,
    `[4] INPUT -p tcp -m tcp --dport 22 ${late} -j pk-a`,
    `[5] INPUT -p tcp -m tcp --dport 24 ${late} --datestop 2027-01-15T08:00:02 -j pk-a`,
    "[6] INPUT -p tcp -m tcp --dport 25 -m time --datestart 2027-01-15T08:00:02 -j pk-a",
    "[7] INPUT -p tcp -m tcp --dport 26 -j pk-a",
    "[8] pk-a -j DROP",
    `[0] pk-a ${STOP} -j pk.a`,
    "[9] pk.a -j ACCEPT",
  ]);
  const { table: settled } = takeBack(table, found(table));
  assertEquals(shown(settled, "INPUT"), [
    "[4] -p tcp -m tcp --dport 22 -j pk-a",
    // Another second: a date that another program has added.
    "[6] -p tcp -m tcp --dport 25 -m time --datestart 2027-01-15T08:00:02 -j pk-a",
    "[7] -p tcp -m tcp --dport 26 -j pk-a",
  ]);
  assertEquals(shown(settled, "pk-a"), ["[8] -j DROP"]);
});

Deno.test("unconfirmed rules follow from their jumps: the first end, flushed chains, foreign ones", () => {
  const table = tableOf(LINES);
  assertEquals(findUnconfirmed(table), { until: UNTIL, names: ["a"], flushed: [], cutOff: [] });
  const earlier = "-m time --datestop 2027-01-15T07:59:59";
  const more = [...LINES, `[0] INPUT -p udp ${earlier} -j pk.a`];
  assertEquals(found(tableOf(more)).until, UNTIL - 1);
  const flushed = LINES.filter((line) => !/^\[\d+\] pk\.a /.test(line));
  assertEquals(found(tableOf(flushed)).flushed, ["a"]);
  // One that goes has an empty chain, and only its old chain names it.
  const going = ["[0] pk-a -j DROP", `[0] pk-a ${STOP} -j pk.a`];
  assertEquals(found(tableOf(going)), { until: UNTIL, names: ["a"], flushed: [], cutOff: [] });
  // A jump without an end is not of this tool.
  assertEquals(findUnconfirmed(tableOf([...LINES, "[0] FORWARD -j pk.a"])), null);
  assertEquals(findUnconfirmed(tableOf(["[0] pk.a -j DROP"])), null);
  const unconfirmed = found(table);
  assertEquals([UNTIL, UNTIL + 0.9, UNTIL + 1].map((now) => isOver(unconfirmed, now)), [
    false,
    false,
    true,
  ]);
});

Deno.test("what is known of a table is known of it once nothing is unconfirmed, rule by rule", () => {
  for (const settle of [makePermanent, takeBack]) {
    for (const [isVerified, isFrozen] of [[true, false], [false, true]] as const) {
      const table = tableOf(LINES);
      Object.assign(table, { isVerified, isFrozen });
      const { table: settled } = settle(table, found(table));
      assertEquals([settled.isVerified, settled.isFrozen], [isVerified, isFrozen]);
      assertEquals(settled.family, "ipv4");
    }
  }
  // A rule of which nft hides a match hides it wherever it comes to stand.
  const table = tableOf([...LINES, "[0] pk.a -p udp -j ACCEPT"]);
  table.markNative("pk.a", [2]);
  const { table: settled } = makePermanent(table, found(table));
  assertEquals(settled.rules("pk-a").map(({ isNative }) => isNative === true), [
    ...[false, false, true],
  ]);
});

Deno.test("one packet is enough for a rule that is confirmed to count on", () => {
  for (const [packets, jump, drop] of [[0, 4, 6], [1, 5, 7], [2, 6, 8]] as const) {
    const table = tableOf(LINES.map((line) => line.replace(/^\[[37]\]/, `[${packets}]`)));
    const settled = makePermanent(table, found(table)).table;
    assertEquals(shown(settled, "INPUT"), [`[${jump}] -p tcp -m tcp --dport 22 -j pk-a`]);
    assertEquals(shown(settled, "pk-a").at(-1), `[${drop}] -j DROP`);
  }
});
