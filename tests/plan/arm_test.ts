// What stands in the kernel while rules are unconfirmed: the new ones in chains of their own.
import { assert, assertEquals } from "@std/assert";
import { arm } from "../../src/plan/arm.ts";
import { type Edit, emitPayload } from "../../src/plan/edit.ts";
import { PlannedTable } from "../../src/plan/planned_table.ts";
import { armed, type Chains, editsFor, tableOf, UNTIL } from "../support/armed.ts";
import { readFilterTable } from "../support/read_table.ts";

Deno.test("new rules stand in a chain of their own, and the old chain ends in a sign of it", () => {
  const before = { INPUT: ["tcp: 22 -j pk-a"], "pk-a": ["-s 192.0.2.1/32 -j ACCEPT", "-j DROP"] };
  const { chains } = armed(before, { "pk-a": ["-s 192.0.2.2/32 -j ACCEPT", "-j DROP"] });
  assertEquals(chains, {
    INPUT: ["tcp: 22 until -j pk.a", "tcp: 22 -j pk-a"],
    "pk-a": [
      "-s 192.0.2.1/32 -j ACCEPT",
      "-j DROP",
      "-m time --datestop 2027-01-15T08:00:00 -j pk.a",
    ],
    "pk.a": ["-s 192.0.2.2/32 -j ACCEPT", "-j DROP"],
  });
});

Deno.test("a new service has a new chain alone, and one that goes an empty one", () => {
  const fresh = armed({ INPUT: ["-j LOG"] }, {
    "pk-a": ["-j DROP"],
    INPUT: ["-j LOG", "tcp: 22 -j pk-a"],
  });
  assertEquals(fresh.chains, { INPUT: ["-j LOG", "tcp: 22 until -j pk.a"], "pk.a": ["-j DROP"] });
  const gone: Edit[] = [
    { op: "flush-chain", chain: "pk-a", rules: [] },
    { op: "delete-chain", chain: "pk-a" },
  ];
  const before = { INPUT: ["tcp: 22 -j pk-a", "-j LOG"], "pk-a": ["-j DROP"] };
  assertEquals(armed(before, { INPUT: ["-j LOG"] }, gone).chains, {
    INPUT: ["tcp: 22 after -j pk-a", "-j LOG"],
    "pk-a": ["-j DROP", "-m time --datestop 2027-01-15T08:00:00 -j pk.a"],
    "pk.a": [],
  });
});

Deno.test("of several services each has what it needs, in whatever order they come", () => {
  const before = { INPUT: ["tcp: 22 -j pk-a"], "pk-a": ["-j DROP"], "pk-b": ["-j DROP"] };
  const { edits } = armed(before, {
    "pk-c": ["-j DROP"],
    "pk-a": ["-s 192.0.2.1/32 -j ACCEPT", "-j DROP"],
    "pk-d": ["-j DROP"],
    "pk-b": ["-j ACCEPT"],
  });
  const sign = "-m time --datestop 2027-01-15T08:00:00";
  assertEquals(emitPayload(edits).split("\n"), [
    "*filter",
    ...["c", "a", "d", "b"].map((name) => `-N pk.${name}`),
    "-A pk.c -j DROP",
    "-A pk.a -s 192.0.2.1/32 -j ACCEPT",
    "-A pk.a -j DROP",
    `-A pk-a ${sign} -j pk.a`,
    "-A pk.d -j DROP",
    "-A pk.b -j ACCEPT",
    `-A pk-b ${sign} -j pk.b`,
    `-I INPUT 1 -p tcp -m tcp --dport 22 ${sign} -j pk.a`,
    "COMMIT",
    "",
  ]);
});

