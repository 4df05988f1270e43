// Which rules of others in a service's chain may let an address in, or keep it out.
import { assertEquals } from "@std/assert";
import { type Address, formatAddress, parseAddress } from "../../src/firewall/address.ts";
import type { Edit } from "../../src/plan/edit.ts";
import { rulesOfOthers, rulesThatMayKeepOut, rulesThatMayLetIn } from "../../src/plan/others.ts";
import { readFilterTable } from "../support/read_table.ts";

function tableOf(rules: readonly string[], family: "ipv4" | "ipv6" = "ipv4") {
  const lines = rules.map((rule) => `-A pk-a ${rule}`);
  const heads = [":pk-a - [0:0]", ":theirs - [0:0]", ":pk-b - [0:0]"];
  return readFilterTable(["*filter", ...heads, ...lines, "COMMIT", ""].join("\n"), family);
}

function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new TypeError(text);
  return parsed.value;
}

const DROP = "-j DROP";

/** The numbers of the rules of a chain that may let an address in. */
function letIn(rules: readonly string[], host = "192.0.2.7", native: readonly number[] = []) {
  const given = address(host);
  const table = tableOf(rules, given.family);
  table.markNative("pk-a", native);
  const found = rulesThatMayLetIn(table, { name: "a", address: given });
  for (const { at, text } of found) assertEquals(text, rules[at - 1]);
  return found.map(({ at }) => at);
}

/** The edit that opens a door for an address behind so many rules. */
function doorAt(given: Address, index: number): { edits: readonly Edit[] } {
  const text = `-s ${formatAddress(given)} -j ACCEPT`;
  return {
    edits: [{
      op: "insert",
      chain: "pk-a",
      index: index + 1,
      last: false,
      text,
      packets: 0,
      bytes: 0,
    }],
  };
}

/** The same of those that may keep it out, ahead of the last rule. */
function keepOut(rules: readonly string[], host = "192.0.2.7", native: readonly number[] = []) {
  const given = address(host);
  const table = tableOf([...rules, DROP], given.family);
  table.markNative("pk-a", native);
  const found = rulesThatMayKeepOut(table, {
    name: "a",
    address: given,
    ...doorAt(given, rules.length),
  });
  for (const { at, text } of found) assertEquals(text, rules[at - 1]);
  return found.map(({ at }) => at);
}

Deno.test("rules of others are those that are neither the file's nor doors", () => {
  const rules = [
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-s 192.0.2.1/32 -m comment --comment pk-allow -j ACCEPT",
    "-s 192.0.2.1/32 -j ACCEPT",
    "-p udp -j ACCEPT",
    "-j pk-b",
    "-j LOG",
    "-j theirs",
    "-j DROP",
  ];
  const others = rulesOfOthers(tableOf(rules), "a").map(({ text }) => text);
  assertEquals(others, ["-p udp -j ACCEPT", "-j pk-b", "-j theirs"]);
  assertEquals(rulesOfOthers(tableOf([]), "a"), []);
});

Deno.test("what accepts an address or passes it on may let it in, whatever else it asks", () => {
  for (const target of ["ACCEPT", "RETURN", "theirs", "pk-b", "QUEUE", "NFQUEUE --queue-num 1"]) {
    assertEquals(letIn([`-p tcp -j ${target}`, DROP]), [1], target);
    assertEquals(letIn([`-p tcp -m mac --mac-source 00:11:22:33:44:55 -j ${target}`]), [1], target);
  }
  for (const target of ["DROP", "REJECT", "TARPIT", "LOG", "NFLOG --nflog-group 1"]) {
    assertEquals(letIn([`-p tcp -j ${target}`, DROP]), [], target);
  }
  assertEquals(letIn(["-p tcp", DROP]), []);
  // Ours are no matter: a door of another address, an allowed one, a log.
  assertEquals(letIn(["-s 192.0.2.7/32 -j ACCEPT", "-j LOG", DROP]), []);
  // The end is one if it accepts everyone, and what is behind it is never reached.
  assertEquals(letIn(["-j ACCEPT"]), [1]);
  assertEquals(letIn(["-p udp -j ACCEPT", DROP, "-p tcp -j ACCEPT"]), [1]);
  assertEquals(letIn([DROP, "-p tcp -j ACCEPT"]), []);
  // Of a rule whose text hides what it matches nothing is sure.
  assertEquals(letIn(["-i eth0 -j DROP", "-i eth1 -j DROP", DROP], "192.0.2.7", [1]), [2]);
});

Deno.test("what drops an address or passes it on ahead of a door may keep it out", () => {
  for (const target of ["DROP", "REJECT", "TARPIT", "RETURN", "theirs", "pk-b", "QUEUE"]) {
    assertEquals(keepOut([`-p tcp -j ${target}`]), [1], target);
  }
  for (const target of ["ACCEPT", "LOG", "NFLOG --nflog-group 1"]) {
    assertEquals(keepOut([`-p tcp -j ${target}`]), [], target);
    assertEquals(keepOut([`-p tcp -j ${target}`], "192.0.2.7", [0]), [], target);
  }
  assertEquals(keepOut(["-p tcp"]), []);
  assertEquals(keepOut(["-p tcp", "-i eth0 -j theirs"], "192.0.2.7", [0]), [1, 2]);
  assertEquals(keepOut(["-s 192.0.2.9/32 -j DROP"], "192.0.2.7", [0]), [1]);
  // Only what is ahead of the door counts.
  const given = address("192.0.2.7");
  const table = tableOf(["-p tcp -j DROP", "-p udp -j DROP", DROP]);
  const at = (place: number) =>
    rulesThatMayKeepOut(table, { name: "a", address: given, ...doorAt(given, place) });
  assertEquals([0, 1, 2, 3].map((place) => at(place).length), [0, 1, 2, 2]);
});

