import { assert, assertEquals } from "@std/assert";
import { stepsOf } from "./steps.ts";

const numbers = (length: number) => Array.from({ length }, (_, at) => at);

Deno.test("steps are the same each time, and those of one pass grow with its length", () => {
  const pass = (length: number) => () => {
    for (const one of numbers(length)) `${one}`.slice(1);
  };
  assertEquals(stepsOf(pass(100)), stepsOf(pass(100)));
  assert(stepsOf(pass(1000)) < 12 * stepsOf(pass(100)));
});

Deno.test("what is compared with all others, or copied again and again, takes a hundred times as many", () => {
  const slow: Record<string, (length: number) => void> = {
    includes: (length) => numbers(length).filter((one, _, all) => all.includes(-one - 1)),
    find: (length) => numbers(length).forEach((one, _, all) => all.find((other) => other > one)),
    spread: (length) => numbers(length).reduce((all: number[], one) => [...all, one], []),
    slice: (length) => numbers(length).map((_, at, all) => all.slice(at)),
    pattern: (length) => numbers(length).map(() => /b/.exec("a".repeat(length))),
    loop: (length) => {
      for (const one of numbers(length)) for (const other of numbers(length)) Math.max(one, other);
    },
  };
  for (const [name, work] of Object.entries(slow)) {
    const [few, many] = [stepsOf(() => work(100)), stepsOf(() => work(1000))];
    assert(many > 50 * few, `${name}: ${few}, ${many}`);
  }
});

Deno.test("everything is as it was afterwards, also when the work throws", () => {
  const before = [Array.prototype.map, Array.prototype[Symbol.iterator], RegExp.prototype.exec];
  try {
    stepsOf(() => {
      throw new Error("x");
    });
  } catch {
    // Thrown on purpose.
  }
  const after = [Array.prototype.map, Array.prototype[Symbol.iterator], RegExp.prototype.exec];
  assert(before.every((one, at) => one === after[at]));
  assertEquals([3, 1, 2].toSorted((a, b) => a - b), [1, 2, 3]);
});
