import { assert, assertEquals } from "@std/assert";
import {
  chainOf,
  coversPort,
  defaultBurst,
  formatRate,
  isCountable,
  isInterfaceName,
  isLogPrefix,
  isServiceName,
  knockedServiceOf,
  LOG_LEVELS,
  parseLogLevel,
  parseRate,
  printedRate,
  serviceOf,
} from "../../src/firewall/service.ts";

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

Deno.test("a chain belongs to a service, or hears its knocks, by its whole name", () => {
  const owners: readonly (readonly [chain: string, of: string | null, knocksOf: string | null])[] =
    [
      ["pk-ssh", "ssh", null],
      ["pk-ssh.1", "ssh.1", "ssh"],
      ["pk-a-b_c.12", "a-b_c.12", "a-b_c"],
      ["pk-ssh.", "ssh.", null],
      ["pk-ssh.1x", "ssh.1x", null],
      ["pk-ssh.x", "ssh.x", null],
      ["pk-a.b.1", "a.b.1", null],
      ["pk-.1", ".1", null],
      ["xpk-ssh.1", null, null],
      ["their-pk-ssh.1", null, null],
      ["pk.ssh", null, null],
      ["INPUT", null, null],
      ["pk-", "", null],
      ["", null, null],
    ];
  for (const [chain, of, knocksOf] of owners) {
    assertEquals([serviceOf(chain), knockedServiceOf(chain)], [of, knocksOf], chain);
  }
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
  assertEquals(LOG_LEVELS.join(), "emerg,alert,crit,error,warning,notice,info,debug");
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

Deno.test("a rate is printed as iptables prints it", () => {
  for (
    // Seen with iptables 1.8.9, both backends.
    const [written, printed] of [
      ["60/hour", "1/minute"],
      ["28801/hour", "8/second"],
      ["86399/day", "1/second"],
      ["3601/hour", "3601/hour"],
      ["61/minute", "61/minute"],
      ["1441/day", "1441/day"],
      ["9999/second", "10000/second"],
      ["6001/second", "10000/second"],
      ["3333/second", "3333/second"],
      ["864000000/day", "10000/second"],
      ["1/day", "1/day"],
    ] as const
  ) {
    const rate = parseRate(written);
    assertEquals(rate === null ? null : formatRate(printedRate(rate)), printed);
  }
});

Deno.test("what was printed once is printed the same again", () => {
  for (const unit of ["second", "minute", "hour", "day"] as const) {
    for (let count = 1; count <= 10_000; count++) {
      const once = printedRate({ count, unit });
      assertEquals(printedRate(once), once);
    }
  }
});

Deno.test("the kernel counts up to 10000 a second", () => {
  assertEquals(isCountable({ count: 10_000, unit: "second" }), true);
  assertEquals(isCountable({ count: 10_001, unit: "second" }), false);
  assertEquals(isCountable({ count: 864_000_001, unit: "day" }), false);
  assertEquals(isCountable({ count: 0, unit: "day" }), false);
});

Deno.test("without a burst it is 5, or what a slow rate lets through in a day", () => {
  const bursts = [null, "1/day", "4/day", "5/day", "1/hour", "10/second"].map((text) =>
    defaultBurst(text === null ? null : parseRate(text))
  );
  assertEquals(bursts, [5, 1, 4, 5, 5, 5]);
});

Deno.test("a service is about a port of its protocol, from the first of each range to the last", () => {
  const service = {
    protocol: "tcp",
    ports: [{ from: 22, to: 22 }, { from: 80, to: 90 }, { from: 443, to: 443 }],
  } as const;
  const covered = [21, 22, 23, 79, 80, 85, 90, 91, 442, 443, 444].filter((port) =>
    coversPort(service, { protocol: "tcp", port })
  );
  assertEquals(covered, [22, 80, 85, 90, 443]);
  assertEquals(coversPort(service, { protocol: "udp", port: 22 }), false);
});
