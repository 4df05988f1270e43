// Tables in short words, and what is in them while a change of theirs is unconfirmed.
import { assertEquals } from "@std/assert";
import type { FilterTable } from "../../src/firewall/table.ts";
import { arm } from "../../src/plan/arm.ts";
import { editChain, type Placed } from "../../src/plan/arrange.ts";
import type { Edit } from "../../src/plan/edit.ts";
import { PlannedTable } from "../../src/plan/planned_table.ts";
import { readFilterTable } from "./read_table.ts";

/** 2027-01-15 08:00:00 UTC. */
export const UNTIL = 1_800_000_000;

/** Words for what iptables-save prints at more length. */
const WORDS: readonly (readonly [short: string, printed: string])[] = [
  [" moment ", " -m time --datestart 2027-01-15T08:00:01 --datestop 2027-01-15T08:00:02 "],
  [" after ", " -m time --datestart 2027-01-15T08:00:01 "],
  [" until ", " -m time --datestop 2027-01-15T08:00:00 "],
  [" syn ", " --tcp-flags FIN,SYN,RST,ACK SYN "],
  ["tcp: ", "-p tcp -m tcp --dport "],
  ["udp: ", "-p udp -m udp --dport "],
  ["tcp*: ", "-p tcp -m multiport --dports "],
];

function long(text: string): string {
  return WORDS.reduce((all, [word, printed]) => all.replace(word, printed), text);
}

function short(text: string): string {
  return WORDS.reduce((all, [word, printed]) => all.replace(printed, word), text);
}

/** The rules of each chain. */
export type Chains = Readonly<Record<string, readonly string[]>>;

/** A table of these chains. */
export function tableOf(chains: Chains): FilterTable {
  const heads = Object.keys(chains).map((chain) =>
    `:${chain} ${chain === "INPUT" ? "ACCEPT" : "-"} [0:0]`
  );
  const lines = Object.entries(chains).flatMap(([chain, rules]) =>
    rules.map((rule) => `-A ${chain} ${long(rule)}`.trimEnd())
  );
  return readFilterTable(["*filter", ...heads, ...lines, "COMMIT", ""].join("\n"), "ipv4");
}

/** The edits by which each of these chains comes to have just these rules. */
export function editsFor(table: FilterTable, wanted: Chains): Edit[] {
  return Object.entries(wanted).flatMap(([chain, rules]) => {
    const observed = table.rules(chain);
    let last = -1;
    const placed = rules.map(long).map((text): Placed => {
      const at = observed.findIndex((rule) => rule.text === text);
      if (at < 0) return { text, packets: 0, bytes: 0 };
      if (at < last) return { moved: at };
      return last = at;
    });
    const create: Edit[] = table.hasChain(chain) ? [] : [{ op: "create-chain", chain }];
    return [...create, ...editChain(chain, { observed, placed })];
  });
}

/** The chains once a change is armed that would give some of them other rules. */
export function armed(before: Chains, after: Chains, more: readonly Edit[] = []) {
  const table = tableOf(before);
  const { edits, copied, taken } = arm(table, {
    edits: [...editsFor(table, after), ...more],
    until: UNTIL,
  });
  assertEquals(taken, null);
  const planned = new PlannedTable(table, edits);
  const chains = planned.read().chainNames.map((chain) =>
    [chain, planned.rules(chain).map(({ text }) => short(text))] as const
  );
  return { chains: Object.fromEntries(chains), copied: [...copied].sort(), edits };
}
