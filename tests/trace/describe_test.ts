// An answer in words: what becomes of the packet, by which rule, and what it depends on.
import { assertEquals } from "@std/assert";
import {
  describeOutcome,
  describePlace,
  describeTrace,
  describeWay,
} from "../../src/trace/describe.ts";
import { outsider } from "../../src/trace/packet.ts";
import { readTables } from "../../src/trace/tables.ts";
import { ask, filter, NOW, type Question, told, traceTables } from "../support/trace.ts";

const NAT = (target: string) =>
  `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j ${target}\nCOMMIT\n`;

/** What the end is called, of a packet that meets these tables. */
const ended = (tables: string, question: Question = {}) =>
  describeOutcome(ask(tables, question).end, { now: NOW });

Deno.test("each verdict has its words, and names the rule or the policy", () => {
  const by = "by rule 1 of INPUT: -j ";
  assertEquals(ended(filter("-A INPUT -j ACCEPT")), `accepted ${by}ACCEPT`);
  assertEquals(ended(filter("-A INPUT -j DROP")), `dropped ${by}DROP`);
  assertEquals(ended(filter("-A INPUT -j REJECT")), `rejected ${by}REJECT`);
  assertEquals(ended(filter("-A INPUT -j NFQUEUE")), `queued to a program ${by}NFQUEUE`);
  assertEquals(ended(filter("-A INPUT -j STRANGE")), `unknown: decided ${by}STRANGE`);
  assertEquals(ended(filter("")), "accepted by the policy of INPUT");
  assertEquals(ended(filter("", "DROP")), "dropped by the policy of INPUT");
  assertEquals(
    ended(filter("", "-")),
    "unknown: decided by the policy of INPUT (the policy of INPUT is not known)",
  );
  assertEquals(ended(""), "accepted: no rule looks at it");
  assertEquals(ended("*filter\n"), "unknown: table filter is not known: it has no COMMIT");
  assertEquals(
    ended(filter(":a - [0:0]\n-A INPUT -j a\n-A a -j a")),
    "unknown: decided by rule 1 of a: -j a (the jump to a cannot be followed)",
  );
});

Deno.test("a packet that is sent elsewhere is said to be, with the port where one is known", () => {
  const to = (target: string, question: Question = {}) =>
    ended(NAT(target) + filter("-A INPUT -j ACCEPT"), {
      addresses: ["198.51.100.1"],
      ...question,
    }).replace(/ by rule .*/, "");
  assertEquals(to("DNAT --to-destination 10.0.0.8"), "redirected to 10.0.0.8:22");
  assertEquals(to("DNAT --to-destination 10.0.0.8:80"), "redirected to 10.0.0.8:80");
  assertEquals(to("DNAT --to-destination 10.0.0.8:80-90"), "redirected to 10.0.0.8");
  assertEquals(
    to("DNAT --to-destination 2001:db8::8", { family: "ipv6" }),
    "redirected to [2001:db8::8]:22",
  );
  assertEquals(to("REDIRECT --to-ports 80"), "accepted at port 80");
  assertEquals(to("REDIRECT --to-ports 80-90"), "accepted at port unknown");
  assertEquals(to("REDIRECT --to-ports 22"), "accepted");
  assertEquals(
    ended(`${NAT("REDIRECT --to-ports 80")}${filter("-A INPUT -j REJECT")}`),
    "rejected at port 80 by rule 1 of INPUT: -j REJECT",
  );
});

Deno.test("ends at two addresses are two ends, however alike they read", () => {
  const to = (first: string, second: string) => {
    const rules = `*nat\n:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m owner --uid-owner 0 -j DNAT --to-destination ${first}
-A PREROUTING -p tcp -j DNAT --to-destination ${second}\nCOMMIT\n`;
    return ask(rules, { addresses: [] }).verdict;
  };
  assertEquals(to("10.0.0.4:22", "10.0.0.42:2"), "unknown");
  assertEquals(to("10.0.0.4:22", "10.0.0.4:23"), "unknown");
  assertEquals(to("10.0.0.4:22", "10.0.0.5:22"), "unknown");
  assertEquals(to("10.0.0.4:22", "10.0.0.4:22"), "redirected");
  assertEquals(to("10.0.0.4", "10.0.0.4:22"), "redirected");
  // The same rule may let it in at two ports.
  const ports = `*nat\n:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m owner --uid-owner 0 -j REDIRECT --to-ports 80\nCOMMIT\n`;
  const trace = ask(ports + filter("-A INPUT -j ACCEPT"));
  assertEquals(trace.outcomes.map(({ translated }) => translated?.port), [undefined, 80]);
  assertEquals(trace.verdict, "unknown");
});

Deno.test("a place is named by number, chain and table, and by its iptables where there are two", () => {
  const place = { backend: "nft", table: "filter", chain: "INPUT", number: 3, text: "-j DROP" };
  const said = (more: Partial<typeof place>, backends?: boolean) =>
    describePlace({ ...place, ...more }, {
      now: NOW,
      ...(backends === undefined ? {} : { backends }),
    });
  assertEquals(said({}), "rule 3 of INPUT");
  assertEquals(said({ number: 0 }), "the policy of INPUT");
  assertEquals(said({ table: "nat" }), "rule 3 of INPUT in table nat");
  assertEquals(said({}, false), "rule 3 of INPUT");
  assertEquals(said({}, true), "rule 3 of INPUT (nft)");
  assertEquals(said({ table: "nat" }, true), "rule 3 of INPUT in table nat (nft)");
  assertEquals(said({ backend: "" }, true), "rule 3 of INPUT");
  assertEquals(
    said({ chain: "a\x1bb", table: "c\x1bd" }),
    "rule 3 of a\\u{1b}b in table c\\u{1b}d",
  );
});

