import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../src/firewall/duration.ts";
import { formatPort, normalizePorts, parsePorts, splitPorts } from "../../src/firewall/port.ts";
import { quoteWord, splitWords } from "../../src/firewall/quote.ts";
import {
  chainOf,
  isInterfaceName,
  isLogPrefix,
  isServiceName,
  LOG_LEVELS,
  MAX_UNTIL,
  parseLogLevel,
  parseRate,
  ratePeriod,
} from "../../src/firewall/service.ts";
import { formatDate, parseDate } from "../../src/firewall/time.ts";
import { saveString, splitLine } from "../support/restore_words.ts";

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
      ["0022", "22"],
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

Deno.test("what is no port list is refused", () => {
  for (
    const text of [
      "",
      ",",
      "22,",
      ",22",
      "22,,23",
      "0",
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

Deno.test("a wrong port is told from a range that runs backwards", () => {
  for (
    const [text, word] of [["70000", "outside"], ["20-10", "backwards"], ["x", "no port"]] as const
  ) {
    const parsed = parsePorts(text);
    assert(!parsed.ok && parsed.problem.includes(word));
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

Deno.test("a service name is a letter, then letters, digits, - and _", () => {
  for (const name of ["a", "Z", "ssh", "a-b_c9", "x".repeat(25), "log", "help"]) {
    assert(isServiceName(name), name);
  }
  for (
    const name of [
      "",
      "9a",
      "-a",
      "_a",
      "a b",
      "a.b",
      "a/b",
      "x".repeat(26),
      "ä",
      "аbc",
      "a\n",
      "a\0",
      "a;b",
      "a$b",
      '"a"',
      "a=",
      "\u{1d41a}",
    ]
  ) {
    assert(!isServiceName(name), JSON.stringify(name));
  }
  assertEquals(chainOf("x".repeat(25)).length, 28);
});

Deno.test("an interface name is what the kernel takes and iptables prints bare", () => {
  for (const name of ["eth0", "eth0.100", "ppp+", "wg-home", "br_lan", "x".repeat(15), "+"]) {
    assert(isInterfaceName(name), name);
  }
  for (
    const name of [
      "",
      ".",
      "..",
      "-i",
      "a b",
      "a/b",
      "a!b",
      "a:1",
      'a"b',
      "a'b",
      "a\\b",
      "x".repeat(16),
      "é",
      "a\n",
      "a\t",
    ]
  ) {
    assert(!isInterfaceName(name), JSON.stringify(name));
  }
});

Deno.test("a log prefix is 1 to 29 bytes without control characters", () => {
  for (
    const text of [
      "a",
      " ",
      "vpn: ",
      "$(id)",
      '"quoted"',
      "it's",
      "\\",
      "x".repeat(29),
      "ü".repeat(14),
      "😀",
    ]
  ) assert(isLogPrefix(text), text);
  for (
    const text of [
      "",
      "x".repeat(30),
      "ü".repeat(15),
      "a\nb",
      "a\tb",
      "a\0",
      "\x7f",
      "\x1b[2J",
      "\x85",
      "\u2028",
      "\ud800",
      "a\udc00",
      "\udc00\ud800",
    ]
  ) {
    assert(!isLogPrefix(text), JSON.stringify(text));
  }
});

Deno.test("a log level is a syslog name, its short form or 0 to 7", () => {
  LOG_LEVELS.forEach((name, level) => {
    assertEquals(parseLogLevel(name), level);
    assertEquals(parseLogLevel(String(level)), level);
  });
  assertEquals(["err", "warn", "panic"].map(parseLogLevel), [3, 4, 0]);
  for (
    const text of [
      "",
      "8",
      "-1",
      "07",
      "Info",
      "inf",
      "constructor",
      "__proto__",
      "toString",
      "4 ",
      "hasOwnProperty",
    ]
  ) {
    assertEquals(parseLogLevel(text), null, text);
  }
});

Deno.test("a rate is a number, a slash and a unit, also as iptables shortens it", () => {
  assertEquals(parseRate("10/minute"), { count: 10, unit: "minute" });
  for (
    const [text, unit] of [
      ["1/s", "second"],
      ["1/sec", "second"],
      ["1/m", "minute"],
      ["1/min", "minute"],
      ["1/hour", "hour"],
      ["1/h", "hour"],
      ["1/d", "day"],
      ["1/day", "day"],
    ] as const
  ) {
    assertEquals(parseRate(text)?.unit, unit, text);
  }
  for (
    const text of [
      "",
      "10",
      "/minute",
      "10/",
      "0/minute",
      "-1/minute",
      "1.5/second",
      "10/minutes",
      "10/week",
      "10 /minute",
      "10/Minute",
      "1e3/s",
      "10001/second",
      "600001/minute",
      "99999999999/day",
      "10/minute\n",
    ]
  ) {
    assertEquals(parseRate(text), null, JSON.stringify(text));
  }
});

Deno.test("rates with one period are one rate to the kernel", () => {
  assertEquals(ratePeriod({ count: 60, unit: "hour" }), ratePeriod({ count: 1, unit: "minute" }));
  assertEquals(ratePeriod({ count: 1, unit: "second" }), 10_000);
  assertEquals(ratePeriod({ count: 10_001, unit: "second" }), 0);
});

Deno.test("a duration is a number above 0 and a unit", () => {
  assertEquals(["1s", "90s", "5m", "8h", "1d", "007s"].map(parseDuration), [
    1,
    90,
    300,
    28800,
    86400,
    7,
  ]);
  for (
    const text of [
      "",
      "0s",
      "00h",
      "8",
      "h",
      "8H",
      "8 h",
      "-8h",
      "+8h",
      "1.5h",
      "8hh",
      "1h30m",
      "8h ",
      "８h",
      "1e3s",
      "99999999999s",
      "8w",
      "8ms",
      "8h\n",
    ]
  ) {
    assertEquals(parseDuration(text), null, JSON.stringify(text));
  }
});

Deno.test("time left is shown in its two largest units", () => {
  for (
    const [seconds, text] of [
      [0, "0s"],
      [0.9, "0s"],
      [59, "59s"],
      [60, "1m"],
      [61, "1m 1s"],
      [3600, "1h"],
      [3661, "1h 1m"],
      [3601, "1h"],
      [86399, "23h 59m"],
      [259200, "3d"],
      [262800, "3d 1h"],
    ] as const
  ) {
    assertEquals(formatDuration(seconds), text);
  }
});

Deno.test("moments are written and read as xt_time does", () => {
  assertEquals(formatDate(1893553445), "2030-01-02T03:04:05");
  assertEquals(parseDate("2030-01-02T03:04:05"), 1893553445);
  assertEquals(formatDate(MAX_UNTIL), "2038-01-19T03:14:06");
  for (
    const text of [
      "",
      "2030-01-02",
      "2030-01-02T03:04",
      "2030-13-02T03:04:05",
      "2030-01-02T25:00:00",
      "2030-01-02 03:04:05",
      "2030-01-02T03:04:05Z",
      "tomorrow",
    ]
  ) {
    assertEquals(parseDate(text), null, text);
  }
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: MAX_UNTIL }),
      (seconds) => assertEquals(parseDate(formatDate(seconds)), seconds),
    ),
  );
});

const PRINTABLE = fc.string({ unit: "binary" }).filter((text) =>
  !/\p{Cc}/u.test(text) &&
  !/[\ud800-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ""))
);

Deno.test("a quoted word is one word to iptables-restore, whatever is in it", () => {
  for (
    const text of [
      "",
      "a",
      "a b",
      '"',
      '"" ""',
      "\\",
      '\\"',
      "'",
      "$(reboot)",
      "-j ACCEPT",
      "a\\ b",
      "x -j ACCEPT",
      "`id`",
      "#",
      "!",
    ]
  ) {
    assertEquals(splitLine(`-m ${quoteWord(text)} -j`), ["-m", text, "-j"], text);
  }
  fc.assert(
    fc.property(PRINTABLE, (text) => {
      assertEquals(splitLine(`a ${quoteWord(text)} b`), ["a", text, "b"]);
      assertEquals(splitWords(`a ${quoteWord(text)} b`), ["a", text, "b"]);
      assertEquals(splitWords(`a ${saveString(text)} b`), ["a", text, "b"]);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a control character cannot be written into a payload", () => {
  for (const char of ["\n", "\r", "\t", "\0", "\x1b", "\x7f"]) {
    assertThrows(() => quoteWord(`a${char}b`));
  }
});

Deno.test("an open quote is no rule", () => {
  assertEquals(splitWords('a "b'), null);
  assertEquals(splitWords('a "b\\"'), null);
  assertEquals(splitWords("  a   b  "), ["a", "b"]);
  assertEquals(splitWords('""'), [""]);
});
