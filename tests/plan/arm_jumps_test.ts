// The jumps of a chain while rules are unconfirmed: new ones with an end ahead of the old ones.
import { assertEquals, assertThrows } from "@std/assert";
import { armed } from "../support/armed.ts";

/** INPUT once it is armed to have other rules; each service drops what reaches it. */
function input(before: readonly string[], after: readonly string[]): readonly string[] {
  const ends = { "pk-a": ["-j DROP"], "pk-b": ["-j DROP"] };
  return armed({ INPUT: before, ...ends }, { INPUT: after }).chains["INPUT"] ?? [];
}

Deno.test("an old jump waits for the end, unless new ones take all its packets", () => {
  const stays = true;
  const cases: readonly (readonly [old: string, fresh: readonly string[], boolean])[] = [
    ["tcp: 22", ["tcp: 22"], stays],
    ["tcp: 22", ["tcp: 23"], !stays],
    ["tcp: 22", ["udp: 22"], !stays],
    ["tcp: 22", ["tcp: 22 syn"], !stays],
    ["tcp: 22 syn", ["tcp: 22"], stays],
    ["tcp: 22 syn", ["tcp: 22 syn"], stays],
    ["-i eth0 tcp: 22", ["tcp: 22"], stays],
    ["-i eth0 tcp: 22", ["-i eth0 tcp: 22"], stays],
    ["-i eth0 tcp: 22", ["-i eth1 tcp: 22"], !stays],
    ["tcp: 22", ["-i eth0 tcp: 22"], !stays],
    ["tcp: 20:29", ["tcp: 20:29"], stays],
    ["tcp: 20:29", ["tcp: 20:28"], !stays],
    ["tcp: 20:29", ["tcp: 21:29"], !stays],
    ["tcp: 20:29", ["tcp: 19:30"], stays],
    ["tcp: 20:29", ["tcp: 20:24", "tcp: 25:29"], stays],
    ["tcp: 20:29", ["tcp: 25:29", "tcp: 20:24"], stays],
    ["tcp: 20:29", ["tcp: 20:24", "tcp: 24:29"], stays],
    ["tcp: 20:29", ["tcp: 20:24", "tcp: 26:29"], !stays],
    ["tcp: 20:29", ["tcp: 20:23", "-i eth0 tcp: 24", "tcp: 25:29"], !stays],
    ["tcp*: 22,24", ["tcp*: 22:24"], stays],
    ["tcp*: 22,24", ["tcp*: 22,24,26"], stays],
    ["tcp*: 22,24", ["tcp*: 22,23"], !stays],
    ["tcp*: 22,24", ["tcp: 24", "tcp: 22"], stays],
    ["tcp: 1:65535", ["tcp: 1:65534"], !stays],
    ["tcp: 1:65535", ["tcp*: 1:65534,65535"], stays],
    // A comment asks nothing, whoever wrote it.
    ['-m comment --comment "a b" tcp: 22', ['-m comment --comment "a b" tcp: 22'], stays],
    // The same question twice may have two answers.
    ["-m limit --limit 1/sec tcp: 22", ["-m limit --limit 1/sec tcp: 22"], !stays],
    ["-s 192.0.2.1/32 tcp: 22", ["-s 192.0.2.1/32 tcp: 22"], !stays],
    ["-s 192.0.2.1/32 tcp: 22", ["tcp: 22"], !stays],
    ["tcp: 22", ["-s 192.0.2.1/32 tcp: 22"], !stays],
  ];
  for (const [old, fresh, isLeft] of cases) {
    // A rule of its chain changes, so that the jumps do as well.
    const before = { INPUT: [`${old} -j pk-a`], "pk-a": ["-j DROP"] };
    const after = { INPUT: fresh.map((one) => `${one} -j pk-a`), "pk-a": ["-j DROP", "-j LOG"] };
    assertEquals(
      armed(before, after).chains["INPUT"],
      [...fresh.map((one) => `${one} until -j pk.a`), `${old}${isLeft ? "" : " after"} -j pk-a`],
      `${old}: ${fresh.join("; ")}`,
    );
  }
});

Deno.test("no packet slips between two jumps in the moment of the switch", () => {
  // The old jump is ahead of the new one, and takes the same packets: it is behind that once more.
  assertEquals(
    input(["tcp: 22 -j pk-a", "tcp: 80 -j pk-b"], ["tcp: 80 -j pk-a", "tcp: 22 -j pk-b"]),
    [
      "tcp: 80 until -j pk.a",
      "tcp: 22 after -j pk-a",
      "tcp: 22 until -j pk.b",
      "tcp: 22 moment -j pk-a",
      "tcp: 80 after -j pk-b",
    ],
  );
  const cases: readonly (readonly [old: string, fresh: string, isCopied: boolean])[] = [
    ["tcp: 22", "tcp: 22", true],
    ["tcp: 22", "udp: 22", false],
    ["tcp: 22", "tcp: 23", false],
    ["tcp: 22", "tcp: 21", false],
    ["tcp: 20:22", "tcp: 22:24", true],
    ["tcp: 22:24", "tcp: 20:22", true],
    ["tcp: 20:22", "tcp: 23:24", false],
    ["tcp: 23:24", "tcp: 20:22", false],
    ["tcp*: 20,30", "tcp*: 25,30", true],
    ["tcp*: 20,30", "tcp*: 10,25,40", false],
    // What is not understood may be any packet.
    ["-s 192.0.2.1/32", "udp: 9", true],
    ["udp: 9", "-s 192.0.2.1/32", true],
    ["udp: 9", '-i "eth@0" tcp: 22', true],
  ];
  for (const [old, fresh, isCopied] of cases) {
    const found = input([`${old} -j pk-a`, "-j LOG"], ["-j LOG", `${fresh} -j pk-b`]);
    assertEquals(found, [
      `${old} after -j pk-a`,
      "-j LOG",
      `${fresh} until -j pk.b`,
      ...(isCopied ? [`${old} moment -j pk-a`] : []),
    ]);
  }
});

Deno.test("jumps keep their places among the rules of others", () => {
  const before = [
    "-i lo -j ACCEPT",
    "tcp: 22 -j pk-a",
    "-j LOG",
    "tcp: 80 -j pk-b",
    "-p udp -j DROP",
  ];
  const moved = [
    "tcp: 23 -j pk-a",
    "-i lo -j ACCEPT",
    "-j LOG",
    "-p udp -j DROP",
    "tcp: 81 -j pk-b",
  ];
  assertEquals(input(before, moved), [
    "tcp: 23 until -j pk.a",
    "-i lo -j ACCEPT",
    "tcp: 22 after -j pk-a",
    "-j LOG",
    "tcp: 80 after -j pk-b",
    "-p udp -j DROP",
    "tcp: 81 until -j pk.b",
  ]);
  // Several of one service: each new one is ahead of the old ones behind it.
  assertEquals(
    input(["tcp: 1 -j pk-a", "tcp: 2 -j pk-a", "-j LOG"], [
      "tcp: 3 -j pk-a",
      "tcp: 2 -j pk-b",
      "-j LOG",
    ]),
    [
      "tcp: 3 until -j pk.a",
      "tcp: 1 after -j pk-a",
      "tcp: 2 after -j pk-a",
      "tcp: 2 until -j pk.b",
      "tcp: 2 moment -j pk-a",
      "-j LOG",
    ],
  );
  const disordered = ["-j LOG", "tcp: 1 -j pk-a", "-i lo -j ACCEPT"];
  const error = assertThrows(() => input(["-i lo -j ACCEPT", "-j LOG"], disordered));
  assertEquals(String(error), "RangeError: a foreign rule moved");
});