Deno.test("where two iptables hold rules, each rule that is named has its own behind it", () => {
  const read = (text: string, backend: string) => readTables(text, { family: "ipv4", backend });
  const to = { family: "ipv4", protocol: "tcp", port: 22 } as const;
  const packet = outsider(to, { now: NOW, interface: "eth0" });
  const maybe = filter("-A INPUT -m owner --uid-owner 0 -j DROP");
  const trace = traceTables([read(maybe, "nft"), read(maybe, "legacy")], packet);
  const said = "unknown: depends on rule 1 of INPUT (nft) (-m owner --uid-owner 0)";
  assertEquals(describeTrace(trace, { now: NOW, backends: true }), said);
  assertEquals(
    describeTrace(trace, { now: NOW }),
    "unknown: depends on rule 1 of INPUT (-m owner --uid-owner 0)",
  );
  const shut = traceTables([read(filter(""), "nft"), read(filter("", "DROP"), "legacy")], packet);
  assertEquals(
    describeTrace(shut, { now: NOW, backends: true }),
    "dropped by the policy of INPUT (legacy)",
  );
});

Deno.test("all that a rule depends on is named, and what is long is counted", () => {
  const rules = filter(
    "-A INPUT -m owner --uid-owner 0 -m length --length 1 -p tcp -i eth1 -j DROP\n-A INPUT -j ACCEPT",
  );
  assertEquals(
    told(rules, { interface: null }),
    "unknown: depends on rule 1 of INPUT (-i eth1, -m owner --uid-owner 0, -m length --length 1)",
  );
});

Deno.test("an option without its match is named as it is written", () => {
  const said = (words: string) => told(filter(`-A INPUT ${words} -j DROP`));
  assertEquals(said("--whatever"), "unknown: depends on rule 1 of INPUT (--whatever)");
  assertEquals(
    said("! --what ever it is"),
    "unknown: depends on rule 1 of INPUT (! --what ever it is)",
  );
  assertEquals(
    said("-p tcp -m own --what ! --ever 5"),
    "unknown: depends on rule 1 of INPUT (-m own --what ! --ever 5)",
  );
  assertEquals(said("! -o eth0"), "unknown: depends on rule 1 of INPUT (! -o eth0)");
});

Deno.test("a door is told from other rules of a service, and the time that it has left", () => {
  const by = (rule: string, chain = "pk-ssh") =>
    told(filter(`:${chain} - [0:0]\n-A INPUT -j ${chain}\n-A ${chain} ${rule}`, "DROP"), {
      from: "203.0.113.9",
    }).replace(/^(accepted|dropped) by rule 1 of \S+: /, "");
  const until = (stop: string) =>
    by(`-s 203.0.113.9/32 -m time --datestop 2027-01-15T${stop} -j ACCEPT`);
  assertEquals(by("-s 203.0.113.9/32 -j ACCEPT"), "door");
  assertEquals(by("-s 203.0.113.9/32 -j ACCEPT", "pk.ssh"), "door");
  assertEquals(until("08:00:00"), "door, 1s left");
  assertEquals(until("08:00:01"), "door, 2s left");
  assertEquals(until("09:00:59"), "door, 1h1m left");
  const other = ["-s 203.0.113.9/32 -j DROP", "-p tcp -j ACCEPT", "-j ACCEPT"];
  for (const rule of other) assertEquals(by(rule), rule);
  for (const chain of ["own", "pkssh", "my-pk-ssh", "pk"]) {
    assertEquals(by("-s 203.0.113.9/32 -j ACCEPT", chain), "-s 203.0.113.9/32 -j ACCEPT", chain);
  }
});

Deno.test("the way names each rule that sent or changed the packet, but not the one that decides", () => {
  const tables = `*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p udp -j MARK --set-mark 9
-A PREROUTING -j MARK --set-mark 1
COMMIT
${NAT("REDIRECT --to-ports 80")}${
    filter(`
:a - [0:0]
:b - [0:0]
-A INPUT -j LOG
-A INPUT -j a
-A a -p udp -j DROP
-A a -g b
-A b -j RETURN
-A INPUT -m owner --uid-owner 0 -j DROP
-A INPUT -j ACCEPT`)
  }`;
  const way = (text: string) => describeWay(ask(text), { now: NOW });
  const ahead = [
    "rule 2 of PREROUTING in table mangle: -j MARK --set-mark 1",
    "rule 1 of PREROUTING in table nat: -p tcp -j REDIRECT --to-ports 80",
    "rule 2 of INPUT: -j a",
    "rule 2 of a: -g b",
    "rule 1 of b: -j RETURN",
  ];
  assertEquals(way(tables), ahead);
  assertEquals(ended(tables), "accepted at port 80 by rule 4 of INPUT: -j ACCEPT");
  assertEquals(way(filter("-A INPUT -j DROP")), []);
  assertEquals(way(filter("")), []);
});
