import { assertEquals } from "@std/assert";
import { parseAddress } from "../../src/firewall/address.ts";
import { planChain } from "../../src/plan/service_chain.ts";
import type { Service } from "../../src/firewall/service.ts";
import { SSH_SERVICE } from "../support/ssh_service.ts";
import { applyEdits, kernelWith, short } from "../support/chain_tables.ts";

const NOW = 1_800_000_000;

function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new TypeError(text);
  return parsed.value;
}
const SERVICE: Service = { ...SSH_SERVICE, syn: false };

async function chain(start: readonly string[], wanted: Partial<Service>) {
  const { kernel, table } = kernelWith(start.map(short));
  const { edits } = planChain(table, {
    service: { ...SERVICE, ...wanted },
    now: NOW,
    revive: true,
  });
  if (edits.length > 0) await applyEdits(kernel, edits);
  return { rules: kernel.chain("ipv4", "pk-ssh"), edits: edits.length };
}

const LOG = { prefix: null, level: 4, limit: null, burst: 5 };
const SERVICES: readonly [
  string,
  readonly string[],
  Partial<Service>,
  readonly string[],
  number,
][] = [
  ["an empty chain gets its end", [], {}, ["D"], 1],
  ["an equal chain needs nothing", ["E", "A 1", "L", "D"], { established: true, log: LOG }, [
    "E",
    "A 1",
    "L",
    "D",
  ], 0],
  ["a new policy keeps the doors", ["A 1", "D"], { policy: "accept" }, ["A 1", "*"], 2],
  ["a new policy takes the old one's place", ["A 1", "D", "F 1"], { policy: "accept" }, [
    "A 1",
    "*",
    "F 1",
  ], 2],
  ["an equal policy behind the end comes to its place", ["A 1", "*", "F 1", "D"], {}, [
    "A 1",
    "D",
    "F 1",
  ], 3],
  ["dead rules of ours come to their place or go", ["D", "*", "A 1", "D"], {}, ["A 1", "D"], 6],
  ["a policy does not overrule a foreign rule", ["A 1", "R"], {}, ["A 1", "R", "D"], 1],
  ["nor does a log", ["A 1", "R", "D"], { log: LOG }, ["A 1", "R", "L", "D"], 1],
  ["a door behind a foreign rule that ends the chain stays there", ["A 9", "R", "A 1", "D"], {}, [
    "A 9",
    "R",
    "A 1",
    "D",
  ], 0],
  ["no door crosses a foreign rule", ["A 9", "B 1", "A 5", "A 1", "D"], {}, [
    "A 9",
    "B 1",
    "A 1",
    "A 5",
    "D",
  ], 2],
  ["a door doubled across a foreign rule", ["A 9", "B 1", "A 9", "D"], {}, [
    "A 9",
    "B 1",
    "D",
  ], 3],
  ["a longer one across a foreign rule stays", ["T 9", "B 1", "A 9", "D"], {}, [
    "T 9",
    "B 1",
    "A 9",
    "D",
  ], 0],
  ["what the service has no more goes", ["E", "A 1", "L", "D"], {}, ["A 1", "D"], 2],
  ["what it has now comes to its place", ["A 1", "D"], { established: true, log: LOG }, [
    "E",
    "A 1",
    "L",
    "D",
  ], 2],
  ["allowed addresses stay if nobody has a say in them", ["M 1", "D"], {}, ["M 1", "D"], 0],
  [
    "allowed addresses go if the file has none",
    ["M 1", "A 1", "D"],
    { allow: [] },
    ["A 1", "D"],
    1,
  ],
  [
    "allowed addresses come in order, of this family",
    ["A 5", "D"],
    { allow: [address("10.0.0.1"), address("::1"), address("10.0.0.9")] },
    ["M 1", "A 5", "M 9", "D"],
    2,
  ],
  ["the wrong log is replaced", ["L", "D"], { log: { ...LOG, level: 6 } }, [], 2],
];

