import { assertEquals } from "@std/assert";
import { editDistance, nearest } from "../../src/diagnostics/nearest.ts";

Deno.test("a swapped, missing, doubled or wrong letter is one edit", () => {
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

Deno.test("of equally near words the first is offered", () => {
  assertEquals(nearest("log5", ["logs", "logo", "blog"]), "logs");
});
