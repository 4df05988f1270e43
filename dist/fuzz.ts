// `deno task fuzz`: tries inputs on the reader, the checks, the formatter and the compiler until it is
// stopped or finds one that breaks a property. Takes the seed to start from as its argument; without
// one the clock gives it.
import { fuzz } from "../tests/fuzz/run.ts";
import { Tally } from "../tests/fuzz/properties.ts";

const tally = new Tally();
for (let seed = Number(Deno.args[0] ?? Date.now() % 2 ** 31);; seed++) {
  fuzz({ seed, right: 2000, whole: 500, soups: 1000, mutations: 2000 }, tally);
  console.log(`seed ${seed}: ${tally}`);
}
