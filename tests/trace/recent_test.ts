// The lists of `-m recent`, by xt_recent.c: what is known of them, and what rules on the way write down.
import { assertEquals } from "@std/assert";
import { hostKey, type KnownLists, NOBODY_KNOCKED } from "../../src/trace/lists.ts";
import { ask, filter, type Question } from "../support/trace.ts";
import { type Case, checkMatches as check, KNOWN } from "../support/matches.ts";

const recent = (...verbs: readonly string[]) =>
  verbs.map((words) => `-m recent --${words} --name a`).join(" ");

check("each rule that notes an address counts once, and hits are counted to the last", [
  ...[1, 2, 3, 4].map((hits): Case => [
    recent("set", "set", "set", `rcheck --hitcount ${hits}`),
    {},
    hits <= 3,
  ]),
  ...[1, 2, 3, 4].map((hits): Case => [
    recent("set", "set", "set").replace(/$/, ` -m recent ! --rcheck --hitcount ${hits} --name a`),
    {},
    hits > 3,
  ]),
  // An update that holds notes the address once more, one that does not hold notes nothing.
  [recent("set", "update", "rcheck --hitcount 2"), {}, true],
  [recent("set", "update", "rcheck --hitcount 3"), {}, false],
  [recent("set", "update", "update", "rcheck --hitcount 3"), {}, true],
  ["-m recent ! --update --name a -m recent --rcheck --name a", {}, false],
  [recent("set", "rcheck", "rcheck --hitcount 2"), {}, false],
  ["-m recent ! --update --hitcount 2 --name a -m recent ! --rcheck --name a", {}, true],
  // What is removed is gone, however often it was there; a number of hits is not asked then.
  [recent("set", "set", "remove", "rcheck"), {}, false],
  [recent("remove"), {}, false],
  [recent("set", "remove --hitcount 5"), {}, true],
  [recent("set", "remove", "set", "rcheck"), {}, true],
  [recent("set", "remove", "set", "rcheck --hitcount 2"), {}, false],
  ["-m recent ! --remove --name a", {}, true],
  [recent("set", "rcheck --hitcount 1.5"), {}, null],
  ["-m recent --rsource --name a", {}, null],
]);

check("of an address that is known nobody knows whether it was noted before", [
  [recent("rcheck"), KNOWN, null],
  [recent("update"), KNOWN, null],
  [recent("remove"), KNOWN, null],
  [recent("set"), KNOWN, true],
  [recent("set", "rcheck"), KNOWN, true],
  [recent("set", "rcheck --hitcount 2"), KNOWN, null],
  [recent("set", "set", "rcheck --hitcount 2"), KNOWN, true],
  [recent("set", "set", "rcheck --hitcount 3"), KNOWN, null],
  [recent("set", "update", "rcheck --hitcount 2"), KNOWN, true],
  [
    "-m recent --set --name a -m recent --remove --name a -m recent --rcheck --name a",
    KNOWN,
    false,
  ],
]);

check("a list of destinations is another one, of which nothing is known of anyone", [
  ["-m recent --rcheck --rdest --name a", {}, null],
  ["-m recent --set --rdest --name a -m recent --rcheck --rdest --name a", {}, true],
  ["-m recent --set --rsource --name a -m recent --rcheck --rdest --name a", {}, null],
  ["-m recent --set --rdest --name a -m recent --rcheck --rsource --name a", {}, false],
  ["-m recent --set --rdest --name a -m recent --rcheck --hitcount 2 --rdest --name a", {}, null],
  ["-m recent --set --name DEFAULT -m recent --rcheck --rsource", {}, true],
]);

/** On `a` one address was noted ten seconds ago; on `b` nobody is; of others nothing is known. */
const lists: KnownLists = (name) =>
  name === "a" ? new Map([[hostKey([203, 0, 113, 9]), 10]]) : name === "b" ? new Map() : undefined;
const NOTED: Question = { ...KNOWN, lists };
const OTHER: Question = { ...NOTED, from: "203.0.113.8" };

