import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Family } from "../../src/firewall/address.ts";
import { normalizePorts, splitPorts } from "../../src/firewall/port.ts";
import { emitRule, type OwnRule, ruleKey } from "../../src/firewall/rule.ts";
import { readRule } from "../../src/firewall/rule_reader.ts";
import { isInterfaceName, isLogPrefix, MAX_UNTIL } from "../../src/firewall/service.ts";
import { canonicalRule } from "../support/canonical_rule.ts";

const CLEAN = fc.string({ unit: "binary", maxLength: 40 }).filter((text) =>
  isLogPrefix(text) || text === ""
);
const PREFIX = fc.oneof(
  fc.constantFrom(null, '" -j ACCEPT', "\\", '\\"', "'", "x -j ACCEPT", "$(id)", "#"),
  CLEAN.filter((text) => text !== ""),
);
const NETWORK = (family: Family) => {
  const [length, bits] = family === "ipv4" ? [4, 32] : [16, 128];
  return fc.tuple(fc.array(fc.nat(255), { minLength: length, maxLength: length }), fc.nat(bits))
    .map(([bytes, prefix]) => {
      const host = bytes.map((byte, at) =>
        byte & (0xff << (8 - Math.min(8, Math.max(0, prefix - at * 8)))) & 0xff
      );
      return {
        family,
        prefix,
        key: String.fromCharCode(...host, prefix),
      };
    }).filter((one) => family === "ipv4" || !one.key.startsWith("\0\0\0\0\0\0\0\0\0\0\xff\xff"));
};
const RANGES = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 65000 }), fc.nat(500)).map(([from, more]) => ({
    from,
    to: from + more * (more % 2),
  })),
  { minLength: 1, maxLength: 9 },
)
  .map((ranges) => splitPorts(normalizePorts(ranges))[0]!);
const COMMENT = fc.oneof(
  fc.constant(null),
  fc.string({ unit: "binary", maxLength: 60 }).filter((text) =>
    !/\p{Cc}/u.test(text) && text !== "pk-allow"
  ),
);
const RATE = fc.record({
  count: fc.integer({ min: 1, max: 100 }),
  unit: fc.constantFrom("second" as const, "minute" as const, "hour" as const, "day" as const),
});

function anyRule(family: Family): fc.Arbitrary<OwnRule> {
  return fc.oneof(
    fc.record({
      kind: fc.constant("door" as const),
      address: NETWORK(family),
      until: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: MAX_UNTIL })),
      comment: COMMENT,
    }),
    fc.record({ kind: fc.constant("allow" as const), address: NETWORK(family) }),
    fc.record({
      kind: fc.constant("log" as const),
      log: fc.record({
        prefix: PREFIX,
        level: fc.nat(7),
        limit: fc.oneof(fc.constant(null), RATE),
        burst: fc.integer({ min: 1, max: 9999 }),
      }),
    })
      .map(({ kind, log }) => ({ kind, log: log.limit === null ? { ...log, burst: 5 } : log })),
    fc.record({
      kind: fc.constant("jump" as const),
      chain: fc.constantFrom("pk-a", `pk-${"x".repeat(25)}`),
      match: fc.record({
        interface: fc.oneof(
          fc.constant(null),
          fc.string({ minLength: 1, maxLength: 15 }).filter(isInterfaceName),
        ),
        protocol: fc.constant("tcp" as const),
        ports: RANGES,
        syn: fc.boolean(),
      }),
    }),
  );
}

/** A door for everyone has the comment that says so, and no other. */
function withMark(rule: OwnRule): OwnRule {
  return rule.kind === "door" && rule.address.prefix === 0 ? { ...rule, comment: null } : rule;
}

for (const family of ["ipv4", "ipv6"] as const) {
  Deno.test(`any ${family} rule that is written is read back as the same rule`, () => {
    fc.assert(
      fc.property(anyRule(family).map(withMark), (rule) => {
        const printed = canonicalRule(emitRule(rule), family).text;
        const seen = readRule(printed, family);
        if (rule.kind === "log") assertEquals(ruleKey(seen as OwnRule), ruleKey(rule));
        else assertEquals(seen, structuredClone(rule));
        assertEquals(canonicalRule(printed, family).text, printed);
      }),
      { numRuns: 1500 },
    );
  });
}

Deno.test("any rule text can be read", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string(),
          fc.constantFrom(
            "-s",
            "-j",
            "-m",
            "--dport",
            "ACCEPT",
            "pk-a",
            '"',
            "\\",
            "limit",
            "--limit",
            "10/min",
            "!",
          ),
        ),
      ),
      (words) => {
        const rule = readRule(words.join(" "), "ipv4");
        if (rule.kind !== "foreign" && !(rule.kind === "jump" && rule.match === null)) {
          emitRule(
            rule,
          );
        }
      },
    ),
    { numRuns: 2000 },
  );
});
