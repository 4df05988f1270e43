import { assertEquals } from "@std/assert";
import { planFollow } from "../../src/plan/follow.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { readFilterTable } from "../support/read_table.ts";

const NAMES = ["a", "b", "c"] as const;

/** The plan for a file of `a`, `b` and `c` if INPUT has these rules. */
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

/** What a file finds on a machine with these chains: each line stands behind `-A`. */
function followed(
  text: string,
  lines: readonly string[],
  options: Partial<Omit<Parameters<typeof planFollow>[1], "services">> = {},
) {
  const { services } = compileFile("-", { reader: memoryReader({ "-": text }), now: 0 });
  const chains = [...new Set(["INPUT", ...lines.map((line) => line.split(" ")[0] ?? "")])];
  const heads = chains.map((chain) => `:${chain} ${chain === "INPUT" ? "ACCEPT" : "-"} [0:0]`);
  const rules = lines.filter((line) => line.includes(" ")).map((line) => `-A ${line}`);
  const saved = ["*filter", ...heads, ...rules, "COMMIT", ""].join("\n");
  const table = readFilterTable(saved, "ipv4");
  return planFollow(table, { services, prune: false, replaceJumps: false, now: NOW, ...options });
}

const NOW = Date.parse("2030-01-01T00:00:00Z") / 1000;
const A = "service a tcp 1 drop\n";
const door = (last: number, more = "") => `pk-a -s 10.0.0.${last}/32${more} -j ACCEPT`;
const OVER = " -m time --datestop 2029-12-31T23:59:59";

Deno.test("of each service is told what becomes of it, how many doors stay, and which come alive", () => {
  const cases: readonly (readonly [
    lines: readonly string[],
    state: string,
    doorsKept: number,
    revived: number,
  ])[] = [
    [[], "created", 0, 0],
    [[`INPUT ${jump("a")}`, "pk-a -j DROP"], "unchanged", 0, 0],
    [[`INPUT ${jump("a")}`, door(1), door(2), "pk-a -j DROP"], "unchanged", 0, 0],
    [[`INPUT ${jump("a")}`, door(1), door(2), "pk-a -j ACCEPT"], "changed", 2, 0],
    [[`INPUT ${jump("a")}`, door(2), door(1), "pk-a -j DROP"], "changed", 2, 0],
    [[`INPUT ${jump("a")}`, door(1), door(1), "pk-a -j DROP"], "changed", 1, 0],
    [[`INPUT ${jump("a")}`, door(1, OVER), door(2), "pk-a -j DROP"], "changed", 1, 0],
    [[`INPUT ${jump("a")}`, door(1), "pk-a -j DROP", door(2), door(3)], "changed", 3, 2],
    [[`INPUT ${jump("a")}`, "pk-a -j DROP", door(2), door(3, OVER)], "changed", 1, 1],
    [[door(1), "pk-a -j DROP"], "changed", 1, 0],
    [[`INPUT ${jump("a")}`, "pk-a"], "changed", 0, 0],
  ];
  for (const [lines, state, doorsKept, revived] of cases) {
    const { changes } = followed(A, lines);
    assertEquals(
      changes.map((one) => [one.name, one.place, one.state, one.doorsKept, one.revived.length]),
      [["a", 0, state, doorsKept, revived]],
      lines.join("\n"),
    );
    const [change] = changes;
    assertEquals((change?.drift.length ?? 0) > 0, state === "changed", lines.join("\n"));
    assertEquals((change?.edits.length ?? 0) > 0, state !== "unchanged", lines.join("\n"));
  }
});

Deno.test("doors that are over stay, and are no difference, where they are not to be swept", () => {
  const lines = [`INPUT ${jump("a")}`, door(1, OVER), "pk-a -j DROP"];
  assertEquals(followed(A, lines, { sweep: true }).changes[0]?.state, "changed");
  const kept = followed(A, lines, { sweep: false });
  assertEquals([kept.edits, kept.changes[0]?.state], [[], "unchanged"]);
});

Deno.test("a service of the other family goes where it is, and is nothing where it is not", () => {
  const file = "service b tcp 2 drop ipv6\nservice a tcp 1 drop\n";
  const own = [`INPUT ${jump("a")}`, "pk-a -j DROP"];
  assertEquals(followed(file, own).changes.map(({ name }) => name), ["a"]);
  const both = followed(file, [...own, `INPUT ${jump("b")}`, "pk-b -j DROP"]);
  assertEquals(
    both.changes.map(({ name, place, state, edits }) => [name, place, state, edits.length]),
    [
      ["a", 1, "unchanged", 0],
      ["b", 0, "removed", 3],
    ],
  );
  assertEquals(both.unmanaged, []);
});

Deno.test("what is left of a knock, and names that nobody can take away, are told", () => {
  const lines = [
    ...[`INPUT ${jump("a")}`, "pk-a -j DROP", "pk-old.1 -p udp", "pk-9 -j DROP", "pk-x -j DROP"],
  ];
  const kept = followed(A, lines);
  assertEquals([kept.unmanaged, kept.edits], [["9", "x", "old"], []]);
  const pruned = followed(A, lines, { prune: true });
  assertEquals(
    pruned.changes.map(({ name, place, state, doorsKept }) => [name, place, state, doorsKept]),
    [
      ["a", 0, "unchanged", 0],
      ["x", Infinity, "removed", 0],
      ["old", Infinity, "removed", 0],
    ],
  );
  assertEquals(pruned.unmanaged, []);
});

Deno.test("a rule of others that decides in place of the policy is told, with what is wanted", () => {
  const queue = "pk-a -j NFQUEUE --queue-num 1";
  const lines = [`INPUT ${jump("a")}`, queue, "pk-a -j DROP"];
  assertEquals(followed(A, lines).stays, [{
    kind: "overrule",
    overrule: { at: 1, text: "-j NFQUEUE --queue-num 1", name: "a", verdict: "queue" },
    wanted: "drop",
  }]);
  // One that does what the policy does is no difference.
  assertEquals(followed(A, [`INPUT ${jump("a")}`, "pk-a -j TARPIT", "pk-a -j DROP"]).stays, []);
  assertEquals(followed(A, [`INPUT ${jump("a")}`, "pk-a -j DROP", queue]).stays, []);
  // A jump with further matches is told until it is replaced.
  const narrow = [`INPUT -s 10.0.0.1/32 ${jump("a")}`, `INPUT ${jump("a")}`, "pk-a -j DROP"];
  assertEquals(followed(A, narrow).stays.map(({ kind }) => kind), ["jump"]);
  assertEquals(followed(A, narrow, { replaceJumps: true }).stays, []);
  assertEquals(followed(A, narrow).edits, []);
  assertEquals(followed(A, narrow, { replaceJumps: true }).edits.length, 1);
});

Deno.test("a jump that is new goes ahead of the rule that it is given, or to the end", () => {
  const lines = ["INPUT -i lo -j ACCEPT", "INPUT -j LOG"];
  const insertsOf = (places: ReadonlyMap<string, number>) =>
    followed(A, lines, { places }).edits.flatMap((edit) =>
      edit.op === "insert" && edit.chain === "INPUT" ? [[edit.index, edit.last]] : []
    );
  assertEquals(insertsOf(new Map()), [[3, true]]);
  assertEquals(insertsOf(new Map([["a", 0]])), [[1, false]]);
  assertEquals(insertsOf(new Map([["a", 1]])), [[2, false]]);
  assertEquals(insertsOf(new Map([["b", 0]])), [[3, true]]);
});
