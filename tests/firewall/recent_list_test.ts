import { assertEquals } from "@std/assert";
import { parseRecentList, parseTicks, secondsSince } from "../../src/firewall/recent_list.ts";

Deno.test("a list is read as the kernel shows it, both families", () => {
  const text = "src=10.9.2.1 ttl: 64 last_seen: 4298047591 oldest_pkt: 1 4298047591\n" +
    "src=fd00:0000:0000:0000:0000:0000:0000:0002 ttl: 0 last_seen: 17 oldest_pkt: 2 16, 17\n" +
    "src=10.9.2.1 ttl: x last_seen: 5 oldest_pkt: 1 5\nnothing\n" +
    "src= ttl: 64 last_seen: 5 oldest_pkt: 1 5\n" +
    " src=10.9.2.2 ttl: 64 last_seen: 5 oldest_pkt: 1 5\n" +
    "src=10.9.2.3 ttl: 64 last_seen:  oldest_pkt: 1 5\nsrc=10.9.2.4 ttl: 64 last_seen: 5\n";
  assertEquals(
    parseRecentList(text),
    [
      { address: "10.9.2.1", lastSeen: 4_298_047_591 },
      { address: "fd00:0000:0000:0000:0000:0000:0000:0002", lastSeen: 17 },
    ],
  );
  assertEquals(parseRecentList(""), []);
});

/** What /proc/timer_list shows on a machine that has been up for so long. */
function shown(hz: number, seconds: number, bits: 32 | 64): string {
  const counted = 2 ** 32 - 300 * hz + Math.floor(seconds * hz);
  const jiffies = bits === 64 ? counted : counted % 2 ** 32;
  // The two are not read at once.
  const nanoseconds = BigInt(Math.round((seconds + 0.2) * 1000)) * 1_000_000n;
  return `Timer List Version: v0.10\nHRTIMER_MAX_CLOCK_BASES: 8\nnow at ${nanoseconds} nsecs\n\n` +
    `cpu: 0\n  .nr_events      : 5\njiffies: ${jiffies}\n\n`;
}

Deno.test("how fast the kernel's clock ticks is found out at any uptime, on 32 and 64 bits", () => {
  for (const bits of [32, 64] as const) {
    for (const hz of [100, 250, 300, 1000]) {
      for (const seconds of [10, 285, 294, 306, 315, 4000, 86_400, 5_000_000, 60_000_000]) {
        const ticks = parseTicks(shown(hz, seconds, bits));
        assertEquals(ticks?.hz, hz, `${bits} bits, ${hz} Hz, up ${seconds} s`);
      }
    }
  }
});

Deno.test("five minutes after the start every rate fits, and none is guessed", () => {
  for (const hz of [100, 250, 300, 1000]) {
    for (const seconds of [299.9, 300, 300.1]) {
      const ticks = parseTicks(shown(hz, seconds, 64));
      assertEquals(ticks?.hz ?? hz, hz);
    }
    assertEquals(parseTicks(shown(hz, 300, 64)), null);
  }
});

Deno.test("a rate is believed that fits half a second better than any other", () => {
  const at = (milliseconds: number) => {
    const jiffies = 2 ** 32 + 3 * 250;
    return parseTicks(`now at ${milliseconds}000000 nsecs\njiffies: ${jiffies}\n`)?.hz ?? null;
  };
  assertEquals([303_000, 302_999].map(at), [250, null]);
});

Deno.test("a counter that begins again fits still, and one of 64 bits never does by chance", () => {
  for (const hz of [100, 250, 300, 1000]) {
    for (const times of [1, 2, 3]) {
      const round = times * 2 ** 32 / hz;
      for (const seconds of [round - 0.1, round + 0.1]) {
        assertEquals(parseTicks(shown(hz, seconds, 32))?.hz, hz, `${hz} Hz, up ${seconds} s`);
      }
    }
  }
  // With 32 bits 250 and 1000 ticks a second would both show this.
  assertEquals(parseTicks(shown(250, 5_726_923, 32)), null);
  assertEquals(parseTicks(shown(250, 5_726_923, 64))?.hz, 250);
});

Deno.test("where the clock is not shown nothing is made of it", () => {
  // The counter is at 0 for the second time, which at the first is no answer.
  const whole = "cpu: 0\nnow at 4295267296000000 nsecs\n\njiffies: 0\n\n";
  assertEquals(parseTicks(whole), { now: 0, hz: 1000 });
  for (const line of ["now at 4295267296000000 nsecs", "jiffies: 0"]) {
    const bare = line.replace(/\d+/, "");
    for (const other of [`${line}x`, ` ${line}`, `last_${line}`, bare, ""]) {
      const text = whole.replace(line, other);
      assertEquals([text === whole, parseTicks(text)], [false, null], other);
    }
  }
  assertEquals(parseTicks(`now at 0 nsecs\njiffies: ${2 ** 32 - 300 * 250}\n`)?.hz, 250);
  assertEquals(parseTicks(`now at  nsecs\njiffies: ${2 ** 32 - 300 * 250}\n`), null);
  assertEquals(parseTicks(""), null);
  assertEquals(parseTicks("now at 5 nsecs\n"), null);
  assertEquals(parseTicks("jiffies: 5\n"), null);
});

Deno.test("the time since an entry is counted across the end of 32 bits, and is never negative", () => {
  const entry = { address: "192.0.2.1" };
  assertEquals(secondsSince({ ...entry, lastSeen: 1000 }, { now: 2500, hz: 100 }), 15);
  assertEquals(secondsSince({ ...entry, lastSeen: 1001 }, { now: 1000, hz: 100 }), 0);
  assertEquals(secondsSince({ ...entry, lastSeen: 2 ** 32 - 100 }, { now: 400, hz: 100 }), 5);
  // Up to half of the 32 bits it lies ahead, beyond that it was before the end of them.
  const half = 2 ** 31;
  const cases = [[half, 0], [half + 1, (half - 1) / 100], [half - 1, 0], [2 ** 32 - 1, 0.01]];
  for (const [lastSeen, seconds] of cases) {
    assertEquals(secondsSince({ ...entry, lastSeen: lastSeen! }, { now: 0, hz: 100 }), seconds);
  }
});
