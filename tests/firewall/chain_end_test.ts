import { assertEquals } from "@std/assert";
import { findEnd } from "../../src/firewall/chain_end.ts";
import { readFilterTable } from "../support/read_table.ts";

function end(rules: readonly string[], change: Parameters<typeof findEnd>[2] = {}): string {
  const lines = rules.map((rule) => `-A ${rule.startsWith("b ") ? rule : `pk-a ${rule}`}`);
  const table = readFilterTable(
    `*filter\n:INPUT ACCEPT [0:0]\n:pk-a - [0:0]\n:pk-b - [0:0]\n:b - [0:0]\n${
      ["-A INPUT -p tcp -m tcp --dport 22 -j pk-a", ...lines].join("\n")
    }\nCOMMIT\n`,
    "ipv4",
  );
  const found = findEnd(table, "pk-a", change);
  return found === null
    ? "none"
    : `${found.at + 1} ${found.verdict}${found.isPolicy ? " policy" : ""}`;
}

Deno.test("the end of a chain is the first rule that takes all that reaches it", () => {
  const cases: readonly (readonly [rules: readonly string[], end: string])[] = [
    [[], "none"],
    [["-j DROP"], "1 drop policy"],
    [["-s 10.0.0.1/32 -j ACCEPT", "-j LOG", "-j ACCEPT", "-j DROP"], "3 accept policy"],
    [["-p tcp -j DROP"], "1 drop"],
    [["-p udp -j DROP", "-j ACCEPT"], "2 accept policy"],
    [["-i eth0 -j DROP", "-j ACCEPT"], "2 accept policy"],
    [["-p tcp -m tcp --dport 22 -j DROP"], "1 drop"],
    [["-p tcp -m tcp --dport 23 -j DROP"], "none"],
    [["-j RETURN", "-j DROP"], "1 return"],
    [["-j NFQUEUE --queue-num 0", "-j DROP"], "1 queue"],
    [["-g b", "-j DROP"], "1 elsewhere"],
    [["-j b", "-j DROP", "b -j DROP"], "1 drop"],
    [["-j b", "-j ACCEPT", "b -j RETURN", "b -j DROP"], "2 accept policy"],
    [["-j b", "-j ACCEPT", "b -s 10.0.0.1/32 -j RETURN", "b -j DROP"], "2 accept policy"],
    [["-j b", "-j ACCEPT", "b -j DROP", "b -j RETURN"], "1 drop"],
    [["-j b", "-j ACCEPT", "b -g pk-b"], "2 accept policy"],
    [["-j b", "-j ACCEPT", "b -s 10.0.0.1/32 -g pk-b", "b -j DROP"], "2 accept policy"],
    [["-j b", "-j ACCEPT", "b -s 10.0.0.1/32 -j LOG", "b -j DROP"], "1 drop"],
    [["-j b", "-j ACCEPT"], "2 accept policy"],
  ];
  for (const [rules, expected] of cases) {
    assertEquals(end(rules), expected, rules.join("; "));
  }
});

Deno.test("a jump to a chain that goes is no end, and what is behind it may be", () => {
  const rules = ["-j pk-b", "-j b", "-j DROP", "b -j ACCEPT"];
  assertEquals(end(rules), "2 accept");
  assertEquals(end(rules, { removed: ["pk-b"] }), "2 accept");
  assertEquals(end(["-j pk-b", "-j DROP"], { removed: ["pk-b"] }), "2 drop policy");
});

Deno.test("what reaches a chain is what its jumps will let through", () => {
  const rules = ["-p tcp -m tcp --dport 22 -j DROP", "-j ACCEPT"];
  assertEquals(end(rules), "1 drop");
  const jumps = ["-p tcp -m tcp --dport 22 -j pk-a", "-p tcp -m tcp --dport 23 -j pk-a"];
  assertEquals(end(rules, { jumps }), "2 accept policy");
  assertEquals(end(rules, { jumps: jumps.slice(0, 1) }), "1 drop");
  // Nothing jumps there: its service's protocol is all that is known.
  assertEquals(
    end(["-p udp -j REJECT", "-j ACCEPT"], { jumps: [], protocol: "udp" }),
    "1 reject",
  );
});
