import { assertEquals } from "@std/assert";
import { formatAddress, parseAddress } from "../../src/firewall/address.ts";
import { apartness, planDoors } from "../../src/plan/chain.ts";
import { findDoor, isExpired } from "../../src/plan/doors.ts";
import { applyEdits, kernelWith, short } from "../support/chain_tables.ts";

const NOW = 1_800_000_000;
const UNTIL_2030 = Date.parse("2030-01-02T03:04:05Z") / 1000;

function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new TypeError(text);
  return parsed.value;
}

interface Change {
  readonly open?: string;
  readonly until?: number;
  readonly close?: string;
  readonly now?: number;
}

/** Plans and applies a change of doors; gives the chain and the number of edits. */
async function doors(start: readonly string[], { open, until, close, now = NOW }: Change) {
  const { kernel, table } = kernelWith(start.map(short));
  const change = {
    ...(open === undefined ? {} : { open: { address: address(open), until: until ?? null } }),
    ...(close === undefined ? {} : { close: address(close) }),
  };
  const { edits, expired } = planDoors(table, { name: "ssh", change, now });
  if (edits.length > 0) await applyEdits(kernel, edits);
  return { rules: kernel.chain("ipv4", "pk-ssh"), edits: edits.length, expired };
}

/** What a change makes of a chain, all in short form; `edits` is what the smallest payload needs. */
const CHANGES: readonly [string, readonly string[], Change, readonly string[], number][] = [
  ["a door goes ahead of the end", ["D"], { open: "10.0.0.5" }, ["A 5", "D"], 1],
  ["a door goes to its place", ["A 1", "A 9", "D"], { open: "10.0.0.5" }, [
    "A 1",
    "A 5",
    "A 9",
    "D",
  ], 1],
  ["a door goes ahead of the log", ["A 1", "L", "D"], { open: "10.0.0.5" }, [
    "A 1",
    "A 5",
    "L",
    "D",
  ], 1],
  ["a door that is there needs nothing", ["A 5", "D"], { open: "10.0.0.5" }, ["A 5", "D"], 0],
  ["a door beside an allowed address stays its own", ["M 5", "D"], { open: "10.0.0.5" }, [
    "M 5",
    "A 5",
    "D",
  ], 1],
  ["a door closes", ["A 1", "A 5", "D"], { close: "10.0.0.5" }, ["A 1", "D"], 1],
  ["all doubles of a door close", ["A 5", "F 1", "A 5", "D", "A 5"], { close: "10.0.0.5" }, [
    "F 1",
    "D",
  ], 3],
  [
    "closing leaves the allowed address",
    ["M 5", "A 5", "D"],
    { close: "10.0.0.5" },
    ["M 5", "D"],
    1,
  ],
  ["closing what is not open is nothing", ["A 1", "D"], { close: "10.0.0.5" }, ["A 1", "D"], 0],
  ["a timed door becomes permanent", ["T 5", "D"], { open: "10.0.0.5" }, ["A 5", "D"], 2],
  ["foreign rules stay around doors", ["F 1", "A 9", "F 2", "D"], { open: "10.0.0.5" }, [
    "F 1",
    "A 5",
    "A 9",
    "F 2",
    "D",
  ], 1],
  [
    "doors are not sorted across foreign rules",
    ["A 9", "B 1", "A 1", "D"],
    {
      open: "10.0.0.5",
    },
    ["A 5", "A 9", "B 1", "A 1", "D"],
    1,
  ],
  [
    "a door opens once, whatever stands between its doubles",
    ["T 5", "B 1", "A 5", "D"],
    {
      open: "10.0.0.5",
      until: UNTIL_2030 + 9,
    },
    ["U 5", "B 1", "D"],
    3,
  ],
  ["unsorted doors are put right", ["A 9", "A 1", "A 5", "D"], {}, ["A 1", "A 5", "A 9", "D"], 2],
  ["doors behind the end stay there", ["D", "A 9", "A 1"], {}, ["D", "A 9", "A 1"], 0],
  ["so they do where others are put in order", ["A 9", "A 1", "D", "A 7", "A 2"], {}, [
    "A 1",
    "A 9",
    "D",
    "A 7",
    "A 2",
  ], 2],
  [
    "a door behind the end comes ahead of it if it is opened",
    ["D", "A 9", "A 1"],
    {
      open: "10.0.0.9",
    },
    ["A 9", "D", "A 1"],
    2,
  ],
  ["a door behind the end goes if it is closed", ["D", "A 9", "A 1"], { close: "10.0.0.9" }, [
    "D",
    "A 1",
  ], 1],
  ["a dead door does not make a live one longer", ["T 5", "D", "A 5"], {}, ["T 5", "D", "A 5"], 0],
  ["a foreign rule behind the end stays dead", ["D", "A 1", "F 1"], { open: "10.0.0.1" }, [
    "A 1",
    "D",
    "F 1",
  ], 2],
  ["a second end stays dead", ["A 1", "D", "A 2", "D"], {}, ["A 1", "D", "A 2", "D"], 0],
  ["an ACCEPT of everything behind the end stays dead", ["D", "*", "D"], { open: "10.0.0.5" }, [
    "A 5",
    "D",
    "*",
    "D",
  ], 1],
  ["of two ACCEPT of everything the first is the end", ["*", "*"], { close: "0.0.0.0/0" }, [
    "*",
    "*",
  ], 0],
  [
    "a door goes ahead of a foreign end",
    ["A 1", "R"],
    { open: "10.0.0.5" },
    ["A 1", "A 5", "R"],
    1,
  ],
  ["a door goes ahead of an ACCEPT of everything", ["*", "A 1", "D"], { open: "10.0.0.5" }, [
    "A 5",
    "*",
    "A 1",
    "D",
  ], 1],
  ["an ACCEPT of everything is no door", ["A 1", "*", "D"], { close: "0.0.0.0/0" }, [
    "A 1",
    "*",
    "D",
  ], 0],
  ["a door for everyone says that it is one", ["A 1", "D"], { open: "0.0.0.0/0" }, [
    "P",
    "A 1",
    "D",
  ], 1],
  ["a door for everyone closes", ["P", "A 1", "D"], { close: "0.0.0.0/0" }, ["A 1", "D"], 1],
  ["logs in the middle stay", ["A 1", "L", "A 5", "D"], { open: "10.0.0.3" }, [
    "A 1",
    "L",
    "A 3",
    "A 5",
    "D",
  ], 1],
  ["expired doors go on the way", ["T 1", "T 5", "D"], { open: "10.0.0.9", now: UNTIL_2030 + 1 }, [
    "A 9",
    "D",
  ], 3],
  ["a door in its last second stays", ["T 1", "D"], { now: UNTIL_2030 + 0.9 }, ["T 1", "D"], 0],
  ["of two doors of one address the longer one stays", ["T 1", "A 1", "D"], {}, ["A 1", "D"], 1],
  ["an empty chain takes a door", [], { open: "10.0.0.5" }, ["A 5"], 1],
];