Deno.test("a name with a quote in it is written once in quotes wherever it is copied to", () => {
  const before = { INPUT: ['-i et"h -j pk-a'], "pk-a": ['-i et"h -j RETURN', "-j DROP"] };
  const { edits } = armed(before, { "pk-a": ['-i et"h -j RETURN', "-j ACCEPT"] });
  const written = emitPayload(edits).split("\n").filter((line) => line.includes("-i"));
  assertEquals(written, [
    '-A pk.a -i "et\\"h" -j RETURN',
    '-D INPUT -i "et\\"h" -j pk-a',
    '-A INPUT -i "et\\"h" -m time --datestop 2027-01-15T08:00:00 -j pk.a',
    '-A INPUT -i "et\\"h" -m time --datestart 2027-01-15T08:00:01 -j pk-a',
  ]);
});

Deno.test("services that do not change, and chains that do not lead to one, stay as they are", () => {
  const before = {
    INPUT: ["tcp: 22 -j pk-a", "tcp: 80 -j pk-b", "-j LOG"],
    "pk-a": ["-j DROP"],
    "pk-b": ["-j DROP"],
    "pk-b.1": ["-p udp"],
    theirs: ["tcp: 80 -j pk-b", "-j RETURN"],
    "more-theirs": ["-i eth0 -j pk-a"],
  };
  const { chains, copied } = armed(before, { "pk-a": ["-j ACCEPT"] });
  assertEquals(chains, {
    ...before,
    INPUT: ["tcp: 22 until -j pk.a", ...before.INPUT],
    "pk-a": ["-j DROP", "-m time --datestop 2027-01-15T08:00:00 -j pk.a"],
    "more-theirs": ["-i eth0 until -j pk.a", "-i eth0 after -j pk-a"],
    "pk.a": ["-j ACCEPT"],
  });
  // What its jump matches is not all understood, so its text has to be all of it.
  assertEquals(copied, ["more-theirs"]);
});

Deno.test("among new rules jumps lead to the new rules of services that change too, and to no others", () => {
  const before = {
    INPUT: ["tcp: 22 -j pk-a", "tcp: 80 -j pk-b"],
    "pk-a": ["-j DROP"],
    "pk-b": ["-j DROP"],
    "pk-c": ["-j DROP"],
  };
  const a = ["-s 192.0.2.1/32 -j pk-b", "-s 192.0.2.2/32 -g pk-c", "-i eth0 -g pk-b", "-j ACCEPT"];
  const { chains } = armed(before, { "pk-a": a, "pk-b": ["-j ACCEPT"] });
  assertEquals(chains["pk.a"], [
    "-s 192.0.2.1/32 -j pk.b",
    "-s 192.0.2.2/32 -g pk-c",
    "-i eth0 -g pk.b",
    "-j ACCEPT",
  ]);
});

Deno.test("an old jump waits as well where a packet may come back from the new rules", () => {
  const cases: readonly (readonly [rules: readonly string[], stays: boolean])[] = [
    [["-j DROP"], true],
    [["-j ACCEPT"], true],
    [["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-j DROP"], true],
    [["-s 192.0.2.1/32 -m comment --comment pk-allow -j ACCEPT", "-j DROP"], true],
    [["-s 192.0.2.1/32 -j ACCEPT", "-j LOG", "-j DROP"], true],
    [["-p tcp -j REJECT --reject-with tcp-reset"], true],
    [["-j LOG", "-j DROP", "-s 192.0.2.1/32 -j RETURN"], true],
    [[], false],
    [["-j LOG"], false],
    [["-s 192.0.2.1/32 -j RETURN", "-j DROP"], false],
    [["-s 192.0.2.1/32 -j theirs", "-j DROP"], false],
    [["-s 192.0.2.1/32 -j pk-b", "-j DROP"], false],
    [["-j NFQUEUE --queue-num 0"], false],
    [
      ["-m recent --rcheck --seconds 60 --name pk-a --mask 255.255.255.255 --rsource -j ACCEPT"],
      false,
    ],
    [
      [
        "-m recent --rcheck --seconds 60 --name pk-a --mask 255.255.255.255 --rsource -j ACCEPT",
        "-j DROP",
      ],
      false,
    ],
  ];
  for (const [rules, stays] of cases) {
    const before = {
      INPUT: ["tcp: 22 -j pk-a"],
      "pk-a": ["-s 10.0.0.1/32 -j ACCEPT", "-j DROP"],
      "pk-b": ["-j DROP"],
      theirs: [],
    };
    const { chains } = armed(before, { "pk-a": rules });
    assertEquals(chains["pk.a"], rules.map((rule) => rule.replace("pk-b", "pk-b")));
    assertEquals(
      chains["INPUT"],
      ["tcp: 22 until -j pk.a", stays ? "tcp: 22 -j pk-a" : "tcp: 22 after -j pk-a"],
      rules.join("; "),
    );
  }
});

