import { assertEquals } from "@std/assert";
import { findEnd, shapeOf, targetOf } from "../../src/firewall/chain_end.ts";
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

Deno.test("a jump to a removed chain is no end, and what follows it may be", () => {
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

/** The end of a chain to which these rules of INPUT jump. */
function endBehind(jumps: readonly string[], rules: readonly string[], chain = "pk-a"): string {
  const lines = [
    ...jumps.map((jump) => `-A INPUT ${jump}`),
    ...rules.map((rule) => `-A ${chain} ${rule}`),
  ];
  const heads = ["INPUT", "FORWARD", "OUTPUT", "pk-a"].map((name) =>
    `:${name} ${name === "pk-a" ? "-" : "ACCEPT"} [0:0]`
  );
  const table = readFilterTable(["*filter", ...heads, ...lines, "COMMIT", ""].join("\n"), "ipv4");
  const found = findEnd(table, chain);
  return found === null ? "none" : `${found.at + 1} ${found.verdict}`;
}

Deno.test("what a jump asks of the packet alone holds behind it, and nothing else does", () => {
  const lasting = [
    ...["-p tcp", "-i eth0", "-s 10.0.0.1/32", "-d 10.0.0.2/32", "! -s 10.0.0.1/32"],
    ...["-p tcp -m tcp --dport 22", "-p tcp -m tcp --sport 22", "-p tcp -m multiport --dports 1,2"],
    ...["-p tcp -m multiport --sports 1,2", "-p tcp -m tcp ! --dport 22"],
    "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
  ];
  for (const match of lasting) {
    assertEquals(
      endBehind([`${match} -j pk-a`], [`${match} -j DROP`, "-j ACCEPT"]),
      "1 drop",
      match,
    );
    assertEquals(endBehind([`-o x ${match} -j pk-a`], [`${match} -j DROP`, "-j ACCEPT"]), "1 drop");
    // Not asked, negated, or not by every jump.
    const rules = [`${match} -j DROP`, "-j ACCEPT"];
    assertEquals(endBehind(["-i wan -j pk-a"], rules), "2 accept", match);
    assertEquals(endBehind([`${match} -j pk-a`, "-i wan -j pk-a"], rules), "2 accept", match);
    const other = match.includes("! ") ? match.replace("! ", "") : `! ${match}`;
    assertEquals(endBehind([`${other} -j pk-a`], rules), "2 accept", match);
  }
  const passing = [
    "-m limit --limit 1/sec",
    "-p tcp -m tcp --x-p 1",
    "-m recent --rcheck --name x",
    "-m x -f",
  ];
  for (const match of passing) {
    const rules = [`${match} -j DROP`, "-j ACCEPT"];
    assertEquals(endBehind([`${match} -j pk-a`], rules), "2 accept", match);
  }
  // Nor is it known of a chain that is not shown what it does.
  assertEquals(endBehind([], ["-g missing", "-j missing", "-j DROP"]), "3 drop");
  // A door is no end, even for those who alone come there.
  const door = ["-s 10.0.0.1/32 -j ACCEPT", "-j DROP"];
  assertEquals(endBehind(["-s 10.0.0.1/32 -p tcp -j pk-a"], door), "2 drop");
});

Deno.test("a module without an option asks nothing, if it is one that has no default", () => {
  for (const name of ["tcp", "udp", "comment", "multiport", "conntrack", "state"]) {
    assertEquals(
      endBehind(["-p tcp -j pk-a"], [`-p tcp -m ${name} -j DROP`, "-j ACCEPT"]),
      "1 drop",
    );
  }
  for (const name of ["limit", "time", "recent", "set"]) {
    assertEquals(
      endBehind(["-p tcp -j pk-a"], [`-p tcp -m ${name} -j DROP`, "-j ACCEPT"]),
      "2 accept",
    );
  }
  assertEquals(endBehind(["-j pk-a"], ['-m comment --comment "-i eth0" -g INPUT']), "1 elsewhere");
});

Deno.test("to the chains of the kernel come packets of every kind, to others those of their jumps", () => {
  for (const chain of ["INPUT", "FORWARD", "OUTPUT"]) {
    assertEquals(endBehind([], ["-p tcp -j DROP", "-j QUEUE"], chain), "2 queue", chain);
  }
  // Where nothing leads, a protocol is taken for that of the service, and nothing else is.
  assertEquals(endBehind([], ["-p tcp -j DROP", "-j ACCEPT"]), "1 drop");
  assertEquals(endBehind([], ["-p udp -j DROP", "-j ACCEPT"]), "1 drop");
  for (const match of ["! -p tcp", "-p icmp", "-p tcp -i eth0", "-p udplite", "-i eth0"]) {
    assertEquals(endBehind([], [`${match} -j DROP`, "-j ACCEPT"]), "2 accept", match);
  }
});

Deno.test("a reset ends a chain of TCP, and none of anything else", () => {
  const reset = ["-p tcp -j REJECT --reject-with tcp-reset", "-j DROP"];
  assertEquals(endBehind(["-p tcp -m tcp --dport 22 -j pk-a"], reset), "1 reject");
  assertEquals(endBehind(["-p udp -m udp --dport 22 -j pk-a"], reset), "2 drop");
  assertEquals(endBehind(["-p tcp -j pk-a", "-p udp -j pk-a"], reset), "2 drop");
  assertEquals(endBehind(["-i eth0 -j pk-a"], reset), "2 drop");
  assertEquals(endBehind([], reset), "1 reject");
  // What its service will be counts as well.
  assertEquals(end(reset, { jumps: [], protocol: "udp" }), "1 reject policy");
  assertEquals(end(reset, { jumps: ["-i eth0 -j pk-a"], protocol: "tcp" }), "1 reject policy");
  assertEquals(end(reset, { jumps: ["-i eth0 -j pk-a"], protocol: "udp" }), "2 drop policy");
  assertEquals(end(reset, { jumps: ["-i eth0 -j pk-a"] }), "2 drop policy");
});

Deno.test("a rule whose text hides what it matches is no end, nor does it keep packets in a chain", () => {
  const printed = [
    "*filter\n:INPUT ACCEPT [0:0]\n:pk-a - [0:0]\n:b - [0:0]\n-A INPUT -j pk-a",
    "-A pk-a -j b\n-A pk-a -j TARPIT\n-A pk-a -j DROP\n-A b -i eth0 -j ACCEPT\n-A b -j DROP\nCOMMIT\n",
  ].join("\n");
  const ends = (chain: string, places: readonly number[]) => {
    const table = readFilterTable(printed, "ipv4");
    table.markNative(chain, places);
    return table.endOf("pk-a")?.at ?? null;
  };
  assertEquals(ends("b", []), 0);
  assertEquals(ends("b", [0]), 1); // by it a packet may leave b
  assertEquals(ends("b", [1]), 1);
  assertEquals(ends("pk-a", [0]), 1);
  assertEquals(ends("pk-a", [0, 1]), 2);
  assertEquals(ends("pk-a", [0, 1, 2]), null);
});

Deno.test("a rule is taken apart, whatever its options mean", () => {
  const cases: readonly (readonly [text: string, ...shape: readonly unknown[]])[] = [
    ["", [], null, false],
    ["-p tcp", ["-p tcp"], null, false],
    ["-j DROP", [], "DROP", false],
    ["-g b", [], "b", true],
    ["-p tcp -j", ["-p tcp"], "", false],
    ["-p tcp -m tcp --dport 22 --syn -j b", ["-p tcp", "--dport 22", "--syn"], "b", false],
    ["! -s 10.0.0.1/32 -i eth0 -j b", ["! -s 10.0.0.1/32", "-i eth0"], "b", false],
    ["-p tcp -m tcp ! --dport 22 -j b", ["-p tcp", "! --dport 22"], "b", false],
    ["-m set ! --match-set x src,dst -j b", ["-m set", "! --match-set x src,dst"], "b", false],
    ["-m limit --limit 1/sec -j LOG --log-prefix x", ["-m limit", "--limit 1/sec"], "LOG", false],
    ['-m comment --comment "-j x ! y" -i lo -j b', ["-i lo"], "b", false],
    ["-m comment -j b", [], "b", false],
    ["-m geoip -j b", ["-m geoip"], "b", false],
    ["-m", ["-m"], null, false],
    ["x -j b", [" x"], "b", false],
    ["! -j b", [], "b", false],
  ];
  for (const [text, matches, target, isGoto] of cases) {
    assertEquals<unknown>(shapeOf(text), { matches, target, isGoto }, text);
  }
  assertEquals(shapeOf('-m comment --comment "x -j b'), null);
});

Deno.test("the target of a rule is found behind what it matches, with or without options of its own", () => {
  const cases: readonly (readonly [text: string, target: string | null])[] = [
    ["-j DROP", "DROP"],
    ["-p tcp -g b", "b"],
    ["-p tcp -j LOG --log-prefix x --log-level 4", "LOG"],
    ["-j REJECT --reject-with tcp-reset", "REJECT"],
    ["", null],
    ["-p tcp", null],
    ["-j", null],
    ["-j  --x", null],
    ["-p tcp -x DROP", null],
    ["--name x-j b", null],
    ['-m comment --comment "a -j b" -p tcp', null],
    ['-m comment --comment "a -j b" -p tcp -j c', "c"],
  ];
  for (const [text, target] of cases) assertEquals(targetOf(text), target, text);
});

Deno.test("the end of a chain is looked for through 64 chains that jump on, and no further", () => {
  // iptables-legacy takes any number of them.
  const endBehind = (count: number) => {
    const names = Array.from({ length: count }, (_, at) => `c${at}`);
    const rules = names.map((name, at) => `-A ${name} -j ${names[at + 1] ?? "DROP"}`);
    const heads = names.map((name) => `:${name} - [0:0]\n`).join("");
    const save = `*filter\n:INPUT ACCEPT [0:0]\n${heads}${rules.join("\n")}\nCOMMIT\n`;
    return readFilterTable(save, "ipv4").endOf("c0")?.verdict ?? null;
  };
  assertEquals([endBehind(64), endBehind(65)], ["drop", null]);
});