for (const [what, start, change, end, count] of CHANGES) {
  Deno.test(`doors: ${what}`, async () => {
    const { rules, edits } = await doors(start, change);
    assertEquals(rules, end.map(short));
    assertEquals(edits <= count, true, `${edits} edits instead of ${count}`);
  });
}

Deno.test("a door that is rewritten keeps comment and counters of the old one", async () => {
  const { kernel, table } = kernelWith([
    '[7:420] -s 10.0.0.5 -m comment --comment "home of \\"x\\"" -m time --datestop 2030-01-02T03:04:05 -j ACCEPT',
    "-j DROP",
  ]);
  const open = { address: address("10.0.0.5"), until: UNTIL_2030 + 60 };
  const { edits } = planDoors(table, { name: "ssh", change: { open }, now: NOW });
  await applyEdits(kernel, edits);
  assertEquals(kernel.chain("ipv4", "pk-ssh"), [
    '[7:420] -s 10.0.0.5/32 -m comment --comment "home of \\"x\\"" -m time --datestop 2030-01-02T03:05:05 -j ACCEPT',
    "-j DROP",
  ]);
});

Deno.test("the addresses of expired doors are reported", async () => {
  const { expired } = await doors(["T 1", "A 2", "T 5", "D"], { now: UNTIL_2030 + 1 });
  assertEquals(expired.map(formatAddress), ["10.0.0.1/32", "10.0.0.5/32"]);
});

