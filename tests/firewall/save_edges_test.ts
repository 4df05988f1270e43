// What iptables-save prints at its edges: quotes over lines, counters, versions, what is no save.
import { assertEquals } from "@std/assert";
import { readSave } from "../../src/firewall/save_reader.ts";

function save(...rules: string[]): string {
  return `*filter\n:INPUT ACCEPT [0:0]\n:pk-a - [0:0]\n:b - [0:0]\n:c - [0:0]\n${
    rules.join("\n")
  }\nCOMMIT\n`;
}

/** The rules of a chain, or what is wrong with the save. */
function rules(printed: string, chain = "pk-a"): readonly string[] | string {
  const read = readSave(printed, "ipv4");
  if (!read.ok) return `${read.problem.message}: ${read.problem.line}`;
  return read.value.table.rules(chain).map(({ text, packets, bytes }) =>
    `[${packets}:${bytes}] ${text}`
  );
}

/** Chains with rules of which only nft can tell what they do, and the places of these. */
function unclear(...lines: string[]): Record<string, readonly number[]> | null {
  const read = readSave(save(...lines), "ipv4");
  return read.ok ? Object.fromEntries(read.value.unclear) : null;
}

Deno.test("a comment may go over lines, empty ones too, and hold what looks like a rule", () => {
  for (const text of ["a\nb", "a\n\nb", "\n", "a\n-A pk-a -j DROP\n\n\nCOMMIT\n", 'a\\"\nb']) {
    const rule = `-A pk-a -m comment --comment "${text}" -j ACCEPT`;
    assertEquals(rules(save(rule, "-A pk-a -j DROP")), [
      `[0:0] ${rule.slice(8)}`,
      "[0:0] -j DROP",
    ]);
  }
  assertEquals(
    rules('*filter\n:pk-a - [0:0]\n-A pk-a -m comment --comment "a\nb'),
    'unterminated quote in the output of iptables-save: -A pk-a -m comment --comment "a',
  );
});

Deno.test("counters are read where they stand, and a rule may have no words", () => {
  assertEquals(rules(save("[5:300] -A pk-a -j DROP", "[0:0] -A pk-a -j LOG ", "-A pk-a")), [
    "[5:300] -j DROP",
    "[0:0] -j LOG",
    "[0:0] ",
  ]);
  assertEquals(rules(save("-A pk-a", "-A b -j DROP", "-A pk-a -j LOG"), "pk-a"), [
    "[0:0] ",
    "[0:0] -j LOG",
  ]);
});

Deno.test("what is no part of a save is reported with its line", () => {
  const bad: readonly (readonly [printed: string, line: string])[] = [
    [save("segmentation fault"), "segmentation fault"],
    [save("[5] -A pk-a -j DROP"), "[5] -A pk-a -j DROP"],
    [save("[5:300]-A pk-a -j DROP"), "[5:300]-A pk-a -j DROP"],
    [save("[5:300] -I pk-a -j DROP"), "[5:300] -I pk-a -j DROP"],
    [save("-A none -j DROP"), "-A none -j DROP"],
    [save("-I pk-a -j DROP"), "-I pk-a -j DROP"],
    [save("*nat"), "*nat"],
    [save("COMMIT "), "COMMIT "],
    ["-A INPUT -j DROP\n", "-A INPUT -j DROP"],
    [":INPUT ACCEPT [0:0]\n", ":INPUT ACCEPT [0:0]"],
    ["COMMIT\n", "COMMIT"],
  ];
  for (const [printed, line] of bad) {
    assertEquals(rules(printed), `unexpected line in the output of iptables-save: ${line}`);
  }
  assertEquals(rules("*filter\n:INPUT ACCEPT [0:0]\n"), "iptables-save ended before COMMIT: ");
  assertEquals(
    rules("# Table `filter' is incompatible, use 'nft' tool.\n"),
    "a table holds rules of nft that iptables cannot show or change: " +
      "# Table `filter' is incompatible, use 'nft' tool.",
  );
  assertEquals(rules("*nat\n:x - [0:0]\n-A x -j y\n-A none -j y\nCOMMIT\n# done\n\n"), []);
});

Deno.test("rules that may take every packet are unclear, but not the last, nor what goes on or names a source", () => {
  assertEquals(unclear("-A pk-a -j ACCEPT", "-A pk-a -j DROP"), { "pk-a": [0] });
  assertEquals(unclear("-A pk-a -j DROP"), {});
  assertEquals(unclear("-A pk-a -j LOG", "-A pk-a -j NFLOG", "-A pk-a -j DROP"), {});
  assertEquals(unclear("-A pk-a -s 10.0.0.1/32 -j ACCEPT", "-A pk-a -j DROP"), {});
  assertEquals(unclear("-A pk-a ! -s 10.0.0.1/32 -j ACCEPT", "-A pk-a -j DROP"), {});
  assertEquals(unclear("-A pk-a -p tcp -j ACCEPT", "-A pk-a -i eth0 -j DROP", "-A pk-a -j DROP"), {
    "pk-a": [0, 1],
  });
  assertEquals(unclear("-A INPUT -j ACCEPT", "-A INPUT -j DROP"), {});
});

Deno.test("what an unclear rule calls is unclear as a whole, and what that calls too", () => {
  assertEquals(
    unclear(
      "-A pk-a -j b",
      "-A pk-a -j DROP",
      "-A b -s 10.0.0.1/32 -j c",
      "-A b -j RETURN",
      "-A c -j DROP",
    ),
    { "pk-a": [0], b: [0, 1], c: [0] },
  );
  assertEquals(unclear("-A pk-a -j b", "-A b -j c", "-A c -j b"), { b: [0], c: [0] });
});

Deno.test("the head of a save tells its backend, unless its version is one that does not", () => {
  const cases: readonly (readonly [head: string, isNft: boolean | null])[] = [
    ["iptables-save v1.8.9 (nf_tables)", true],
    ["ip6tables-nft-save v1.8.9 (nf_tables)", true],
    ["iptables-save v1.8.9", false],
    ["iptables-legacy-save v1.8.9", false],
    ["iptables-save v1.8.8", true],
    ["iptables-save v1.8.10", false],
    ["iptables-save v1.9", false],
    ["iptables-save v1.8", true],
    ["iptables-save v2.0.0", false],
    ["iptables-save v1.7.9", true],
    ["xtables-save v1.8.9", null],
  ];
  for (const [head, isNft] of cases) {
    const read = readSave(`# Generated by ${head} on Wed May  6 07:08:09 2026\n${save()}`, "ipv4");
    assertEquals(read.ok ? read.value.isNft : "no save", isNft, head);
  }
});