for (const [what, start, wanted, end, count] of SERVICES) {
  Deno.test(`service: ${what}`, async () => {
    const { rules, edits } = await chain(start, wanted);
    assertEquals(rules, end.length > 0 ? end.map(short) : ["-j LOG --log-level 6", "-j DROP"]);
    assertEquals(edits <= count, true, `${edits} edits instead of ${count}`);
  });
}

/** What becomes of a chain, rules in short form or as iptables prints them. */
async function planned(
  start: readonly string[],
  { wanted = {}, ...options }:
    & { wanted?: Partial<Service> }
    & Partial<
      Omit<Parameters<typeof planChain>[1], "service">
    >,
): Promise<readonly string[] | null> {
  const words = ["A 1", "A 9", "T 1", "M 1", "M 9", "F 1", "B 1", "D", "*", "R", "L", "E"];
  const lines = start.map((word) => word.startsWith("-") ? word : short(word));
  const { kernel, table } = kernelWith(lines, { before: ":pk-web - [0:0]\n:pk-old - [0:0]" });
  const service = { ...SERVICE, ...wanted };
  const { edits } = planChain(table, { service, now: NOW, ...options });
  if (edits.length > 0) await applyEdits(kernel, edits);
  return (kernel.chain("ipv4", "pk-ssh") ?? []).map((text) =>
    words.find((word) => short(word) === text) ?? text
  );
}

Deno.test("what is behind the end of a chain stays there dead, unless it is asked for", async () => {
  const [one, nine] = [address("10.0.0.1"), address("10.0.0.9")];
  const cases: readonly (readonly [
    start: readonly string[],
    wanted: Partial<Service>,
    end: readonly string[],
    revived: readonly string[],
  ])[] = [
    [["A 1", "*", "F 1", "D"], {}, ["A 1", "D", "F 1", "D"], ["A 1", "D", "F 1"]],
    [["D", "A 9"], {}, ["D", "A 9"], ["A 9", "D"]],
    [["D", "M 9"], { allow: [nine] }, ["M 9", "D", "M 9"], ["M 9", "D"]],
    [["M 1", "D", "M 9"], { allow: [one] }, ["M 1", "D", "M 9"], ["M 1", "D"]],
    [["D", "L"], { log: LOG }, ["L", "D", "L"], ["L", "D"]],
    [["D", "E", "A 1"], { established: true }, ["E", "D", "E", "A 1"], ["E", "A 1", "D"]],
    // Behind a foreign rule that ends the chain, policy and log wait for it to go; doors stay there.
    [["R", "*", "A 1", "L"], { log: LOG }, ["R", "A 1", "L", "D"], ["R", "A 1", "L", "D"]],
    [["R", "M 9", "D"], { allow: [nine] }, ["M 9", "R", "M 9", "D"], ["M 9", "R", "D"]],
  ];
  for (const [start, wanted, end, revived] of cases) {
    assertEquals(await planned(start, { wanted }), end, start.join(" | "));
    assertEquals(await planned(start, { wanted, revive: false }), end, start.join(" | "));
    assertEquals(await planned(start, { wanted, revive: true }), revived, start.join(" | "));
  }
});

Deno.test("jumps to chains that go, go as well; one to a chain that changes ends nothing", async () => {
  const [old, web] = ["-j pk-old", "-j pk-web"];
  const start = ["A 1", old, web, "D"];
  assertEquals(await planned(start, { removed: ["pk-old"] }), ["A 1", web, "D"]);
  assertEquals(await planned(start, { removed: ["pk-web", "pk-old"] }), ["A 1", "D"]);
  assertEquals(await planned(start, { wanted: { policy: "accept" } }), ["A 1", old, web, "*"]);
  // A chain that drops all is an end, until the same transaction changes it.
  const { table } = kernelWith(["-j pk-web", ...["A 9", "A 1", "D"].map(short)], {
    before: ":pk-web - [0:0]\n-A pk-web -j DROP",
  });
  const texts = (changing: readonly string[]) =>
    planChain(table, { service: SERVICE, now: NOW, changing }).edits.map((edit) =>
      `${edit.op} ${"text" in edit ? edit.text : ""}`
    );
  assertEquals(texts([]), []);
  const moved = [`delete ${short("A 1")}`, `insert ${short("A 1")}`];
  assertEquals(texts(["pk-web"]), moved);
  const gone = planChain(table, { service: SERVICE, now: NOW, removed: ["pk-web"] }).edits;
  assertEquals(gone.length, 3); // the jump goes, and the doors come in order
});