Deno.test("a door expires only after the second of its end", () => {
  assertEquals([null, 99, 100, 101].map((until) => isExpired(until, 100.9)), [
    false,
    true,
    false,
    false,
  ]);
});

Deno.test("two doors of an address with ESTABLISHED or a log between them are one", async () => {
  const ofNine = async (between: string) => {
    const { rules } = await doors(["T 9", between, "A 9", "D"], {});
    return rules?.filter((rule) => rule.includes("10.0.0.9"));
  };
  for (const between of ["E", "L"]) assertEquals(await ofNine(between), [short("A 9")], between);
  // A foreign rule may decide ahead of the second.
  assertEquals(await ofNine("F 1"), [short("T 9"), short("A 9")]);
});

Deno.test("the door found for an address is the one that stays open longest", () => {
  const { table } = kernelWith(["T 5", "A 7", "T 7", "D"].map(short));
  const find = (text: string, now: number) =>
    findDoor(table, { name: "ssh", address: address(text), now })?.until;
  assertEquals(find("10.0.0.5", NOW), UNTIL_2030);
  assertEquals(find("10.0.0.7", NOW), null);
  assertEquals(find("10.0.0.5", UNTIL_2030 + 1), undefined);
  assertEquals(find("10.0.0.6", NOW), undefined);
  assertEquals(table.endOf("pk-ssh"), { at: 3, verdict: "drop", isPolicy: true });
});

Deno.test("two rules are apart where a rule of others between them may decide, up to the end", () => {
  const words = ["A 1", "E", "A 2", "L", "F 1", "A 3", "A 4", "L", "A 5", "D", "B 1", "A 6"];
  const { table } = kernelWith(words.map(short));
  const own = Uint8Array.from(words, (word) => "ELFB".includes(word.charAt(0)) ? 0 : 1);
  const isApart = apartness(table.rules("pk-ssh"), own, 9);
  const at = (word: string) => words.indexOf(word);
  const cases: readonly (readonly [from: string, to: string, apart: boolean])[] = [
    ["A 1", "A 2", false],
    ["A 1", "A 3", true],
    ["A 2", "A 3", true],
    ["A 3", "A 4", false],
    ["A 4", "A 5", false],
    ["A 3", "D", false],
    ["A 2", "F 1", false],
    ["A 1", "D", true],
    // Behind the end nothing decides.
    ["A 5", "A 6", false],
    ["A 1", "A 6", false],
  ];
  for (const [from, to, apart] of cases) {
    assertEquals(isApart(at(from), at(to)), apart, `${from}, ${to}`);
  }
  // What is ours is not in between, even if it is a rule of others that goes.
  const all = apartness(table.rules("pk-ssh"), own.map(() => 1), 9);
  assertEquals(all(at("A 1"), at("D")), false);
});

Deno.test("where nothing is sure of a chain's rules, only the door that is asked for changes", () => {
  const changed = (words: readonly string[], change: Parameters<typeof planDoors>[1]["change"]) => {
    const { table } = kernelWith(words.map(short));
    table.isFrozen = true;
    return planDoors(table, { name: "ssh", change, now: NOW }).edits.map((edit) =>
      `${edit.op} ${"index" in edit ? `${edit.index} ${edit.text}` : ""}`
    );
  };
  const [open, close] = [{ open: { address: address("10.0.0.5"), until: null } }, {
    close: address("10.0.0.5"),
  }];
  const five = short("A 5");
  for (
    const [words, place] of [
      [["A 9", "A 1", "M 5", "D"], 4],
      [["A 9", "F 1", "A 1", "D"], 4],
      [["M 9", "M 1", "A 9", "A 1", "L", "D"], 5],
    ] as const
  ) {
    assertEquals(changed(words, open), [`insert ${place} ${five}`], words.join(" | "));
    assertEquals([changed(words, close), changed(words, {})], [[], []], words.join(" | "));
  }
  assertEquals(changed(["A 5", "A 1", "D"], close), [`delete 1 ${five}`]);
  assertEquals(changed(["D", "A 5"], open), [`delete 2 ${five}`, `insert 1 ${five}`]);
});
