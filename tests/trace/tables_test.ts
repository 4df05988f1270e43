import { assertEquals } from "@std/assert";
import { readTables } from "../../src/trace/tables.ts";
import { ask, filter, told } from "../support/trace.ts";

Deno.test("counters, ahead of a rule or within it, are no part of it", () => {
  const table = `*filter\n:INPUT DROP [12:3456]
[7:420] -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 80 -c 5 300 -j ACCEPT\nCOMMIT\n`;
  assertEquals(told(table), "accepted by rule 1 of INPUT: -p tcp -m tcp --dport 22 -j ACCEPT");
  assertEquals(ask(table, { port: 80 }).verdict, "accepted");
});

Deno.test("a quote in a name that is printed unquoted costs that rule at the most", () => {
  const table = filter(
    `
:a"b - [0:0]
-A INPUT -i et"h1 -j DROP
-A INPUT -m recent --rcheck --name "x --rsource -m comment --comment "a b" -j DROP
-A INPUT -p tcp -m tcp --dport 80 -j a"b
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A a"b -m comment --comment "it's \\"here\\"" -j ACCEPT`,
    "DROP",
  );
  assertEquals(ask(table).verdict, "unknown");
  assertEquals(ask(table).depends.map(({ place }) => place?.number), [1]);
  assertEquals(ask(table, { port: 80 }).outcomes.map(({ by }) => by?.chain), ["INPUT", 'a"b']);
});

Deno.test("a comment with a line feed in it makes its rule, and what follows, no verdict", () => {
  const table = filter('-A INPUT -m comment --comment "a\n-A INPUT -j ACCEPT" -j DROP');
  assertEquals(ask(table).verdict, "unknown");
});

Deno.test("a table that iptables cannot show may do anything", () => {
  const table = "# Table `filter' is incompatible, use 'nft' tool.\n";
  assertEquals(
    told(table),
    "unknown: depends on table filter is not known: iptables cannot show it: it was made by nft",
  );
});

Deno.test("a table without COMMIT, or with lines that are none of it, is not known", () => {
  assertEquals(ask("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\n").verdict, "unknown");
  assertEquals(
    ask("*filter\n:INPUT ACCEPT [0:0]\nsegmentation fault\nCOMMIT\n").verdict,
    "unknown",
  );
  assertEquals(ask("segmentation fault\n").verdict, "unknown");
});

Deno.test("a policy that is not stated is not known", () => {
  const table = "*filter\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n";
  assertEquals(ask(table).verdict, "accepted");
  assertEquals(ask(table, { port: 80 }).verdict, "unknown");
});

Deno.test("escape sequences in names do not reach the terminal", () => {
  const table = filter(":\u001b[31m - [0:0]\n-A INPUT -j \u001b[31m\n-A \u001b[31m -j DROP");
  assertEquals(told(table), "dropped by rule 1 of \\u{1b}[31m: -j DROP");
});

Deno.test("rules are numbered from one in each chain", () => {
  const { tables } = readTables(filter(":a - [0:0]\n-A INPUT -j a\n-A a -j DROP"), {
    family: "ipv4",
  });
  const chains = [...tables.get("filter")!.chains.values()];
  assertEquals(chains.map(({ name, length }) => `${name} ${length}`), ["INPUT 1", "a 1"]);
});
