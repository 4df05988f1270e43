import { assert } from "@std/assert";
import { fuzz } from "./run.ts";
import { Tally } from "./properties.ts";

Deno.test("23,000 inputs, right and wrong: no exception, no hang, no place outside, fmt stable", () => {
  const tally = new Tally();
  fuzz({ seed: 20240601, right: 6000, whole: 1000, soups: 6000, mutations: 10_000 }, tally);
  console.log(`fuzz: ${tally}`);
  assert(tally.total >= 23_000);
  // Otherwise most properties of the formatter were never tried.
  assert(tally.accepted > 6000);
});
