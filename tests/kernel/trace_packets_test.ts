import { assert, assertEquals } from "@std/assert";
import { compareWithKernel } from "../support/packets/differential.ts";
import { TestBed } from "../support/packets/test_bed.ts";

/** How many packets are traced, and how many of them may remain unknown. */
const PACKETS = 2400;
const MOST_UNKNOWN = 0.15;

Deno.test("packets move the counters of the rules that the tracer names", async () => {
  const seed = Date.now() % 2 ** 31;
  await using testBed = await TestBed.create();
  const tally = await compareWithKernel(testBed, { seed, packets: PACKETS });
  const { mismatches, ...counts } = tally;
  const told = `seed ${seed}: ${JSON.stringify(counts)}`;
  console.log(told);
  assertEquals(mismatches, [], told);
  assert(tally.known >= 2000, told);
  assert(tally.unknown / (tally.known + tally.unknown) < MOST_UNKNOWN, told);
  for (const verdict of ["accepted", "dropped", "rejected", "redirected"]) {
    assert((tally.verdicts[verdict] ?? 0) > 0, `${told}: none was ${verdict}`);
  }
});
