// The loop of tests/fuzz/fuzz.ts, which starts it.
import { fuzz } from "./run.ts";
import { Tally } from "./properties.ts";

const tally = new Tally();
for (let seed = Number(Deno.args[0] ?? Date.now() % 2 ** 31);; seed++) {
  fuzz({ seed, right: 2000, whole: 500, soups: 1000, mutations: 2000 }, tally);
  console.log(`seed ${seed}: ${tally}`);
}
