import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { editDistance, nearest } from "../../src/diagnostics/nearest.ts";

Deno.test("a swapped, missing, duplicate or wrong letter is one edit", () => {
  assertEquals(editDistance("sny", "syn"), 1);
  assertEquals(editDistance("servce", "service"), 1);
  assertEquals(editDistance("droop", "drop"), 1);
  assertEquals(editDistance("accapt", "accept"), 1);
  assertEquals(editDistance("", "abc"), 3);
  assertEquals(editDistance("same", "same"), 0);
});

Deno.test("the nearest known word is offered", () => {
  const words = ["drop", "accept", "reject", "established", "on", "log"];
  assertEquals(nearest("estabilshed", words), "established");
  assertEquals(nearest("dorp", words), "drop");
  assertEquals(nearest("ACCEPT", words), "accept");
  assertEquals(nearest("no", words), "on");
  assertEquals(nearest("drop;", words), "drop");
});

Deno.test("nothing is offered for a word that is far from all", () => {
  const words = ["drop", "accept", "on"];
  assertEquals(nearest("banana", words), null);
  assertEquals(nearest("x", words), null);
  assertEquals(nearest("", words), null);
  assertEquals(nearest("d".repeat(100_000), words), null);
});

Deno.test("of equally near words the first is offered, a nearer one wherever it stands", () => {
  assertEquals(nearest("log5", ["logs", "logo", "blog"]), "logs");
  for (const words of [["drops", "drop", "dorp"], ["dorp", "drops", "drop"]]) {
    assertEquals(nearest("DROP", words), "drop");
  }
  assertEquals(nearest("etsablishd", ["establishes", "established"]), "established");
});

Deno.test("an edit is forgiven for every three letters, one in a shorter word", () => {
  const known = ["established"];
  for (
    const [word, offered] of [
      ["xstablished", "established"],
      ["xstablishxx", "established"],
      ["xxtablishxx", null],
      ["established12", "established"],
      ["established1234", "established"],
      ["established12345", "established"],
      ["established123456", null],
    ] as const
  ) assertEquals(nearest(word, known), offered, word);
  for (const [word, offered] of [["lgo", "log"], ["xoy", null], ["lo", "log"], ["l", null]]) {
    assertEquals(nearest(word!, ["log"]), offered, word!);
  }
});

Deno.test("a word of which no letter would be left is not offered", () => {
  assertEquals(nearest("a", ["", "b", "ab"]), "ab");
  assertEquals(nearest("a", ["", "b"]), null);
});

Deno.test("words of up to 64 letters are compared", () => {
  for (const [length, isCompared] of [[63, true], [64, true], [65, false]] as const) {
    const [word, meant] = ["x".repeat(length), `${"x".repeat(length - 1)}y`];
    assertEquals(nearest(word, [meant]), isCompared ? meant : null);
  }
});

/** The edits between two words, by the definition: the last letter is kept, changed, left out, added or swapped. */
function edits(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const [x, y] = [a.slice(0, -1), b.slice(0, -1)];
  const ways = [
    edits(x, y) + (a.at(-1) === b.at(-1) ? 0 : 1),
    edits(x, b) + 1,
    edits(a, y) + 1,
  ];
  const isSwapped = a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1);
  return Math.min(...ways, ...(isSwapped ? [edits(a.slice(0, -2), b.slice(0, -2)) + 1] : []));
}

Deno.test("edits are counted as they are defined, and none is better than what is offered", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });
  fc.assert(fc.property(word, word, (a, b) => assertEquals(editDistance(a, b), edits(a, b))));
  fc.assert(fc.property(word, fc.array(word, { maxLength: 5 }), (wanted, known) => {
    const allowed = Math.max(1, Math.floor(wanted.length / 3));
    const near = known.filter((one) => edits(wanted, one) <= Math.min(allowed, one.length - 1));
    const [best = null] = near.sort((a, b) => edits(wanted, a) - edits(wanted, b));
    assertEquals(nearest(wanted, known), best);
  }));
});
