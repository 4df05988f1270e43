import { assertEquals } from "@std/assert";
import { readTables } from "../../src/trace/tables.ts";
import { decidersOf } from "../../src/trace/deciders.ts";
import { filter, NOW } from "../support/trace.ts";

/** `NUMBER CERTAINTY` of the first decider, and the numbers of those ahead that may decide. */
function first(
  rules: string,
  { port = 22, on = "eth0" as string | null, nft = null as string | null } = {},
): string {
  const ruleset = readTables(rules, { family: "ipv4" });
  const options = { now: NOW, interface: on, addresses: [], nft };
  const { first, unknown, elsewhere } = decidersOf(ruleset, { protocol: "tcp", port }, options);
  const found = first === null ? "nobody" : `${first.number} ${first.certainty}`;
  const maybe = unknown.length === 0 ? "" : `, perhaps ${unknown.map(({ number }) => number)}`;
  return `${found}${maybe}${elsewhere.length === 0 ? "" : `, elsewhere: ${elsewhere[0]?.verdict}`}`;
}

Deno.test("an ACCEPT of the port decides ahead of everything behind it", () => {
  const rules = filter(`
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -j DROP`);
  assertEquals(first(rules), "3 surely");
  assertEquals(first(rules, { port: 80 }), "4 surely");
});

Deno.test("rules for some sources, other interfaces and other ports decide over no outsider", () => {
  const rules = filter(`
-A INPUT -s 203.0.113.0/24 -j ACCEPT
-A INPUT -i br-lan -j ACCEPT
-A INPUT -m set --match-set bans src -j DROP
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT`);
  assertEquals(first(rules), "5 surely");
});

Deno.test("a jump decides where its chain does", () => {
  const rules = filter(`
:ufw-before - [0:0]
:ufw-user - [0:0]
:f2b-sshd - [0:0]
-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
-A INPUT -j ufw-before
-A f2b-sshd -s 203.0.113.9/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b-sshd -j RETURN
-A ufw-before -j ufw-user
-A ufw-user -p tcp -m tcp --dport 22 -j ACCEPT`);
  assertEquals(first(rules), "2 surely");
});

Deno.test("a rate lets some through, and so decides for some", () => {
  const rules = filter(`
-A INPUT -p tcp -m tcp --dport 22 -m limit --limit 3/min -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j DROP`);
  assertEquals(first(rules), "1 for some");
});

Deno.test("other unknown rules are reported, and do not count as the decider", () => {
  const rules = filter(`
-A INPUT -m string --string a --algo bm -j ACCEPT
-A INPUT -m set --match-set ports dst -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j DROP`);
  assertEquals(first(rules), "3 surely, perhaps 1,2");
});

Deno.test("an unknown rule that does what comes behind it decides no more surely for that", () => {
  const unknown = "-p tcp -m set --match-set ports dst";
  assertEquals(first(filter(`-A INPUT ${unknown} -j ACCEPT`)), "2 surely, perhaps 1");
  const again = `-A INPUT -i lo -j ACCEPT\n-A INPUT ${unknown} -j DROP\n-A INPUT -j DROP`;
  assertEquals(first(filter(again)), "3 surely, perhaps 2");
  assertEquals(first(filter("-A INPUT -p tcp -m limit --limit 3/min -j ACCEPT")), "1 for some");
});

Deno.test("an interface that is not known leaves open who decides", () => {
  const rules = filter("-A INPUT -i eth1 -j ACCEPT\n-A INPUT -j DROP");
  assertEquals(first(rules, { on: null }), "2 surely, perhaps 1");
  assertEquals(first(rules, { on: "eth1" }), "1 surely");
});

Deno.test("a packet that is decided ahead of INPUT has no decider there", () => {
  const rules = `*nat\n:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 22 -j DNAT --to-destination 10.0.0.2:22\nCOMMIT
${filter("-A INPUT -j DROP")}`;
  assertEquals(first(rules), "nobody, elsewhere: redirected");
});

Deno.test("nft's view of iptables' own table counts, and what its other tables drop", () => {
  const rule = (table: string, ...expr: unknown[]) => ({
    rule: { family: table === "fw" ? "inet" : "ip", table, chain: "INPUT", expr },
  });
  const chain = (family: string, table: string) => ({
    chain: {
      family,
      table,
      name: "INPUT",
      type: "filter",
      hook: "input",
      prio: 5,
      policy: "accept",
    },
  });
  const port = { payload: { protocol: "tcp", field: "dport" } };
  const source = { payload: { protocol: "ip", field: "saddr" } };
  const nft = JSON.stringify({
    nftables: [
      { table: { family: "ip", name: "filter" } },
      chain("ip", "filter"),
      rule("filter", { match: { op: "==", left: source, right: "@friends" } }, { accept: null }),
      rule("filter", { match: { op: "==", left: port, right: 22 } }, { drop: null }),
      { table: { family: "inet", name: "fw" } },
      chain("inet", "fw"),
      rule("fw", { match: { op: "==", left: port, right: 23 } }, { drop: null }),
    ],
  });
  const rules = filter("-A INPUT -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j DROP");
  assertEquals(first(rules), "1 surely");
  assertEquals(first(rules, { nft }), "2 surely");
  assertEquals(first(rules, { nft, port: 23 }), "nobody, elsewhere: dropped");
  assertEquals(first(rules, { nft, port: 24 }), "3 surely");
});

