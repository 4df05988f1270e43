import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Family } from "../../src/firewall/address.ts";
import { type Listed, readChains, readListedRules } from "../../src/firewall/chain_reader.ts";
import type { ObservedRule } from "../../src/firewall/table.ts";
import { readFilterTable } from "../support/read_table.ts";
import { dirtyTable } from "../support/dirty.ts";
import { FakeKernel } from "../support/fake_kernel.ts";

const LISTED = { chain: "pk-ssh", family: "ipv4" } as const;

/** What `iptables -v -S pk-ssh` prints if the chain holds these lines, each behind `-A pk-ssh`. */
function list(...lines: readonly string[]): string {
  return ["-N pk-ssh", ...lines.map((line) => `-A pk-ssh ${line}`), ""].join("\n");
}

/** The table of one chain. */
function readChain(printed: string, { chain, family }: Listed) {
  return readChains(new Map([[chain, printed]]), family);
}

function told(rules: readonly ObservedRule[] | null): unknown {
  return rules?.map(({ rule, text, key, packets, bytes }) => ({
    rule,
    text,
    key,
    packets,
    bytes,
  })) ??
    null;
}

function texts(printed: string): string[] | null {
  return readListedRules(printed, LISTED)?.map(({ text, packets, bytes }) =>
    `[${packets}:${bytes}] ${text}`
  ) ?? null;
}

Deno.test("counters are taken out of a rule, wherever iptables puts them", () => {
  const printed = list(
    "-s 1.2.3.4/32 -c 5 300 -j ACCEPT",
    "-s 1.2.3.5/32 -m time --datestop 2030-01-02T03:04:05 -c 0 0 -j ACCEPT",
    "-p tcp -c 6 600",
    "-c 7 700",
    "-c 8 800 -j LOG",
    '-i a"b -c 9 900 -g pk-"x',
    '-m comment --comment "say \\"-c 1 2\\"" -c 1 60 -j NFLOG --nflog-prefix "a -j b"',
    "-c 123456789012 12345678901234 -j DROP",
  );
  assertEquals(texts(printed), [
    "[5:300] -s 1.2.3.4/32 -j ACCEPT",
    "[0:0] -s 1.2.3.5/32 -m time --datestop 2030-01-02T03:04:05 -j ACCEPT",
    "[6:600] -p tcp",
    "[7:700] ",
    "[8:800] -j LOG",
    '[9:900] -i a"b -g pk-"x',
    '[1:60] -m comment --comment "say \\"-c 1 2\\"" -j NFLOG --nflog-prefix "a -j b"',
    "[123456789012:12345678901234] -j DROP",
  ]);
  assertEquals(texts(list()), []);
});

Deno.test("iptables 1.8.7 prints a space where a rule has no target, which is no part of it", () => {
  assertEquals(texts(list("-p tcp -c 6 600 ", "-c 7 700 ", "-c 8 800 -j DROP")), [
    "[6:600] -p tcp",
    "[7:700] ",
    "[8:800] -j DROP",
  ]);
  const saved = "*filter\n:pk-ssh - [0:0]\n[6:600] -A pk-ssh -p tcp \n[7:700] -A pk-ssh \nCOMMIT\n";
  assertEquals(
    readFilterTable(saved, "ipv4").rules("pk-ssh").map(({ text }) => text),
    ["-p tcp", ""],
  );
});

for (const family of ["ipv4", "ipv6"] as const) {
  Deno.test(`any chain of ${family} reads the same from its list as from the table`, () => {
    fc.assert(fc.property(dirtyTable(family), (lines) => {
      const kernel = new FakeKernel({ [family]: lines });
      const table = readFilterTable(kernel.dump(family).replaceAll(BARE, ""), family);
      for (const chain of ["pk-ssh", "pk-other", "theirs"]) {
        const printed = kernel.list(family, chain)?.replaceAll(BARE_LISTED, "");
        if (printed === undefined) continue;
        assertEquals(
          told(readListedRules(printed, { chain, family })),
          told(table.rules(chain)),
        );
      }
    }));
  });

  Deno.test(`a chain of ${family} is enough without the table only if it is all ours`, () => {
    fc.assert(fc.property(dirtyTable(family), (lines) => {
      const kernel = new FakeKernel({ [family]: lines });
      const printed = kernel.list(family, "pk-ssh");
      if (printed === null) return;
      const read = readChain(printed, { chain: "pk-ssh", family });
      const wanted = isOurs(kernel.chain(family, "pk-ssh") ?? [], family);
      assertEquals(read !== null, wanted, printed);
      if (read !== null) {
        const whole = readFilterTable(kernel.dump(family), family);
        assertEquals(told(read.rules("pk-ssh")), told(whole.rules("pk-ssh")));
        assertEquals([read.chainNames, read.family], [["pk-ssh"], family]);
      }
    }));
  });
}

/** An ACCEPT without a match: its meaning depends on its place, which a list does not show. */
const BARE = /^\[\d+:\d+\] -A \S+ -j ACCEPT\n/gm;
const BARE_LISTED = /^-A \S+ -c \d+ \d+ -j ACCEPT\n/gm;

/** Written from language.md's shapes, as patterns of what iptables prints. */
function isOurs(rules: readonly string[], family: Family): boolean {
  const texts = rules.map((rule) => rule.replace(/^\[\d+:\d+\] /, ""));
  const own = [
    /^-s \S+( -m comment --comment ("(\\.|[^"\\])*"|[^" ]+))?( -m time --datestop \S+)? -j ACCEPT$/,
    /^-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT$/,
    /^(-m limit --limit \S+( --limit-burst \d+)? )?-j LOG( --log-prefix ("[^"]*"|\S+))?( --log-level \d)?$/,
  ];
  const answer = family === "ipv4" ? "icmp-port-unreachable" : "icmp6-port-unreachable";
  const ends = ["-j DROP", `-j REJECT --reject-with ${answer}`];
  return ends.includes(texts.at(-1) ?? "") &&
    texts.slice(0, -1).every((text) => own.some((pattern) => pattern.test(text)));
}

