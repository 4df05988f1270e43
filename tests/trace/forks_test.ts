// What an unknown answer depends on: the rules that make a difference, and no others.
import { assertEquals } from "@std/assert";
import { ask, filter, type Question } from "../support/trace.ts";

/** A match of which nobody knows whether it holds, unlike every other of its kind. */
const maybe = (id: number | string) => `-m owner --uid-owner ${id}`;

/** The verdict, and `CHAIN NUMBER` of the rules that it depends on. */
function depends(rules: string, question: Question = {}): string {
  const { verdict, depends } = ask(filter(rules, "DROP"), question);
  const places = depends.map(({ place }) => `${place?.chain} ${place?.number}`);
  return [verdict, ...places].join(", ");
}

Deno.test("a rule whose two ways end alike makes no difference, also where it leads to others", () => {
  // Whether rule 2 holds or not, the packet is dropped.
  assertEquals(
    depends(`
:a - [0:0]
-A INPUT ${maybe(1)} -j ACCEPT
-A INPUT ${maybe(2)} -j a
-A INPUT -j DROP
-A a ${maybe(3)} -j DROP
-A a -j DROP`),
    "unknown, INPUT 1",
  );
  // Only where it holds, rule 1 of `a` is asked.
  assertEquals(
    depends(`
:a - [0:0]
-A INPUT ${maybe(1)} -j a
-A INPUT -j DROP
-A a ${maybe(2)} -j ACCEPT
-A a -j DROP`),
    "unknown, INPUT 1, a 1",
  );
  // Both ways may end in either, so that it does not matter which is taken.
  assertEquals(
    depends(`
:a - [0:0]
:b - [0:0]
-A INPUT ${maybe(1)} -j a
-A INPUT -j b
-A a ${maybe(2)} -j ACCEPT
-A a -j DROP
-A b ${maybe(3)} -j ACCEPT
-A b -j DROP`),
    "unknown, b 1, a 1",
  );
});

Deno.test("three ends by one way and two by the other are a difference, whichever way it is", () => {
  const many = `
-A a ${maybe(2)} -j ACCEPT
-A a ${maybe(3)} -j REJECT
-A a -j DROP`;
  const few = `
-A b ${maybe(4)} -j ACCEPT
-A b -j DROP`;
  const rules = (first: string, then: string) => `
:a - [0:0]
:b - [0:0]
-A INPUT ${maybe(1)} -j ${first}
-A INPUT -j ${then}${many}${few}`;
  for (const [first, then] of [["a", "b"], ["b", "a"]] as const) {
    assertEquals(
      depends(rules(first, then)).split(", ").toSorted().join(", "),
      "INPUT 1, a 1, a 2, b 1, unknown",
    );
  }
});

Deno.test("as many ends by one way as by the other may be other ends", () => {
  const rules = `
:a - [0:0]
-A INPUT ${maybe(1)} -j a
-A INPUT ${maybe(2)} -j ACCEPT
-A a ${maybe(3)} -j REJECT
-A a -j DROP`;
  assertEquals(depends(rules), "unknown, INPUT 1, INPUT 2, a 1");
});

Deno.test("the same words are the same answer: with `!` the other one, within a match another match", () => {
  const twice = (first: string, second: string) => `
-A INPUT ${first} -j RETURN
-A INPUT ${second} -j ACCEPT`;
  const said = (first: string, second: string) => depends(twice(first, second));
  // Where the first rule does not hold, the second is known.
  assertEquals(said("-m owner --uid-owner 0", "-m owner --uid-owner 0"), "dropped");
  assertEquals(
    said("-m owner --uid-owner 0", "-m owner ! --uid-owner 0"),
    "unknown, INPUT 1",
  );
  assertEquals(said("-m owner ! --uid-owner 0", "-m owner ! --uid-owner 0"), "dropped");
  assertEquals(
    said("-m owner ! --uid-owner 0", "-m owner --uid-owner 0"),
    "unknown, INPUT 1",
  );
  assertEquals(
    said("-m owner --uid-owner 0", "-m owner --uid-owner 1"),
    "unknown, INPUT 1, INPUT 2",
  );
  // Of several options one may be turned: that is neither the same nor the contrary.
  const [plain, turned] = ["", "! "].map((not) => `-m owner ${not}--uid-owner 0 --gid-owner 0`);
  assertEquals(said(plain!, plain!), "dropped");
  assertEquals(said(turned!, turned!), "dropped");
  assertEquals(said(plain!, turned!), "unknown, INPUT 1, INPUT 2");
  assertEquals(said(turned!, plain!), "unknown, INPUT 1, INPUT 2");
  // The same options of another match are another question.
  assertEquals(
    said("-m owner --uid-owner 0", "-m other --uid-owner 0"),
    "unknown, INPUT 1, INPUT 2",
  );
});

Deno.test("of two matches that nobody knows, one that does not hold says nothing of the other", () => {
  const rules = (second: string) => `
-A INPUT ${maybe(1)} ${maybe(2)} -j RETURN
-A INPUT ${second} -j ACCEPT`;
  for (const one of [maybe(1), maybe(2)]) {
    assertEquals(depends(rules(one)), "unknown, INPUT 1, INPUT 2", one);
  }
});

Deno.test("what was taken for true ahead of a jump is true behind it", () => {
  const rules = (first: string, second: string) => `
:a - [0:0]
-A INPUT ${first} -j a
-A INPUT -j DROP
-A a ${second} -j ACCEPT
-A a -j DROP`;
  assertEquals(depends(rules(maybe(1), maybe(1))), "unknown, INPUT 1");
  assertEquals(depends(rules(maybe(1), "-m owner ! --uid-owner 1")), "dropped");
  assertEquals(depends(rules(`${maybe(1)} ${maybe(2)}`, maybe(2))), "unknown, INPUT 1");
  const open = { interface: null };
  assertEquals(depends(rules("-i eth1", "-i eth1"), open), "unknown, INPUT 1");
  assertEquals(depends(rules("-i eth1", "-i eth2"), open), "dropped");
  assertEquals(depends(rules("-i eth1", "-i eth+"), open), "unknown, INPUT 1");
  // The names that begin so are many: which one it is stays open.
  assertEquals(depends(rules("-i eth+", "-i eth1"), open), "unknown, INPUT 1, a 1");
  assertEquals(depends(rules("! -i eth1", "-i eth2"), open), "unknown, INPUT 1, a 1");
  assertEquals(depends(rules("! -i eth1", "-i eth1"), open), "dropped");
});

Deno.test("what a rule changes may change what was taken for true ahead of it", () => {
  const rules = (target: string) => `
-A INPUT ${maybe(1)} -j RETURN
-A INPUT -j ${target}
-A INPUT ${maybe(1)} -j ACCEPT`;
  assertEquals(depends(rules("LOG")), "dropped");
  assertEquals(depends(rules("MARK --set-mark 1")), "unknown, INPUT 1, INPUT 3");
  const nat = (target: string) => {
    const tables = `*nat\n:PREROUTING ACCEPT [0:0]
-A PREROUTING ${maybe(1)} -j RETURN\n-A PREROUTING ${target}\nCOMMIT\n`;
    const { depends } = ask(tables + filter(`-A INPUT ${maybe(1)} -j ACCEPT`, "DROP"));
    return depends.map(({ place }) => `${place?.table} ${place?.number}`);
  };
  assertEquals(nat("-j LOG"), ["nat 1"]);
  assertEquals(nat("-j REDIRECT"), ["nat 1", "filter 1"]);
});
