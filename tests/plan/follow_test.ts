import { assertEquals } from "@std/assert";
import { planFollow } from "../../src/plan/follow.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { readFilterTable } from "../support/read_table.ts";

const NAMES = ["a", "b", "c"] as const;

/** What a file of `a`, `b` and `c` finds where INPUT has these rules. */
function follow(input: readonly string[], options: { prune?: boolean; names?: string } = {}) {
  const { prune = false, names = "abc" } = options;
  const text = [...names].map((name) => `service ${name} tcp ${portOf(name)} drop\n`).join("");
  const { services } = compileFile("-", { reader: memoryReader({ "-": text }), now: 0 });
  const table = readFilterTable(
    [
      "*filter",
      ":INPUT ACCEPT [0:0]",
      ...NAMES.map((name) => `:pk-${name} - [0:0]`),
      ...input.map((rule) => `-A INPUT ${rule}`),
      ...NAMES.map((name) => `-A pk-${name} -j DROP`),
      "COMMIT",
      "",
    ].join("\n"),
    "ipv4",
  );
  return planFollow(table, { services, prune, replaceJumps: false, now: 0 });
}

const portOf = (name: string) => NAMES.findIndex((one) => one === name) + 1;
const jump = (name: string) => `-p tcp -m tcp --dport ${portOf(name)} -j pk-${name}`;

Deno.test("of services in another order than in the file the first two that are swapped are named", () => {
  const orders: readonly (readonly [order: string, swapped: string | null])[] = [
    ["abc", null],
    ["acb", "c before b"],
    ["bac", "b before a"],
    ["bca", "b before a"],
    ["cab", "c before b"],
    ["cba", "b before a"],
  ];
  for (const [order, expected] of orders) {
    const { swapped, edits } = follow([...order].map(jump));
    assertEquals(edits, [], "jumps keep their places");
    const said = swapped === null ? null : `${swapped.first} before ${swapped.second}`;
    assertEquals(said, expected, order);
  }
  // The first jump to a service counts, and other rules between them do not.
  assertEquals(follow(["-j LOG", jump("a"), jump("b"), "-j LOG", jump("c")]).swapped, null);
});

Deno.test("a jump that takes some packets only stays, and is named by its number in INPUT", () => {
  const text = "-s 10.0.0.0/8 -p tcp -m tcp --dport 2 -j pk-b";
  const { stays } = follow([jump("a"), "-j LOG", text, jump("c")]);
  assertEquals(stays, [{ kind: "jump", name: "b", jump: { at: 3, text } }]);
  assertEquals(follow(NAMES.map(jump)).stays, []);
});

Deno.test("services that the file does not name stay, and go with prune", () => {
  const kept = follow(NAMES.map(jump), { names: "b" });
  assertEquals([kept.unmanaged, kept.edits], [["a", "c"], []]);
  assertEquals(kept.changes.map(({ name, state }) => [name, state]), [["b", "unchanged"]]);
  const pruned = follow(NAMES.map(jump), { names: "b", prune: true });
  assertEquals(pruned.unmanaged, []);
  assertEquals(pruned.changes.map(({ name, state }) => [name, state]), [
    ["b", "unchanged"],
    ["a", "removed"],
    ["c", "removed"],
  ]);
});
