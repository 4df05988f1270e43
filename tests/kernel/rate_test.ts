// The model says which rates are one rate to the kernel and which bursts it can keep: compared here.
import { assertEquals } from "@std/assert";
import { emitRule, ruleKey } from "../../src/firewall/rule.ts";
import {
  burstsADay,
  defaultBurst,
  isCountable,
  type Log,
  MAX_BURST,
  type Rate,
  type RateUnit,
} from "../../src/firewall/service.ts";
import { readFilterTable } from "../support/read_table.ts";
import { forEachBackend } from "../support/box.ts";

/** Small counts, the neighbours of what divides a unit evenly, and counts close to the end. */
const COUNTS = [
  ...Array.from({ length: 130 }, (_, at) => at + 1),
  ...[1439, 1440, 1441, 3599, 3600, 3601, 6001, 9999, 10_000, 28_801, 86_399, 86_401, 99_999],
  ...[1_000_003, 35_999_999, 600_000, 600_001, 36_000_000, 863_999_999, 864_000_000],
];

function logs(): Log[] {
  const units: RateUnit[] = ["second", "minute", "hour", "day"];
  const rates: Rate[] = units.flatMap((unit) => COUNTS.map((count) => ({ count, unit })));
  return rates.filter(isCountable).flatMap((limit) => {
    const most = Math.min(MAX_BURST, burstsADay(limit));
    return [1, defaultBurst(limit), most].map((burst) => ({
      prefix: null,
      level: 4,
      limit,
      burst,
    }));
  });
}

forEachBackend(
  "every rate is taken with every burst of a day, and read back as the same rule",
  async (box) => {
    const rules = logs().map((log) => ({ kind: "log", log }) as const);
    const lines = rules.map((rule) => `-A pk-rates ${emitRule(rule)}`);
    const chains = ":INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
    await box.load("ipv4", `*filter\n${chains}:pk-rates - [0:0]\n${lines.join("\n")}\nCOMMIT\n`);
    const seen = readFilterTable(await box.save("ipv4"), "ipv4").rules("pk-rates");
    assertEquals(seen.map(({ key }) => key), rules.map(ruleKey));
  },
);
