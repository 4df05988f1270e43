// What another program put into a service's chain while its new rules were unconfirmed: what of it is kept, and
// where it comes to stand.
import { assertEquals } from "@std/assert";
import type { FilterTable } from "../../src/firewall/table.ts";
import { lateRules, type Part, putLate } from "../../src/plan/late_rules.ts";
import { readFilterTable } from "../support/read_table.ts";

/** A table in which pk-a has these rules. */
function tableOf(rules: readonly string[]): FilterTable {
  const lines = rules.map((rule) => `-A pk-a ${rule}`);
  return readFilterTable(["*filter", ":pk-a - [0:0]", ...lines, "COMMIT", ""].join("\n"), "ipv4");
}

const [X, Y, Z] = ["x", "y", "z"].map((set) => `-m set --match-set ${set} src -j DROP`) as [
  ...[string, string, string],
];
const DOOR = "-s 192.0.2.1/32 -j ACCEPT";
const DROP = "-j DROP";
const MARKER = "-m time --datestop 2027-01-15T08:00:00 -j pk.a";

/** The places of those that are late. */
function late(rules: readonly string[], twins: readonly (number | undefined)[] = []) {
  const given = { old: "pk-a", twins: new Set(twins), ours: new Set(["a"]) };
  return lateRules(tableOf(rules), given).map(({ placed, rule }) => [placed, rule.text]);
}

Deno.test("late are the foreign rules ahead of the end that the new chain does not have", () => {
  assertEquals(late([X, DOOR, Y, DROP, Z]), [[0, X], [2, Y]]);
  assertEquals(late([X, DOOR, Y, DROP, Z], [0, undefined]), [[2, Y]]);
  assertEquals(late([X, DOOR, Y, DROP, Z], [0, 2]), []);
  // Without an end of this tool's all may be reached, and where it is the first one, none is.
  assertEquals(late([X, DOOR, Y]), [[0, X], [2, Y]]);
  assertEquals(late([DROP, X, Y, DROP]), []);
  assertEquals(late([X, DROP, Y, DROP]), [[0, X]]);
  assertEquals(late([]), []);
});

Deno.test("the rule by which the new chain is found is not late, but what looks like it is", () => {
  assertEquals(late([X, DROP, MARKER]), [[0, X]]);
  assertEquals(late([MARKER, X, DROP]), [[1, X]]);
  assertEquals(late([X, MARKER]), [[0, X]]);
  const others = [MARKER.replace("pk.a", "pk.b"), MARKER.replace("pk.a", "theirs")];
  assertEquals(late([...others, DROP]), others.map((text, at) => [at, text]));
  // A jump to a service is understood: what becomes of it the plan says.
  assertEquals(late(["-p tcp -j pk-a", "-p tcp -j pk-b", DROP]), []);
});

/** Rules of the new chain: a number stays where it is in the old one, a text is written. */
type Wanted = readonly (string | readonly [place: number, text: string])[];

/** The texts of the new chain once late rules, each with its place in the old one, are put into it. */
function put(
  wanted: Wanted,
  waiting: readonly (readonly [place: number, text: string])[],
): string[] {
  const ruleOf = (text: string) => tableOf([text]).rules("pk-a")[0]!;
  const parts = wanted.map((one): Part =>
    typeof one === "string"
      ? { placed: { text: one, packets: 0, bytes: 0 }, rule: ruleOf(one) }
      : { placed: one[0], rule: ruleOf(one[1]) }
  );
  const waits = waiting.map(([placed, text]) => ({ placed, rule: ruleOf(text) }));
  return putLate(parts, waits).map(({ rule }) => rule.text);
}

const DOOR2 = "-s 192.0.2.2/32 -j ACCEPT";
const DOOR3 = "-s 192.0.2.3/32 -j ACCEPT";

Deno.test("late rules keep their places beside those that stay, and all come ahead of the end", () => {
  const cases: readonly (readonly [Wanted, (readonly [number, string])[], wanted: string[]])[] = [
    [[[0, DOOR], [3, DROP]], [], [DOOR, DROP]],
    // At the top they stay there, as many as there are in a row.
    [[DOOR, DROP], [[0, X]], [X, DOOR, DROP]],
    [[DOOR, [3, DROP]], [[0, X], [1, Y]], [X, Y, DOOR, DROP]],
    [[DOOR, [3, DROP]], [[0, X], [2, Y]], [X, DOOR, Y, DROP]],
    [[DOOR, [3, DROP]], [[1, X], [2, Y]], [DOOR, X, Y, DROP]],
    // Between rules that stay, behind the last one that was ahead of them.
    [[[0, DOOR], [2, DOOR2], [3, DROP]], [[1, X]], [DOOR, X, DOOR2, DROP]],
    [[[0, DOOR], [1, DOOR2], [3, DROP]], [[2, X]], [DOOR, DOOR2, X, DROP]],
    [[[0, DOOR], [2, DOOR2], [4, DROP]], [[1, X], [3, Y]], [DOOR, X, DOOR2, Y, DROP]],
    [[[0, DOOR], [3, DOOR2], [5, DROP]], [[1, X], [2, Y], [4, Z]], [DOOR, X, Y, DOOR2, Z, DROP]],
    // What is written anew has no place of its own: what is late waits for the next that has.
    [[[0, DOOR], DOOR2, [2, DOOR3], [3, DROP]], [[1, X]], [DOOR, DOOR2, X, DOOR3, DROP]],
    [[[0, DOOR], DOOR2, DROP], [[1, X], [2, Y]], [DOOR, DOOR2, X, Y, DROP]],
    // An end that is written anew, and one that comes to be ahead of where it was.
    [[DROP], [[1, X]], [X, DROP]],
    [[[1, DROP]], [[2, X], [4, Y]], [X, Y, DROP]],
    [[[0, DOOR], [1, DROP], [2, DOOR2]], [[3, X]], [DOOR, X, DROP, DOOR2]],
    // No end: what is behind all that stays comes last.
    [[[0, DOOR]], [[1, X], [2, Y]], [DOOR, X, Y]],
    [[], [[0, X], [2, Y]], [X, Y]],
  ];
  for (const [wanted, waiting, all] of cases) {
    assertEquals(put(wanted, waiting), all, JSON.stringify([wanted, waiting]));
  }
});
