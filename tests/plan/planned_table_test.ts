// The chains of a table once a transaction is carried out, without touching the kernel.
import { assertEquals, assertThrows } from "@std/assert";
import type { Edit } from "../../src/plan/edit.ts";
import { PlannedTable } from "../../src/plan/planned_table.ts";
import { readFilterTable } from "../support/read_table.ts";

const TABLE = readFilterTable(
  [
    "*filter",
    ":INPUT ACCEPT [0:0]",
    ":pk-a - [0:0]",
    ":pk-b - [0:0]",
    "[1:60] -A INPUT -i lo -j ACCEPT",
    '[2:120] -A INPUT -i et"h -j pk-a',
    "[3:180] -A pk-a -s 192.0.2.1/32 -j ACCEPT",
    "[4:240] -A pk-a -j DROP",
    "COMMIT",
    "",
  ].join("\n"),
  "ipv4",
);

const at = { chain: "pk-a", last: false, packets: 0, bytes: 0 };
const insert = (index: number, text: string, more: Partial<Edit> = {}) =>
  ({ op: "insert", ...at, index, text, ...more }) as Edit;
const remove = (index: number, text: string) => ({ op: "delete", ...at, index, text }) as const;

const DOOR = "-s 192.0.2.1/32 -j ACCEPT";
const [X, Y] = ["-s 192.0.2.2/32 -j ACCEPT", "-s 192.0.2.3/32 -j ACCEPT"];

function texts(edits: readonly Edit[], chain = "pk-a"): string[] {
  return new PlannedTable(TABLE, edits).rules(chain).map(({ text }) => text);
}

Deno.test("edits are carried out one after another, each at its place", () => {
  assertEquals(texts([]), [DOOR, "-j DROP"]);
  assertEquals(texts([insert(1, X)]), [X, DOOR, "-j DROP"]);
  assertEquals(texts([insert(2, X)]), [DOOR, X, "-j DROP"]);
  assertEquals(texts([insert(3, X)]), [DOOR, "-j DROP", X]);
  assertEquals(texts([insert(1, X), insert(3, Y)]), [X, DOOR, Y, "-j DROP"]);
  assertEquals(texts([remove(1, DOOR)]), ["-j DROP"]);
  assertEquals(texts([remove(2, "-j DROP")]), [DOOR]);
  assertEquals(texts([remove(1, DOOR), remove(1, "-j DROP"), insert(1, X)]), [X]);
  assertEquals(texts([{ op: "flush-chain", chain: "pk-a", rules: [] }, insert(1, X)]), [X]);
  assertEquals(texts([remove(1, DOOR)], "INPUT").length, 2);
});

Deno.test("an edit that was planned for another table is an error, not a guess", () => {
  for (const edit of [remove(2, DOOR), remove(3, DOOR), remove(1, X)]) {
    assertEquals(String(assertThrows(() => texts([edit]))), "RangeError: pk-a is not so");
  }
  assertThrows(() => texts([remove(1, DOOR), remove(1, DOOR)]));
});

Deno.test("a chain is there that is made or stays, until it goes", () => {
  const made: Edit = { op: "create-chain", chain: "pk-c" };
  const gone = (chain: string): Edit => ({ op: "delete-chain", chain });
  const cases: readonly (readonly [edits: readonly Edit[], chains: readonly string[]])[] = [
    [[], ["INPUT", "pk-a", "pk-b"]],
    [[made], ["INPUT", "pk-a", "pk-b", "pk-c"]],
    [[insert(1, X)], ["INPUT", "pk-a", "pk-b"]],
    [[gone("pk-a")], ["INPUT", "pk-b"]],
    [[gone("pk-b"), made], ["INPUT", "pk-a", "pk-c"]],
    [[made, gone("pk-c")], ["INPUT", "pk-a", "pk-b"]],
    [[gone("pk-b"), { op: "create-chain", chain: "pk-b" }], ["INPUT", "pk-a", "pk-b"]],
    [[{ op: "flush-chain", chain: "pk-a", rules: [] }], ["INPUT", "pk-a", "pk-b"]],
  ];
  for (const [edits, chains] of cases) {
    const planned = new PlannedTable(TABLE, edits);
    assertEquals(planned.read().chainNames, chains);
    for (const chain of ["INPUT", "pk-a", "pk-b", "pk-c", "pk-d"]) {
      assertEquals(planned.hasChain(chain), chains.includes(chain), chain);
      if (!chains.includes(chain)) assertEquals(planned.rules(chain), []);
    }
  }
});

Deno.test("of each rule is known whether it was printed, how it is written, and what it has counted", () => {
  const door = '-s 192.0.2.9/32 -m comment --comment "a b" -j ACCEPT';
  const counters = { packets: 7, bytes: 420 };
  const planned = new PlannedTable(TABLE, [
    insert(1, door, { isOwn: true }),
    insert(2, '-i et"h -j RETURN', counters),
  ]);
  assertEquals(planned.rules("pk-a"), [
    { text: door, line: door, packets: 0, bytes: 0, isPrinted: false },
    { text: '-i et"h -j RETURN', line: '-i "et\\"h" -j RETURN', ...counters, isPrinted: true },
    { text: DOOR, line: DOOR, packets: 3, bytes: 180, isPrinted: true },
    { text: "-j DROP", line: "-j DROP", packets: 4, bytes: 240, isPrinted: true },
  ]);
  assertEquals(planned.rules("INPUT")[1], {
    ...{ text: '-i et"h -j pk-a', line: '-i "et\\"h" -j pk-a' },
    ...{ packets: 2, bytes: 120, isPrinted: true },
  });
  // Read as a table, rules are what they say, and those of other chains are the same.
  const table = planned.read();
  assertEquals(table.family, "ipv4");
  assertEquals(
    table.rules("pk-a").map(({ rule, packets, bytes }) => [rule.kind, packets, bytes]),
    [["door", 0, 0], ["foreign", 7, 420], ["door", 3, 180], ["policy", 4, 240]],
  );
  assertEquals(table.rules("INPUT") === TABLE.rules("INPUT"), true);
});
