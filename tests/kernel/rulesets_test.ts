// What the program says of port 22 on machines with foreign rules, against real connections: an
// outsider's, and one from an address that has a door.
import { assert, assertEquals } from "@std/assert";
import {
  type Backend,
  BACKENDS,
  FAMILIES,
  type Family,
  withoutOurs,
} from "../support/iptables_text.ts";
import { PKTABLES } from "../support/namespace.ts";
import type { Outcome } from "../support/process.ts";
import { type RuleSet, ruleSets, type Saying, SAYINGS } from "../support/rulesets/rulesets.ts";
import { type Ask, PEERS, Street } from "../support/rulesets/test_bed.ts";

const NAMES: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };
const doorOf = (family: Family) => PEERS.door[family][0];
const FILE = `service ssh tcp 22 syn drop\n  allow ${FAMILIES.map(doorOf).join(", ")}\n`;

/** One rule set on one machine. */
interface Case {
  readonly street: Street;
  readonly backend: Backend;
  readonly set: RuleSet;
}

async function run(
  { street, backend }: Case,
  line: string,
  wanted = 0,
): Promise<Outcome> {
  const argv = [PKTABLES, ...line.split(" "), "--backend", backend];
  const outcome = await street.machine.run(argv, { stdin: FILE });
  assertEquals(outcome.code, wanted, `${line}: ${outcome.stderr}`);
  return outcome;
}

function save({ street, backend }: Case): Promise<string[]> {
  return Promise.all(FAMILIES.map((family) => street.machine.save(backend, family)));
}

/** What was reported about a family's port. */
function heard(family: Family, { stderr }: Outcome): Saying {
  const lines = stderr.split("\n").filter((line) => line.includes(`${NAMES[family]}: `));
  const kinds = ["open", "shut", "elsewhere", "unknown"] as const;
  return kinds.find((kind) => lines.some((line) => SAYINGS[kind].test(line))) ?? "nothing";
}

/** What must be reported about a family's port. */
function wantedOf({ set }: Case, family: Family): Saying {
  return set.families.includes(family) ? set.says : "nothing";
}

function assertHeard(one: Case, outcome: Outcome): void {
  for (const family of FAMILIES) {
    assertEquals(heard(family, outcome), wantedOf(one, family), `${family}: ${outcome.stderr}`);
  }
}

/** The jump is at the reported place, and nothing else is different. */
function assertPlaced(one: Case, { before, after }: { before: string[]; after: string[] }): void {
  assertEquals(after.map(withoutOurs), before);
  FAMILIES.forEach((family, at) => {
    const input = (after[at] ?? "").split("*filter\n")[1]!.split("COMMIT\n")[0]!
      .split("\n").filter((line) => line.startsWith("-A INPUT "));
    const jump = input.findIndex((line) => line.endsWith("-j pk-ssh")) + 1;
    const { set } = one;
    const wanted = set.families.includes(family) ? set.place : null;
    assertEquals(jump, wanted ?? input.length, `${family}: ${input.join("\n")}`);
  });
}

function assertPlaceSaid({ set }: Case, { stdout }: Outcome): void {
  const said = [...stdout.matchAll(/ahead of rule (\d+) of INPUT/g)].map(([, number]) => number);
  const wanted = set.place === null ? [] : [String(set.place)];
  assertEquals([...new Set(said)], wanted, stdout);
}

/** Real connections end as reported. */
async function assertTrue(one: Case): Promise<void> {
  const { street, set } = one;
  const asks = set.families.flatMap((family): (Ask & { wanted: boolean | null })[] => {
    const says = wantedOf(one, family);
    const isKnown = says !== "unknown";
    const outsider = isKnown ? says === "open" : null;
    const door = isKnown ? says === "open" || says === "nothing" : null;
    return ([["outsider", outsider], ["door", door], ["lan", set.lan]] as const)
      .filter(([, wanted]) => wanted !== null)
      .map(([who, wanted]) => ({ who, family, wanted, awaited: wanted === true }));
  });
  const answered = await street.ask(asks);
  const show = (answers: readonly (boolean | null)[]) =>
    asks.map(({ who, family }, at) => `${who} ${family} ${answers[at] ? "in" : "out"}`);
  assertEquals(show(answered), show(asks.map(({ wanted }) => wanted)));
}

async function proveInit(one: Case): Promise<void> {
  const before = await save(one);
  const made = await run(one, "init ssh --port 22 --syn");
  assertPlaced(one, { before, after: await save(one) });
  assertPlaceSaid(one, made);
  assertHeard(one, made);
  for (const family of one.set.families) await run(one, `add ${doorOf(family)} --service ssh`);
  await assertTrue(one);
}

async function proveList(one: Case): Promise<void> {
  await proveInit(one);
  assertHeard(one, await run(one, "list ssh"));
}

async function proveLoad(one: Case): Promise<void> {
  const before = await save(one);
  const made = await run(one, "load -");
  assertPlaced(one, { before, after: await save(one) });
  assertPlaceSaid(one, made);
  assertHeard(one, made);
  await assertTrue(one);
  const isWrong = !["nothing", "unknown"].includes(one.set.says);
  const diff = await run(one, "diff -", isWrong ? 1 : 0);
  if (isWrong) assertHeard(one, diff);
}

const SETS = ruleSets();

Deno.test("there are enough rule sets, each of a shape of its own", () => {
  assert(SETS.length >= 30);
  for (const part of ["name", "model"] as const) {
    assertEquals(new Set(SETS.map((set) => set[part])).size, SETS.length);
  }
});

/** Every set by `init` on both backends, then by `list` on one of them, by `load` and `diff` on the other. */
async function proveAll(backend: Backend, wrong: string[]): Promise<void> {
  await using street = await Street.create(SETS);
  for (const [number, set] of SETS.entries()) {
    const loads = number % 2 === BACKENDS.indexOf(backend);
    for (const prove of loads ? [proveInit, proveLoad] : [proveList]) {
      try {
        await street.load(backend, set);
        await prove({ street, backend, set });
      } catch (error) {
        const why = error instanceof Error ? error.message : error;
        wrong.push(`${set.name} (${backend}, ${prove.name}): ${why}`);
      }
    }
  }
}

Deno.test("what init and load say of port 22 is what an outsider and a door meet, whatever foreign rules there are", async () => {
  const wrong: string[] = [];
  await Promise.all(BACKENDS.map((backend) => proveAll(backend, wrong)));
  assertEquals(wrong, []);
});