Deno.test("a rule is about an address as far as its source tells", () => {
  const cases: readonly (readonly [source: string, host: string, may: boolean])[] = [
    ["-s 192.0.2.7/32 -p tcp", "192.0.2.7", true],
    ["-s 192.0.2.8/32 -p tcp", "192.0.2.7", false],
    ["-s 192.0.2.0/24 -p tcp", "192.0.2.7", true],
    ["-s 192.0.3.0/24 -p tcp", "192.0.2.7", false],
    // A part of a network that is opened is enough.
    ["-s 192.0.2.7/32 -p tcp", "192.0.2.0/24", true],
    ["-s 192.0.3.7/32 -p tcp", "192.0.2.0/24", false],
    ["! -s 192.0.2.7/32 -p tcp", "192.0.2.7", false],
    ["! -s 192.0.2.0/24 -p tcp", "192.0.2.7", false],
    ["! -s 192.0.2.8/32 -p tcp", "192.0.2.7", true],
    ["! -s 192.0.2.7/32 -p tcp", "192.0.2.0/24", true],
    // What is no network may hold any address.
    ["-s 192.0.2.7/255.0.255.0 -p tcp", "198.51.100.1", true],
    ["! -s 192.0.2.7/255.0.255.0 -p tcp", "192.0.2.7", true],
    ["-s 2001:db8::/32 -p tcp", "2001:db8::1", true],
    ["-s 2001:db9::/32 -p tcp", "2001:db8::1", false],
    // Where it goes to says nothing of where it comes from.
    ["-d 192.0.2.9/32 -p tcp", "192.0.2.7", true],
  ];
  const range = "-m iprange --src-range";
  const ranges: readonly (readonly [range: string, host: string, may: boolean])[] = [
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.4", false],
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.5", true],
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.7", true],
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.9", true],
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.10", false],
    [`${range} 192.0.2.7-192.0.2.7`, "192.0.2.7", true],
    // Of a network its first or its last host may be in it, or all of the range within.
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.0/24", true],
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.8/30", true],
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.4/31", true],
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.4/32", false],
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.0/30", false],
    [`${range} 192.0.2.5-192.0.2.9`, "192.0.2.12/30", false],
    [`${range} 192.0.2.200-192.0.2.209`, "192.0.2.0/24", true],
    [`${range} 192.0.2.200-192.0.2.209`, "192.0.2.0/25", false],
    [`${range} 192.0.2.255-192.0.3.9`, "192.0.2.0/23", true],
    [`${range} 192.0.4.0-192.0.4.9`, "192.0.2.0/23", false],
    [`${range} 10.1.0.0-10.1.0.0`, "10.0.0.0/9", true],
    [`${range} 10.128.0.0-10.129.0.0`, "10.0.0.0/9", false],
    [`${range} 2001:db8::5-2001:db8::9`, "2001:db8::9", true],
    [`${range} 2001:db8::5-2001:db8::9`, "2001:db8::a", false],
    [`${range} 2001:db8:0:1::-2001:db8:0:2::`, "2001:db8::/63", true],
    [`${range} 2001:db8:0:2::-2001:db8:0:3::`, "2001:db8::/63", false],
    // What is not understood may hold any address.
    [`${range} 192.0.2.5-x`, "198.51.100.1", true],
    [`${range} x-192.0.2.9`, "198.51.100.1", true],
    [`-m iprange ! --src-range 192.0.2.5-192.0.2.9`, "192.0.2.7", true],
    [`${range} 192.0.2.5-192.0.2.9 --dst-range 10.0.0.1-10.0.0.2`, "192.0.2.4", false],
    ["-m iprange --dst-range 10.0.0.1-10.0.0.2", "192.0.2.4", true],
    ["-m set --match-set friends src", "192.0.2.4", true],
  ];
  for (const [matches, host, may] of [...cases, ...ranges]) {
    const text = `${matches}: ${host}`;
    assertEquals(letIn([`${matches} -j ACCEPT`, DROP], host), may ? [1] : [], text);
    assertEquals(keepOut([`${matches} -j DROP`], host), may ? [1] : [], text);
    assertEquals(keepOut([`${matches} -j theirs`], host), may ? [1] : [], text);
  }
});

Deno.test("a rule whose quote is never closed may do anything", () => {
  const open = '-m comment --comment "x -j DROP';
  const table = tableOf([]);
  const read = { rule: { kind: "foreign" }, text: open, key: open, packets: 0, bytes: 0 } as const;
  Object.assign(table, { reachedRules: () => [read], rules: () => [read] });
  const given = { name: "a", address: address("192.0.2.7") };
  const told = [{ at: 1, text: open }];
  assertEquals(rulesThatMayLetIn(table, given), told);
  assertEquals(rulesThatMayKeepOut(table, { ...given, ...doorAt(given.address, 1) }), told);
});