Deno.test("doors that are over go, and without a time they stay", async () => {
  const over = short("A 5").replace(" -j", " -m time --datestop 2001-01-01T00:00:00 -j");
  const start = [over, "A 1", "*"];
  assertEquals(await planned(start, {}), ["A 1", "D"]);
  assertEquals(await planned(start, { now: -Infinity }), ["A 1", over, "D"]);
  // A chain that is what is wanted is not looked at: its doors are none of the file's.
  assertEquals(await planned(["D"], {}), ["D"]);
});

Deno.test("where nobody has a say in them, allowed addresses and knocked doors stay", async () => {
  const knocked =
    "-m recent --rcheck --seconds 60 --name pk-ssh --mask 255.255.255.255 --rsource -j ACCEPT";
  const start = ["M 1", "A 1", knocked, "L", "*"];
  assertEquals(await planned(start, { wanted: { allow: null } }), ["M 1", "A 1", knocked, "D"]);
  assertEquals(await planned(start, { wanted: { allow: [] } }), ["A 1", "D"]);
});

Deno.test("what stays keeps what it has counted, and what is new starts at nothing", async () => {
  const counted = async (start: readonly string[], wanted: Partial<Service>) => {
    const { kernel, table } = kernelWith(start);
    const { edits } = planChain(table, { service: { ...SERVICE, ...wanted }, now: NOW });
    await applyEdits(kernel, edits);
    return kernel.dump("ipv4").split("\n").filter((line) => line.includes("-A pk-ssh "))
      .map((line) => line.replace("-A pk-ssh ", ""));
  };
  // A dead rule that says the same is not the one that comes to be.
  assertEquals(await counted(["[1:60] -j ACCEPT", "[2:120] -j DROP"], {}), [
    "[0:0] -j DROP",
    "[2:120] -j DROP",
  ]);
  assertEquals(await counted(["[1:60] -j DROP", "[2:120] -j LOG"], { log: LOG }), [
    "[0:0] -j LOG",
    "[1:60] -j DROP",
    "[2:120] -j LOG",
  ]);
  // Of equal ones the first stays.
  assertEquals(
    await counted(["[1:60] -j LOG", "[2:120] -j LOG", "[3:180] -j DROP"], { log: LOG }),
    [
      "[1:60] -j LOG",
      "[3:180] -j DROP",
    ],
  );
  const [door, allowed] = [short("A 1"), short("M 1")];
  assertEquals(await counted([`[4:240] ${door}`, "[5:300] -j DROP"], { policy: "accept" }), [
    `[4:240] ${door}`,
    "[0:0] -j ACCEPT",
  ]);
  const both = [`[4:240] ${allowed}`, `[5:300] ${allowed}`, "[6:360] -j DROP"];
  assertEquals(await counted(both, { allow: [address("10.0.0.1")] }), [
    `[4:240] ${allowed}`,
    "[6:360] -j DROP",
  ]);
});

Deno.test("a rule of nft that only reads like a wanted one is not taken for it", async () => {
  for (
    const [start, wanted, at] of [
      [["*"], { policy: "accept" }, 0],
      [["M 1", "D"], { allow: [address("10.0.0.1")] }, 0],
      [["E", "D"], { established: true }, 0],
    ] as const
  ) {
    const { kernel, table } = kernelWith(start.map(short));
    table.markNative("pk-ssh", [at]);
    const { edits } = planChain(table, { service: { ...SERVICE, ...wanted }, now: NOW });
    await applyEdits(kernel, edits);
    const [first] = start.map(short);
    const rules = kernel.chain("ipv4", "pk-ssh")!;
    assertEquals(rules.filter((rule) => rule === first).length, 2, first);
  }
});
