// What a table tells of its chains once its rules are read: their ends, their jumps, what is reached.
import { assertEquals } from "@std/assert";
import { readFilterTable } from "../support/read_table.ts";

type Chains = Readonly<Record<string, readonly string[]>>;

function tableOf(chains: Chains) {
  const heads = Object.keys(chains).map((chain) =>
    `:${chain} ${chain === "INPUT" ? "ACCEPT" : "-"} [0:0]`
  );
  const lines = Object.entries(chains).flatMap(([chain, rules]) =>
    rules.map((rule) => `-A ${chain} ${rule}`)
  );
  return readFilterTable(["*filter", ...heads, ...lines, "COMMIT", ""].join("\n"), "ipv4");
}

const DOOR = "-s 192.0.2.1/32 -j ACCEPT";

Deno.test("of a table nothing is sure that was not found out", () => {
  const { isVerified, isFrozen } = tableOf({ INPUT: [] });
  assertEquals([isVerified, isFrozen], [false, false]);
});

Deno.test("chains of unconfirmed rules are found by their names", () => {
  const some = tableOf({ INPUT: [], "pk-a": [], "pk.a": [], "pk.b-1": [], "pk.9": [], xpk: [] });
  assertEquals(some.unconfirmedChains, ["pk.a", "pk.b-1"]);
  assertEquals(some.mayBeUnconfirmed, true);
  assertEquals(tableOf({ INPUT: [], "pk.9": [] }).mayBeUnconfirmed, true);
  const none = tableOf({ INPUT: [], "pk-a": [], "xpk.a": [] });
  assertEquals([none.unconfirmedChains, none.mayBeUnconfirmed], [[], false]);
});

Deno.test("a chain ends behind as many jumps as the kernel follows, and ones that go round end nowhere", () => {
  const deep = Object.fromEntries(
    Array.from({ length: 17 }, (_, at) => [`c${at}`, [at < 16 ? `-j c${at + 1}` : "-j DROP"]]),
  );
  const table = tableOf({ INPUT: ["-j c0"], ...deep });
  assertEquals(table.endOf("c0"), { at: 0, verdict: "drop", isPolicy: false });
  assertEquals(table.endOf("c16"), { at: 0, verdict: "drop", isPolicy: true });
  assertEquals(table.endOf("INPUT")?.verdict, "drop");
  // Much deeper ones cost no more than they are worth, one after another.
  const far = Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`c${at}`, [at < 299 ? `-j c${at + 1}` : "-j DROP"]]),
  );
  const long = tableOf(far);
  assertEquals(long.endOf("c0"), null);
  assertEquals(long.endOf("c299")?.verdict, "drop");
  assertEquals([280, 290].map((at) => long.endOf(`c${at}`)?.verdict), ["drop", "drop"]);
  // However many there are, each is asked about by itself.
  const wide = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`c${at}`, ["-j DROP"]]));
  const many = tableOf(wide);
  assertEquals(Object.keys(wide).filter((chain) => many.endOf(chain)?.at !== 0), []);
  // The kernel takes no chains that lead round; asked about, they end in what is sure.
  const round = tableOf({ a: ["-j b", "-j QUEUE"], b: ["-j a", "-j LOG"], c: ["-j c"] });
  assertEquals(round.endOf("a")?.at, 1);
  assertEquals([round.endOf("c"), round.endOf("none")], [null, null]);
});

Deno.test("packets reach the rules from the top of a chain to its end", () => {
  const table = tableOf({ "pk-a": [DOOR, "-j LOG", "-j DROP", DOOR], "pk-b": [DOOR], "pk-c": [] });
  const reached = ["pk-a", "pk-b", "pk-c", "none"].map((chain) =>
    table.reachedRules(chain).map(({ text }) => text)
  );
  assertEquals(reached, [[DOOR, "-j LOG", "-j DROP"], [DOOR], [], []]);
});

Deno.test("the end of a chain once other rules of INPUT jump to it is told ahead", () => {
  const table = tableOf({
    INPUT: ["-p tcp -j pk-a", "-i lo -j ACCEPT"],
    "pk-a": ["-p tcp -j QUEUE", "-j DROP"],
    theirs: [],
    "more-theirs": ["-p tcp -i eth0 -j pk-a"],
  });
  const to = { protocol: "udp", removed: [] } as const;
  assertEquals(table.endOf("pk-a")?.at, 0);
  assertEquals(table.endWith("pk-a", ["-p tcp -m tcp --dport 22 -j pk-a"], to)?.at, 0);
  assertEquals(table.endWith("pk-a", ["-p udp -j pk-a"], to)?.at, 1);
  // What jumps there from elsewhere does so still.
  assertEquals(table.endWith("pk-a", [], to)?.at, 0);
  assertEquals(table.jumpTextsTo("pk-a"), ["-p tcp -j pk-a", "-p tcp -i eth0 -j pk-a"]);
  assertEquals(table.jumpTextsTo("theirs"), []);
  const beside = tableOf({ INPUT: ["-p tcp -j a"], a: ["-p tcp -j QUEUE"], b: ["-p udp -j a"] });
  assertEquals(beside.endWith("a", [], to), null);
  assertEquals(beside.endWith("a", ["-p tcp -j a"], to), null);
});

Deno.test("once a rule is known to hide what it matches, all that depends on it is told anew", () => {
  const table = tableOf({
    INPUT: ["-p tcp -m tcp --dport 22 -j pk-a", "-p udp -j pk-a"],
    "pk-a": ["-j QUEUE", "-p tcp -j ACCEPT", "-j DROP"],
  });
  const kinds = (chain: string) => table.rules(chain).map(({ rule }) => rule.kind);
  assertEquals([kinds("pk-a"), table.endOf("pk-a")?.at], [["foreign", "foreign", "policy"], 0]);
  const matched = () =>
    table.jumpsTo("pk-a").map(({ rule }) => rule.kind === "jump" && rule.match !== null);
  assertEquals(matched(), [true, false]);
  const keys = () => table.rules("pk-a").map(({ key }) => key);
  assertEquals(keys(), ["foreign -j QUEUE", "foreign -p tcp -j ACCEPT", "-j DROP"]);
  table.markNative("pk-a", [0, 2]);
  assertEquals([kinds("pk-a"), table.endOf("pk-a")], [["foreign", "foreign", "foreign"], null]);
  assertEquals(keys(), ["foreign -j QUEUE", "foreign -p tcp -j ACCEPT", "foreign -j DROP"]);
  table.markNative("INPUT", [0]);
  assertEquals(matched(), [false, false]);
  assertEquals(table.rules("INPUT").map(({ key }) => key.startsWith("foreign ")), [true, true]);
  table.markNative("none", [0, 7]);
  table.markNative("pk-a", [9]);
});