check("where a list is known, so is who is on it, and since when", [
  ["-m recent --rcheck --name a", NOTED, true],
  ["-m recent --rcheck --name a", OTHER, false],
  ["-m recent --rcheck --name a", { ...NOTED, from: "203.0.11.39" }, false],
  ["-m recent --rcheck --name b", NOTED, false],
  ["-m recent --rcheck --name c", NOTED, null],
  ["-m recent --rcheck", NOTED, null],
  ["-m recent --rcheck --seconds 9 --name a", NOTED, false],
  ["-m recent --rcheck --seconds 10 --name a", NOTED, true],
  ["-m recent --rcheck --seconds 11 --name a", NOTED, true],
  ["-m recent --update --seconds 11 --name a", OTHER, false],
  // How often is not known; and what was noted before is no younger for being noted again.
  ["-m recent --rcheck --hitcount 2 --name a", NOTED, null],
  ["-m recent --rcheck --hitcount 2 --name a", OTHER, false],
  [recent("set", "rcheck --seconds 9"), NOTED, true],
  [recent("set", "rcheck --seconds 9 --hitcount 2"), NOTED, null],
  [recent("update", "rcheck --seconds 9"), NOTED, true],
  [recent("update", "rcheck --seconds 9 --hitcount 2"), NOTED, null],
  [recent("set", "rcheck --hitcount 2"), OTHER, false],
  [recent("update --seconds 9 --hitcount 2", "rcheck --seconds 9"), NOTED, false],
  [recent("remove", "rcheck"), NOTED, false],
  ["-m recent --rcheck --rdest --name a", NOTED, null],
  ["-m recent --rcheck --rdest --name b", NOTED, null],
  ["-m recent --rcheck --mask 255.255.255.255 --name a", OTHER, false],
  ["-m recent --rcheck --mask 255.255.255.0 --name a", OTHER, null],
  ["-m recent --rcheck --mask 255.255.255.255 --name a", {}, false],
  ["-m recent --rcheck --mask 255.255.255.0 --name a", {}, false],
]);

/** The numbers of the rules of INPUT by which it may end; 0 is the policy, which drops. */
function ends(rules: readonly string[], question: Question): (number | undefined)[] {
  const text = rules.map((words) => `-A INPUT ${words}`).join("\n");
  return ask(filter(text, "DROP"), question).outcomes.map(({ by }) => by?.number).sort();
}

Deno.test("what may have been noted is not known from there on, and nothing is taken for granted", () => {
  const maybe = "-m owner --uid-owner 0";
  const asks = (hits: number) => `${recent(`rcheck --hitcount ${hits}`)} -j ACCEPT`;
  assertEquals(ends([asks(1)], {}), [0]);
  assertEquals(ends([recent("set"), asks(1)], {}), [2]);
  assertEquals(ends([`${maybe} ${recent("set")}`, asks(1)], {}), [0, 2]);
  assertEquals(ends([`${maybe} ${recent("set")}`, asks(2)], {}), [0, 2]);
  assertEquals(ends([recent("set"), `${maybe} ${recent("set")}`, asks(1)], {}), [3]);
  assertEquals(ends([recent("set"), `${maybe} ${recent("set")}`, asks(2)], {}), [0, 3]);
  assertEquals(ends([recent("set"), `${maybe} ${recent("remove")}`, asks(1)], {}), [0, 3]);
  assertEquals(ends([`${recent("set")} ${maybe}`, asks(1)], {}), [2]);
  assertEquals(ends([`-p udp ${recent("set")}`, asks(1)], {}), [0]);
  // The same question may have another answer a moment later.
  const noted = recent("rcheck");
  assertEquals(ends([`${noted} -j REJECT`, `${noted} -j ACCEPT`], KNOWN), [0, 1, 2]);
  // An update that may not have held has perhaps noted nothing new.
  const update = `${recent("update --hitcount 2")} -j REJECT`;
  const young = `${recent("rcheck --seconds 9")} -j ACCEPT`;
  assertEquals(ends([young], NOTED), [0]);
  assertEquals(ends([update, young], NOTED), [0, 1, 2]);
});

const V6: Question = { family: "ipv6", from: "2001:db8::9", lists: NOBODY_KNOCKED };

check("whole addresses of IPv6 have a mask of their own", [
  ["-m recent --rcheck --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --name pk-a", V6, false],
  ["-m recent --rcheck --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe --name pk-a", V6, null],
  ["-m recent --rcheck --mask ffff:ffff:ffff:ffff:: --name pk-a", V6, null],
  ["-m recent --rcheck --name pk-a", V6, false],
  ["-m recent --rcheck --name a-pk-", V6, null],
  ["-m recent --rcheck --name pk", V6, null],
]);