Deno.test("what needs both a rate and an unknown match does not decide certainly", () => {
  const rules = (match: string) => filter(`-A INPUT ${match} -j ACCEPT\n-A INPUT -j DROP`);
  assertEquals(first(rules("-m limit --limit 5/min")), "1 for some");
  assertEquals(
    first(rules("-m limit --limit 5/min -m hashlimit --hashlimit-name x")),
    "1 for some",
  );
  assertEquals(first(rules("-m owner --uid-owner 0")), "2 surely, perhaps 1");
  for (
    const both of [
      "-m limit --limit 5/min -m owner --uid-owner 0",
      "-m owner --uid-owner 0 -m limit --limit 5/min",
    ]
  ) assertEquals(first(rules(both)), "2 surely, perhaps 1", both);
});

Deno.test("each decider has its words, what may become of the packet, and what it depends on", () => {
  const rules = filter(
    `
:a - [0:0]
-A INPUT -m owner --uid-owner 0 -m length --length 1 -j ACCEPT
-A INPUT -p tcp -j a
-A INPUT -m limit --limit 3/min -j REJECT
-A a -m string --string x --algo bm -j DROP`,
    "DROP",
  );
  const options = { now: NOW, interface: "eth0" };
  const ruleset = readTables(rules, { family: "ipv4" });
  const { first, unknown, elsewhere } = decidersOf(ruleset, { protocol: "tcp", port: 22 }, options);
  const shown = [first, ...unknown].map((one) => ({
    ...one,
    outcomes: one?.outcomes.map(({ verdict, top }) => `${verdict} ${top}`),
    depends: one?.depends.map(({ place, on }) => `${place?.chain} ${place?.number}: ${on}`),
  }));
  assertEquals(shown, [
    {
      number: 3,
      text: "-m limit --limit 3/min -j REJECT",
      certainty: "for some",
      outcomes: ["rejected 3"],
      depends: ["INPUT 3: -m limit --limit 3/min"],
    },
    {
      number: 1,
      text: "-m owner --uid-owner 0 -m length --length 1 -j ACCEPT",
      certainty: "unknown",
      outcomes: ["accepted 1"],
      depends: ["INPUT 1: -m owner --uid-owner 0,-m length --length 1"],
    },
    {
      number: 2,
      text: "-p tcp -j a",
      certainty: "unknown",
      outcomes: ["dropped 2"],
      depends: ["a 1: -m string --string x --algo bm"],
    },
  ]);
  assertEquals(elsewhere, []);
  // Behind the last one nothing comes, whatever becomes of the packet there.
  const either = filter(
    ":a - [0:0]\n-A INPUT -j a\n-A a -m owner --uid-owner 0 -j ACCEPT\n-A a -j DROP",
  );
  const last = decidersOf(
    readTables(either, { family: "ipv4" }),
    { protocol: "tcp", port: 22 },
    options,
  );
  assertEquals([last.first?.certainty, last.first?.outcomes.length, last.first?.depends], [
    "surely",
    2,
    [],
  ]);
  const policy = decidersOf(readTables(filter(""), { family: "ipv4" }), {
    protocol: "tcp",
    port: 22,
  }, options).first;
  assertEquals([policy?.number, policy?.text, policy?.certainty], [1, "policy", "surely"]);
});

Deno.test("a rule that may do anything decides nothing surely", () => {
  assertEquals(first(filter("-A INPUT -p tcp -j STRANGE")), "nobody, perhaps 1");
  assertEquals(first(filter("-A INPUT -p udp -j STRANGE")), "2 surely");
  assertEquals(
    first(filter("-A INPUT -m limit --limit 3/min -j STRANGE\n-A INPUT -j DROP")),
    "2 surely, perhaps 1",
  );
  assertEquals(first(filter("", "-")), "nobody, perhaps 1");
});

Deno.test("deciders are in the order of the rules, also from the ninth to the tenth", () => {
  const rules = (count: number) =>
    filter(
      Array.from({ length: count }, (_, at) => `-A INPUT -m owner --uid-owner ${at} -j ACCEPT`)
        .join("\n"),
      "DROP",
    );
  assertEquals(first(rules(3)), "4 surely, perhaps 1,2,3");
  const jumps = filter(
    `:a - [0:0]
-A INPUT -m owner --uid-owner 0 -j a
-A INPUT -m owner --uid-owner 1 -j a
-A a -j ACCEPT`,
    "DROP",
  );
  assertEquals(first(jumps), "3 surely, perhaps 1,2");
  assertEquals(first(rules(11)), "12 surely, perhaps 1,2,3,4,5,6,7,8,9,10,11");
});

Deno.test("a decider of someone who is known is asked with his address", () => {
  const ruleset = readTables(
    filter("-A INPUT -s 203.0.113.9/32 -j ACCEPT\n-A INPUT -j DROP"),
    { family: "ipv4" },
  );
  const number = (source?: string) =>
    decidersOf(ruleset, { protocol: "tcp", port: 22 }, {
      now: NOW,
      ...(source === undefined ? {} : { source }),
    }).first?.number;
  assertEquals([number("203.0.113.9"), number("203.0.113.8"), number()], [1, 2, 2]);
  // An address of the other family, or none, counts as anyone.
  assertEquals([number("2001:db8::9"), number("nobody")], [2, 2]);
});

Deno.test("where a table without rules for filter INPUT decides, no decider is there", () => {
  const raw = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j DROP\nCOMMIT\n";
  assertEquals(first(raw), "nobody, elsewhere: dropped");
  assertEquals(first(""), "nobody, elsewhere: accepted");
  const behind = "*security\n:INPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT\n";
  assertEquals(first(filter("-A INPUT -j ACCEPT") + behind), "nobody, elsewhere: dropped");
});
