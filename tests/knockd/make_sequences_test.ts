// Sequences that are drawn, from a chance that is given.
import { assertEquals } from "@std/assert";
import { makeSequences, randomFrom } from "../../src/knockd/make_sequences.ts";

/** Draws what is given, in this order; what is drawn from is kept. */
function given(
  ...numbers: readonly number[]
): { random: (below: number) => number; from: number[] } {
  const left = [...numbers];
  const from: number[] = [];
  const random = (below: number): number => {
    const next = left.shift();
    if (next === undefined) throw new RangeError("nothing left to draw");
    from.push(below);
    return next;
  };
  return { random, from };
}

Deno.test("ports are drawn from 1024 to 65535, then a protocol for each, tcp or udp", () => {
  const { random, from } = given(64_511, 0, 1, 0, 1, 0);
  assertEquals(makeSequences(1, { ports: 3, random }), [[
    { port: 65_535, protocol: "tcp" },
    { port: 1024, protocol: "udp" },
    { port: 1025, protocol: "tcp" },
  ]]);
  assertEquals(from, [64_512, 64_512, 64_512, 2, 2, 2]);
});

Deno.test("a port that is there already, an easy knock and a start that was there are drawn again", () => {
  const twice = given(9, 9, 5, 9, 7, 0, 0, 0);
  assertEquals(
    makeSequences(1, { ports: 3, random: twice.random })[0]?.map(({ port }) => port),
    [1033, 1029, 1031],
  );
  // Rising ports of one protocol are what a scan knocks.
  const rising = given(1, 2, 3, 0, 0, 0, 1, 2, 3, 0, 1, 0);
  assertEquals(
    makeSequences(1, { ports: 3, random: rising.random })[0]?.map(({ protocol }) => protocol),
    ["tcp", "udp", "tcp"],
  );
  const starts = given(...[9, 5, 7, 0, 0, 0], ...[9, 4, 6, 0, 0, 0], ...[9, 5, 7, 1, 0, 0]);
  assertEquals(
    makeSequences(2, { ports: 3, random: starts.random }).map(([first]) => first),
    [{ port: 1033, protocol: "tcp" }, { port: 1033, protocol: "udp" }],
  );
  assertEquals(makeSequences(0, { ports: 3, random: given().random }), []);
});

Deno.test("a number is made of two bytes, the high one first, and those that are too high are not used", () => {
  const draw = (below: number, ...bytes: readonly number[]) => {
    const left = [...bytes];
    return randomFrom((length) => Uint8Array.from(left.splice(0, length)))(below);
  };
  assertEquals(draw(65_536, 1, 2), 258);
  assertEquals(draw(65_536, 255, 255), 65_535);
  assertEquals(draw(64_512, 251, 255), 64_511);
  // 65,536 leaves 1024 by 64,512: these are drawn again.
  assertEquals(draw(64_512, 252, 0, 0, 7), 7);
  assertEquals(draw(64_512, 255, 255, 252, 1, 1, 0), 256);
  assertEquals([draw(2, 0, 6), draw(2, 255, 255)], [0, 1]);
  assertEquals(draw(10, 255, 249), 9);
  assertEquals(draw(10, 255, 250, 0, 3), 3);
});
