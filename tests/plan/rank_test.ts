// In which order the rules of a chain stand, and which of several that are alike stays.
import { assertEquals } from "@std/assert";
import { parseAddress } from "../../src/firewall/address.ts";
import type { OwnRule } from "../../src/firewall/rule.ts";
import type { Ranked } from "../../src/plan/arrange.ts";
import { compareRank, insert, settle } from "../../src/plan/rank.ts";

function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new TypeError(text);
  return parsed.value;
}

const door = (last: number, until: number | null = null): OwnRule => (
  { kind: "door", address: address(`10.0.0.${last}`), until, comment: null }
);
const allow = (last: number): OwnRule => ({ kind: "allow", address: address(`10.0.0.${last}`) });
const knocked = (list: string): OwnRule => ({ kind: "knocked", list, seconds: 9, family: "ipv4" });
const LOG: OwnRule = { kind: "log", log: { prefix: null, level: 4, limit: null, burst: 5 } };
const DROP: OwnRule = { kind: "policy", policy: "drop", protocol: null };

/** Rules from the top of a chain to its end. */
const IN_ORDER: readonly OwnRule[] = [
  { kind: "established" },
  ...[allow(1), door(1), door(2), allow(3), door(3), allow(10)],
  ...["pk-a", "pk-a.2", "pk-a.3", "pk-a.9", "pk-a.10", "pk-a.11"].map(knocked),
  LOG,
  DROP,
];

Deno.test("rules come in the order of their kinds, addresses by number, knocks by theirs", () => {
  for (const [at, a] of IN_ORDER.entries()) {
    for (const [other, b] of IN_ORDER.entries()) {
      assertEquals(Math.sign(compareRank(a, b)), Math.sign(at - other), JSON.stringify([a, b]));
    }
  }
  assertEquals(compareRank(door(1, 5), door(1, 7)), 0);
});

Deno.test("a rule is put into its place among rules in order, wherever that is", () => {
  const ranked = IN_ORDER.map((rule): Ranked => (
    { rule, observed: null, counters: { packets: 0, bytes: 0 } }
  ));
  for (const at of ranked.keys()) {
    const rest = ranked.toSpliced(at, 1);
    assertEquals(insert(rest, ranked[at]!), ranked);
    assertEquals(rest.length, ranked.length - 1);
  }
  assertEquals(insert([], ranked[0]!), [ranked[0]]);
});

/** What stays of rules that stand at these places: `null` for one that is new. */
function settled(
  given: readonly (readonly [rule: OwnRule, observed: number | null])[],
  isApart: (a: number, b: number) => boolean = () => false,
): (number | null)[] {
  const ranked = given.map(([rule, observed]): Ranked => (
    { rule, observed, counters: { packets: 0, bytes: 0 } }
  ));
  return settle(ranked, isApart).map(({ observed }) => observed);
}

Deno.test("of several alike the first stays, of doors the one that stays open longest, logs all", () => {
  assertEquals(settled([[door(1), 0], [door(2), 1], [DROP, 2]]), [0, 1, 2]);
  assertEquals(settled([[door(2), 0], [DROP, 1], [door(1), 2]]), [2, 0, 1]);
  assertEquals(settled([[DROP, 0], [DROP, 1]]), [0]);
  assertEquals(settled([[DROP, null], [DROP, 1]]), [1]);
  assertEquals(settled([[LOG, 0], [LOG, 1], [DROP, 2]]), [0, 1, 2]);
  assertEquals(settled([[allow(1), 0], [allow(1), 1], [allow(1), 2]]), [0]);
  assertEquals(settled([[door(1, 5), 0], [door(1, 7), 1]]), [1]);
  assertEquals(settled([[door(1, 7), 0], [door(1, 5), 1]]), [0]);
  assertEquals(settled([[door(1, 7), 0], [door(1), 1], [door(1, 9), 2]]), [1]);
  assertEquals(settled([[door(1, 7), 0], [door(1, 7), 1]]), [0]);
  assertEquals(settled([[door(1), 0], [door(1), 1]]), [0]);
  assertEquals(settled([[door(2), 0], [door(1), 1], [door(1), 2], [DROP, 3]]), [1, 0, 3]);
});

Deno.test("where a rule of others is in between, a longer door stays beside a shorter one ahead", () => {
  const apart = (a: number, b: number) => a < 3 && b > 3;
  assertEquals(settled([[door(1, 5), 0], [door(1, 7), 4]], apart), [0, 4]);
  assertEquals(settled([[door(1, 5), 0], [door(1, 7), 2]], apart), [2]);
  assertEquals(settled([[door(1, 7), 0], [door(1, 5), 4]], apart), [0]);
  assertEquals(settled([[door(1, 5), 0], [door(1, 7), 4], [door(1, 9), 5]], apart), [0, 5]);
  assertEquals(settled([[DROP, 0], [DROP, 4]], apart), [0]);
  // What is new stands nowhere yet.
  assertEquals(settled([[door(1, 5), 0], [door(1, 7), null]], () => true), [null]);
});