Deno.test("old jumps that wait keep what they have counted, and new ones start at nothing", () => {
  const head = "*filter\n:INPUT ACCEPT [0:0]\n:pk-a - [0:0]\n";
  const jump = "-p tcp -m tcp --dport 22 -j pk-a";
  const printed = `${head}[5:300] -A INPUT ${jump}\n[6:360] -A pk-a -j DROP\nCOMMIT\n`;
  const table = readFilterTable(printed, "ipv4");
  const edits = editsFor(table, { INPUT: ["tcp: 23 -j pk-a"] });
  const planned = new PlannedTable(table, arm(table, { edits, until: UNTIL }).edits);
  const counted = (chain: string) =>
    planned.rules(chain).map(({ packets, bytes }) => [packets, bytes]);
  assertEquals(counted("INPUT"), [[0, 0], [5, 300]]);
  assertEquals(counted("pk-a"), [[6, 360], [0, 0]]);
  assertEquals(counted("pk.a"), [[0, 0]]);
});

Deno.test("a chain of others where new rules would stand is named, with who uses it", () => {
  const ends = { "pk-a": ["-j DROP"] };
  const cases: readonly (readonly [more: Chains, taken: ReturnType<typeof arm>["taken"]])[] = [
    [{ "pk.a": ["-j LOG"] }, { chain: "pk.a", text: null }],
    [{ theirs: ["-i eth0 -g pk.a"], "pk.a": [] }, { chain: "pk.a", text: "-i eth0 -g pk.a" }],
    [{ "pk.b": ["-j LOG"], theirs: ["-j pk.b"] }, null],
    [{ "pk.a": [] }, null],
  ];
  for (const [more, taken] of cases) {
    const table = tableOf({ INPUT: ["tcp: 22 -j pk-a"], ...ends, ...more });
    const edits = editsFor(table, { "pk-a": ["-j ACCEPT"] });
    const found = arm(table, { edits, until: UNTIL });
    assertEquals(found.taken, taken);
    assertEquals(found.edits.length > 0, taken === null);
    const creates = found.edits.some((edit) => edit.op === "create-chain" && edit.chain === "pk.a");
    assertEquals(creates, taken === null && !Object.hasOwn(more, "pk.a"));
  }
});

Deno.test("rules that are copied are named where nft could have written them", () => {
  const rules = ["-s 192.0.2.1/32 -j ACCEPT", "-j RETURN", "-s 192.0.2.2/32 -j pk-b"];
  const own = ["-j LOG", "-s 192.0.2.1/32 -m comment --comment pk-allow -j ACCEPT"];
  const copiedOf = (kept: readonly string[], fresh: readonly string[] = []) => {
    const before = { INPUT: ["tcp: 22 -j pk-a"], "pk-a": [...kept, "-j DROP"], "pk-b": [] };
    return armed(before, { "pk-a": [...fresh, ...kept, "-j ACCEPT"] }).copied;
  };
  for (const rule of rules) {
    assertEquals(copiedOf([rule]), ["pk-a"], rule);
    assertEquals(copiedOf([...own, rule]), ["pk-a"], rule);
    assertEquals(copiedOf(own, [rule]), [], rule); // written here
  }
  assertEquals(copiedOf(own), []);
  assert(
    armed({ INPUT: ["-s 192.0.2.1/32 -j pk-a", "-j LOG"], "pk-a": [] }, { INPUT: ["-j LOG"] })
      .copied.includes("INPUT"),
  );
});
