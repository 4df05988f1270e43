import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatPort, normalizePorts, parsePorts, splitPorts } from "../../src/firewall/port.ts";

function ports(text: string): string {
  const parsed = parsePorts(text);
  return parsed.ok ? parsed.value.map((range) => formatPort(range)).join(",") : "bad";
}

Deno.test("ports are numbers, ranges and lists, in canonical order", () => {
  for (
    const [text, canonical] of [
      ["22", "22"],
      ["1", "1"],
      ["65535", "65535"],
      ["443,80", "80,443"],
      ["8000-8010", "8000-8010"],
      ["8000:8010", "8000-8010"],
      ["22-22", "22"],
      ["80,80", "80"],
      ["10-20,15-30", "10-30"],
      ["10-20,12", "10-20"],
      ["80,81", "80,81"],
      ["10-20,20-21", "10-21"],
      ["1-65535,7", "1-65535"],
    ] as const
  ) assertEquals(ports(text), canonical, text);
});

Deno.test("an invalid port list is refused", () => {
  for (
    const text of [
      "",
      ",",
      "22,",
      ",22",
      "22,,23",
      "0",
      "0022",
      "65536",
      "99999",
      "100000",
      "-1",
      "22-",
      "-22",
      "20-10",
      "1-2-3",
      "0-5",
      "5-65536",
      "22 ",
      " 22",
      "2 2",
      "ssh",
      "0x16",
      "2e1",
      "22.0",
      "٢٢",
      "２２",
      "22;id",
      "22\n",
      "+22",
      "!22",
    ]
  ) {
    assertEquals(ports(text), "bad", JSON.stringify(text));
  }
});

Deno.test("a wrong port is distinguished from a range that runs backwards", () => {
  for (
    const [text, word] of [["70000", "1-65535"], ["20-10", "ascending"], ["x", "a number"]] as const
  ) {
    const parsed = parsePorts(text);
    assert(!parsed.ok && parsed.problem.message.includes(word));
  }
});

const RANGES = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 200 }), fc.nat(9)).map(([from, more]) => ({
    from,
    to: from + more,
  })),
  { maxLength: 40 },
);

Deno.test("canonical ports hold the same ports, ascending and apart", () => {
  const all = (list: readonly { from: number; to: number }[]) =>
    new Set(
      list.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, at) => from + at)),
    );
  fc.assert(fc.property(RANGES, (ranges) => {
    const canonical = normalizePorts(ranges);
    assertEquals([...all(canonical)].sort(), [...all(ranges)].sort());
    assert(canonical.every((range, at) => at === 0 || range.from > canonical[at - 1]!.to));
    assertEquals(normalizePorts(canonical), canonical);
  }));
});

Deno.test("each piece fits one multiport match of 15 slots, and none is left out", () => {
  fc.assert(fc.property(RANGES, (ranges) => {
    const pieces = splitPorts(ranges);
    assertEquals(pieces.flat(), ranges);
    for (const piece of pieces) {
      const slots = piece.reduce((sum, { from, to }) => sum + (from === to ? 1 : 2), 0);
      assert(slots >= 1 && slots <= 15);
    }
  }));
  const single = Array.from({ length: 31 }, (_, at) => ({ from: at * 2 + 1, to: at * 2 + 1 }));
  assertEquals(splitPorts(single).map((piece) => piece.length), [15, 15, 1]);
  assertEquals(
    splitPorts([...single.slice(0, 14), { from: 90, to: 99 }]).map((piece) => piece.length),
    [14, 1],
  );
});
