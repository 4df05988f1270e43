// Started by tests/packets/packets.ts: random packets through random rule sets, the tracer beside the kernel.
import { compareWithKernel } from "../support/packets/differential.ts";
import { main } from "../../dist/script.ts";
import { TestBed } from "../support/packets/test_bed.ts";

function numberOf(option: string, otherwise: number): number {
  const at = Deno.args.indexOf(option);
  return at < 0 ? otherwise : Number(Deno.args[at + 1]);
}

async function compare(): Promise<number> {
  const seed = numberOf("--seed", Date.now() % 2 ** 31);
  const packets = numberOf("--packets", 100_000);
  const started = performance.now();
  await using testBed = await TestBed.create();
  const tally = await compareWithKernel(testBed, { seed, packets });
  for (const mismatch of tally.mismatches) console.log(`${mismatch}\n`);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const { mismatches, verdicts, ...counts } = tally;
  console.log(`seed ${seed}, ${seconds} s: ${mismatches.length} mismatches`, counts, verdicts);
  return mismatches.length > 0 ? 1 : 0;
}

if (import.meta.main) await main("packets", compare);