const OTHER_WORDS: readonly [string, string][] = [
  ["nothing", ""],
  ["another chain", "-N pk-web\n-A pk-web -c 0 0 -j DROP\n"],
  ["a chain of another name that starts alike", "-N pk-ssh2\n-A pk-ssh2 -c 0 0 -j DROP\n"],
  ["a rule of another chain", "-N pk-ssh\n-A pk-ssh2 -c 0 0 -j DROP\n"],
  ["a built-in chain", "-P pk-ssh ACCEPT -c 0 0\n-A pk-ssh -c 0 0 -j DROP\n"],
  ["a last line that is cut short", "-N pk-ssh\n-A pk-ssh -c 0 0 -j DROP"],
  ["a line without counters", list("-j DROP")],
  ["a line without counters ahead of one with them", list("-s 1.2.3.4/32", "-c 0 0 -j DROP")],
  ["a warning among the rules", "-N pk-ssh\n# Warning: legacy\n-A pk-ssh -c 0 0 -j DROP\n"],
  ["counters that are no numbers", list("-c 0 x -j DROP")],
  ["one counter", list("-c 0 -j DROP")],
  ["something that is no target behind the counters", list("-c 0 0 -m comment", "-c 0 0 -j DROP")],
  ["a comment that looks like counters", list('-m comment --comment "x -c 1 2" -c 0 0 -j DROP')],
  [
    "a comment that looks like counters and a target",
    list('-s 1.2.3.4/32 -m comment --comment "x -c 1 2 -j ACCEPT" -c 0 0 -j DROP'),
  ],
  ["a name that looks like counters", list("-m recent --name a -c 1 2 --rsource -c 0 0 -j DROP")],
  ["a prefix that looks like counters", list('-c 0 0 -j LOG --log-prefix "x -c 1 2"')],
  [
    "a comment of two lines",
    list('-m comment --comment "x', 'y" -c 0 0 -j DROP').replace('-A pk-ssh y"', 'y"'),
  ],
  [
    "a comment whose second line looks like a door",
    list('-m comment --comment "x', "-s 1.2.3.4/32 -c 0 0 -j ACCEPT", '" -c 0 0 -j DROP'),
  ],
  [
    "a carriage return ahead of what looks like a rule",
    "-N pk-ssh\n-A pk-ssh -c 0 0 -j LOG --log-prefix a\r-A pk-ssh -s 1.2.3.4/32 -c 0 0 -j ACCEPT\n",
  ],
];

for (const [what, printed] of OTHER_WORDS) {
  Deno.test(`no chain is read from ${what}`, () => {
    assertEquals(readListedRules(printed, LISTED), null);
    assertEquals(readChain(printed, LISTED), null);
  });
}

const DOOR = "-s 1.2.3.4/32 -c 0 0 -j ACCEPT";
const DROP = "-c 0 0 -j DROP";

const NOT_ALONE: readonly [string, readonly string[]][] = [
  ["an empty chain", []],
  ["a chain without an end", [DOOR]],
  ["a chain that ends in ACCEPT", [DOOR, "-c 0 0 -j ACCEPT"]],
  ["an ACCEPT for everybody ahead of the end", ["-c 0 0 -j ACCEPT", DOOR, DROP]],
  ["a door behind the end", [DROP, DOOR]],
  ["two ends", [DOOR, DROP, DROP]],
  ["a foreign rule", ["-p tcp -c 0 0 -j ACCEPT", DROP]],
  ["a rule without a target", ["-s 1.2.3.4/32 -c 0 0", DROP]],
  ["an end that not every packet reaches", [DOOR, "-p udp -c 0 0 -j DROP"]],
  ["a jump to another chain", [DOOR, "-c 0 0 -j pk-web", DROP]],
  ["a jump to a foreign chain", [DOOR, "-c 0 0 -j theirs", DROP]],
  ["a byte that is no address", ["-s 1.2.3.400/32 -c 0 0 -j ACCEPT", DROP]],
  ["a date that is none", ["-s 1.2.3.4/32 -m time --datestop 2030 -c 0 0 -j ACCEPT", DROP]],
  [
    "a text whose quote is never closed",
    ['-c 0 0 -j LOG --log-prefix "a', "-s 1.2.3.4/32 -c 0 0 -j ACCEPT", DROP],
  ],
];

for (const [what, lines] of NOT_ALONE) {
  Deno.test(`the whole table is needed beside ${what}`, () => {
    assertEquals(readChain(list(...lines), LISTED), null);
  });
}

Deno.test("a chain that is all ours is enough without the table", () => {
  const table = readChain(
    list(
      "-m conntrack --ctstate RELATED,ESTABLISHED -c 9 540 -j ACCEPT",
      "-s 10.0.0.0/8 -m comment --comment pk-allow -c 0 0 -j ACCEPT",
      DOOR,
      '-m limit --limit 10/min -c 0 0 -j LOG --log-prefix "ssh "',
      "-p tcp -c 0 0 -j REJECT --reject-with tcp-reset",
    ),
    LISTED,
  );
  assertEquals(table?.rules("pk-ssh").map(({ rule }) => rule.kind), [
    ...["established", "allow", "door", "log", "policy"],
  ]);
  assertEquals(table?.serviceNames, ["ssh"]);
});
