import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatDuration, parseDuration } from "../../src/firewall/duration.ts";
import { MAX_UNTIL } from "../../src/firewall/service.ts";
import { formatDate, parseDate } from "../../src/firewall/time.ts";

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
