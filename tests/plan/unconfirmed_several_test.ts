// Several services whose rules are unconfirmed at once, one that is new and one that goes among them.
import { assert, assertEquals } from "@std/assert";
import type { FilterTable } from "../../src/firewall/table.ts";
import { emitPayload } from "../../src/plan/edit.ts";
import {
  findUnconfirmed,
  makePermanent,
  type Settled,
  takeBack,
} from "../../src/plan/unconfirmed.ts";
import { readFilterTable } from "../support/read_table.ts";

const STOP = "-m time --datestop 2027-01-15T08:00:00";
const AFTER = "-m time --datestart 2027-01-15T08:00:01";
const port = (number: number) => `-p tcp -m tcp --dport ${number}`;

function tableOf(chains: Readonly<Record<string, readonly string[]>>): FilterTable {
  const heads = Object.keys(chains).map((chain) =>
    `:${chain} ${chain === "INPUT" ? "ACCEPT" : "-"} [0:0]`
  );
  const lines = Object.entries(chains).flatMap(([chain, rules]) =>
    rules.map((rule) => `-A ${chain} ${rule}`)
  );
  return readFilterTable(["*filter", ...heads, ...lines, "COMMIT", ""].join("\n"), "ipv4");
}

/** b goes, c changes and leads to d, d is new and reached by c alone; e stays as it is. */
const TABLE = {
  INPUT: [
    `${port(22)} ${STOP} -j pk.c`,
    `${port(22)} -j pk-c`,
    `${port(80)} ${AFTER} -j pk-b`,
    `${port(443)} -j pk-e`,
  ],
  "pk-b": ["-j DROP", `${STOP} -j pk.b`],
  "pk-c": ["-j DROP", `${STOP} -j pk.c`],
  "pk-e": ["-j DROP"],
  "pk.b": [],
  "pk.c": ["-s 192.0.2.1/32 -j pk.d", "-j ACCEPT"],
  "pk.d": ["-j DROP"],
  theirs: [`-i eth0 ${STOP} -j pk.c`],
};

/** What a table comes to be, and the lines that make it so. */
function told({ table, edits }: Settled) {
  const chains = table.chainNames.map((chain) =>
    [chain, table.rules(chain).map(({ text }) => text)] as const
  );
  return {
    chains: Object.fromEntries(chains),
    payload: emitPayload(edits).split("\n").slice(1, -2),
  };
}

function found(table: FilterTable) {
  const unconfirmed = findUnconfirmed(table);
  assert(unconfirmed !== null);
  return unconfirmed;
}

Deno.test("all services are found that have new rules or go, be they led to by others alone", () => {
  const { names, flushed, cutOff } = found(tableOf(TABLE));
  assertEquals([names, flushed, cutOff], [["b", "c", "d"], [], []]);
  // Without the jump from c to d nobody comes to d.
  const cut = found(tableOf({ ...TABLE, "pk.c": ["-j ACCEPT"] }));
  assertEquals([cut.names, cut.cutOff], [["b", "c", "d"], ["d"]]);
  const emptied = found(tableOf({ ...TABLE, "pk.c": [] }));
  assertEquals([emptied.flushed, emptied.cutOff], [["c"], ["d"]]);
});

Deno.test("confirmed, each has its new rules under its old name, and the one that goes is gone", () => {
  const table = tableOf(TABLE);
  assertEquals(told(makePermanent(table, found(table))), {
    chains: {
      INPUT: [`${port(22)} -j pk-c`, `${port(443)} -j pk-e`],
      "pk-e": ["-j DROP"],
      theirs: ["-i eth0 -j pk-c"],
      "pk-c": ["-s 192.0.2.1/32 -j pk-d", "-j ACCEPT"],
      "pk-d": ["-j DROP"],
    },
    payload: [
      "-N pk-d",
      "-D pk-c -j DROP",
      `-D pk-c ${STOP} -j pk.c`,
      "-A pk-c -s 192.0.2.1/32 -j pk-d",
      "-A pk-c -j ACCEPT",
      "-A pk-d -j DROP",
      `-D INPUT ${port(22)} ${STOP} -j pk.c`,
      `-D INPUT ${port(80)} ${AFTER} -j pk-b`,
      `-D theirs -i eth0 ${STOP} -j pk.c`,
      "-A theirs -i eth0 -j pk-c",
      ...["b", "c", "d"].map((name) => `-F pk.${name}`),
      "-F pk-b",
      ...["b", "c", "d"].map((name) => `-X pk.${name}`),
      "-X pk-b",
    ],
  });
});

Deno.test("taken back, each has its old rules alone, and jumps take all their packets again", () => {
  const table = tableOf(TABLE);
  assertEquals(told(takeBack(table, found(table))), {
    chains: {
      INPUT: [`${port(22)} -j pk-c`, `${port(80)} -j pk-b`, `${port(443)} -j pk-e`],
      "pk-b": ["-j DROP"],
      "pk-c": ["-j DROP"],
      "pk-e": ["-j DROP"],
      theirs: [],
    },
    payload: [
      `-D pk-b ${STOP} -j pk.b`,
      `-D pk-c ${STOP} -j pk.c`,
      `-D INPUT ${port(22)} ${STOP} -j pk.c`,
      `-D INPUT ${port(80)} ${AFTER} -j pk-b`,
      `-I INPUT 2 ${port(80)} -j pk-b`,
      `-D theirs -i eth0 ${STOP} -j pk.c`,
      ...["b", "c", "d"].map((name) => `-F pk.${name}`),
      ...["b", "c", "d"].map((name) => `-X pk.${name}`),
    ],
  });
});

Deno.test("what another program put into an old chain is in the new one only where that is asked for", () => {
  const late = "-i eth1 -j ACCEPT";
  const table = tableOf({ ...TABLE, "pk-c": [late, ...TABLE["pk-c"]] });
  const rules = (options: { late?: boolean }) =>
    told(makePermanent(table, found(table), options)).chains["pk-c"];
  const fresh = ["-s 192.0.2.1/32 -j pk-d", "-j ACCEPT"];
  assertEquals([rules({}), rules({ late: false })], [fresh, fresh]);
  assertEquals(rules({ late: true }), [late, ...fresh]);
});

Deno.test("of a new service whose rules were flushed nothing is left, and no old chain is looked for", () => {
  const jump = `${port(25)} ${STOP} -j pk.f`;
  const table = tableOf({ ...TABLE, INPUT: [...TABLE.INPUT, jump], "pk.f": [] });
  const { chains, payload } = told(makePermanent(table, found(table)));
  assertEquals(Object.keys(chains), ["INPUT", "pk-e", "theirs", "pk-c", "pk-d"]);
  assertEquals(payload.filter((line) => /pk[-.]f/.test(line) && !line.includes("INPUT")), [
    ...["-F pk.f", "-X pk.f"],
  ]);
});
