// Chains written as text, as the tests of the planner start from them and compare with them.
import { assert } from "@std/assert";
import type { Family } from "../../src/firewall/address.ts";
import type { FilterTable } from "../../src/firewall/table.ts";
import { readFilterTable } from "./read_table.ts";
import type { Edit } from "../../src/plan/edit.ts";
import { emitPayload } from "../../src/plan/edit.ts";
import { FakeKernel } from "./fake_kernel.ts";

/** A kernel whose chain pk-ssh holds these rules, and its table. */
export function kernelWith(
  rules: readonly string[],
  { family = "ipv4", before = "" }: { family?: Family; before?: string } = {},
): { kernel: FakeKernel; table: FilterTable } {
  const lines = rules.map((rule) => {
    const counters = /^\[\d+:\d+\] /.exec(rule)?.[0] ?? "";
    return `${counters}-A pk-ssh ${rule.slice(counters.length)}`;
  });
  const kernel = new FakeKernel({ [family]: [":pk-ssh - [0:0]", before, ...lines].join("\n") });
  return { kernel, table: readFilterTable(kernel.dump(family), family) };
}

/** Applies edits to a kernel; fails if it refuses them. */
export async function applyEdits(
  kernel: FakeKernel,
  edits: readonly Edit[],
  family: Family = "ipv4",
): Promise<void> {
  const done = await kernel.restore(family, emitPayload(edits));
  assert(done.ok, done.ok ? "" : done.problem.raw);
}

/** Doors and rules in short: `A n` a door for 10.0.0.n, `T n` one until 2030, `D` the DROP, `F n` foreign. */
export function short(word: string): string {
  const [kind = "", number = "0"] = word.split(" ");
  switch (kind) {
    case "A":
      return `-s 10.0.0.${number}/32 -j ACCEPT`;
    case "T":
      return `-s 10.0.0.${number}/32 -m time --datestop 2030-01-02T03:04:05 -j ACCEPT`;
    case "U":
      return `-s 10.0.0.${number}/32 -m time --datestop 2030-01-02T03:04:14 -j ACCEPT`;
    case "B":
      return `-s 10.0.0.${number}/32 -j DROP`;
    case "M":
      return `-s 10.0.0.${number}/32 -m comment --comment pk-allow -j ACCEPT`;
    case "F":
      return `-d 10.9.9.${number}/32 -j ACCEPT`;
    case "D":
      return "-j DROP";
    case "*":
      return "-j ACCEPT";
    case "P":
      return "-m comment --comment pk-door -j ACCEPT";
    case "R":
      return "-j REJECT --reject-with icmp-host-prohibited";
    case "L":
      return "-j LOG";
    case "E":
      return "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
    default:
      throw new TypeError(`no short form: ${word}`);
  }
}
