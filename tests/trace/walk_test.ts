import { assert, assertEquals } from "@std/assert";
import { readTables } from "../../src/trace/tables.ts";
import { packetFrom } from "../../src/trace/packet.ts";
import { ask, filter, NOW, told, traceTables } from "../support/trace.ts";

Deno.test("the first rule that holds decides, and names its number and words", () => {
  const rules = filter(`
-A INPUT -p udp -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j DROP
-A INPUT -j ACCEPT`);
  assertEquals(told(rules), "dropped by rule 2 of INPUT: -p tcp -m tcp --dport 22 -j DROP");
  assertEquals(told(rules, { port: 80 }), "accepted by rule 3 of INPUT: -j ACCEPT");
});

Deno.test("where no rule decides, the policy does", () => {
  assertEquals(told(filter("", "DROP")), "dropped by the policy of INPUT");
  assertEquals(told(filter("")), "accepted by the policy of INPUT");
  assertEquals(told(""), "accepted: no rule looks at it");
});

Deno.test("a door shows how long it is open", () => {
  const rules = filter(`
:pk-ssh - [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh
-A pk-ssh -s 203.0.113.9/32 -m time --datestop 2027-01-15T15:59:00 -j ACCEPT
-A pk-ssh -s 203.0.113.10/32 -j ACCEPT
-A pk-ssh -j DROP`);
  const from = (address: string) => told(rules, { from: address });
  assertEquals(from("203.0.113.9"), "accepted by rule 1 of pk-ssh: door, 7h59m left");
  assertEquals(from("203.0.113.10"), "accepted by rule 2 of pk-ssh: door");
  assertEquals(told(rules), "dropped by rule 3 of pk-ssh: -j DROP");
});

Deno.test("a chain that ends, and RETURN, go back behind the jump", () => {
  const rules = filter(`
:a - [0:0]
:b - [0:0]
-A INPUT -j a
-A INPUT -j DROP
-A a -j b
-A a -p tcp -m tcp --dport 22 -j RETURN
-A a -j ACCEPT
-A b -p udp -j ACCEPT`);
  assertEquals(told(rules), "dropped by rule 2 of INPUT: -j DROP");
  assertEquals(told(rules, { port: 80 }), "accepted by rule 3 of a: -j ACCEPT");
});

Deno.test("goto does not return: the previous chain continues, or the policy decides", () => {
  const rules = filter(
    `
:a - [0:0]
:b - [0:0]
-A INPUT -p tcp -m tcp --dport 80 -g b
-A INPUT -j a
-A INPUT -j REJECT --reject-with icmp-port-unreachable
-A a -g b
-A a -j ACCEPT
-A b -p udp -j ACCEPT`,
    "DROP",
  );
  assertEquals(told(rules, { port: 80 }), "dropped by the policy of INPUT");
  assertEquals(
    told(rules),
    "rejected by rule 3 of INPUT: -j REJECT --reject-with icmp-port-unreachable",
  );
});

Deno.test("targets that only count or log do not decide", () => {
  const rules = filter(`
-A INPUT -j LOG --log-prefix "-j ACCEPT " --log-level 7
-A INPUT -j NFLOG --nflog-group 5
-A INPUT -m recent --set --name x
-A INPUT -m limit --limit 5/min -j LOG
-A INPUT -j TCPMSS --set-mss 1200
-A INPUT
-A INPUT -j DROP`);
  assertEquals(told(rules), "dropped by rule 7 of INPUT: -j DROP");
});

Deno.test("an unknown match that makes no difference leaves one verdict", () => {
  const rules = filter(`
-A INPUT -m string --string a --algo bm -j DROP
-A INPUT -j DROP`);
  assertEquals(ask(rules).verdict, "dropped");
  assertEquals(ask(rules).outcomes.length, 2);
  assert(!ask(rules).sure);
});

Deno.test("an unknown match that makes one is named, with its rule", () => {
  const rules = filter(`
-A INPUT -m string --string a --algo bm -j LOG
-A INPUT -m set --match-set trusted src -j ACCEPT
-A INPUT -j DROP`);
  assertEquals(
    told(rules, { from: "203.0.113.9" }),
    "unknown: depends on rule 2 of INPUT (-m set --match-set trusted src)",
  );
  assertEquals(told(rules), "dropped by rule 3 of INPUT: -j DROP");
});

Deno.test("the same unknown match is the same a second time, negated or not", () => {
  const rules = filter(`
-A INPUT -m set --match-set a src -j MARK --set-xmark 0x1/0xffffffff
-A INPUT -m set --match-set b src -j RETURN
-A INPUT -m set ! --match-set b src -j ACCEPT
-A INPUT -j DROP`);
  const trace = ask(rules, { from: "203.0.113.9" });
  assertEquals(trace.verdict, "accepted");
  assertEquals(trace.outcomes.map(({ by }) => by?.number), [0, 3]);
});

Deno.test("a rate may answer otherwise a second time", () => {
  const rules = filter(`
-A INPUT -m limit --limit 5/min -j RETURN
-A INPUT -m limit --limit 5/min -j DROP
-A INPUT -j ACCEPT`);
  assertEquals(ask(rules).verdict, "unknown");
  assertEquals(ask(rules).depends.map(({ place }) => place?.number), [1, 2]);
});

Deno.test("an interface assumed to have one name has no other", () => {
  const rules = filter(`
:wan - [0:0]
:lan - [0:0]
-A INPUT -i eth0 -j wan
-A INPUT -i eth1 -j ACCEPT
-A INPUT -j DROP
-A wan -i eth1 -j ACCEPT
-A wan -j DROP`);
  const trace = ask(rules, { interface: null });
  assertEquals(trace.verdict, "unknown");
  assertEquals(
    trace.outcomes.map(({ verdict, by }) => `${verdict} ${by?.chain} ${by?.number}`).sort(),
    ["accepted INPUT 2", "dropped INPUT 3", "dropped wan 2"],
  );
});

Deno.test("a list that a rule on the way writes to is known from there on", () => {
  const guard = (hits: number) =>
    filter(`
-A INPUT -p tcp -m tcp --dport 22 -m recent --set --name ssh --rsource
-A INPUT -p tcp -m tcp --dport 22 -m recent --update --seconds 60 --hitcount ${hits} --name ssh --rsource -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT`);
  assertEquals(ask(guard(4)).verdict, "accepted");
  assertEquals(ask(guard(1)).verdict, "dropped");
  assertEquals(ask(guard(1), { from: "203.0.113.9" }).verdict, "dropped");
  assertEquals(ask(guard(4), { from: "203.0.113.9" }).verdict, "unknown");
});

Deno.test("a set that a rule on the way may have filled is unknown from there on", () => {
  const rules = filter(`
-A INPUT -p tcp -j SET --add-set scanners src
-A INPUT -m set --match-set scanners src -j DROP
-A INPUT -j ACCEPT`);
  assertEquals(ask(rules).verdict, "unknown");
});

Deno.test("each set that a rule on the way may have filled is unknown, and no other", () => {
  const verdict = (set: string) =>
    ask(filter(`
-A INPUT -j SET --add-set a src
-A INPUT -j SET --add-set b src
-A INPUT -j SET --del-set c src
-A INPUT -m set --match-set ${set} src -j DROP`)).verdict;
  assertEquals(["a", "b", "c", "d"].map(verdict), [
    ...["unknown", "unknown", "accepted", "accepted"],
  ]);
});

Deno.test("marks that rules set are matched by later ones, and by rules of later tables", () => {
  const rules = `*mangle
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --dport 22 -j MARK --set-xmark 0x10/0xf0
-A PREROUTING -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff
COMMIT
${filter("-A INPUT -m mark --mark 0x10/0xf0 -m connmark --mark 0x10 -j DROP")}`;
  assertEquals(ask(rules).verdict, "dropped");
  assertEquals(ask(rules, { port: 80 }).verdict, "accepted");
});

Deno.test("every table has to let a packet through", () => {
  const table = (name: string, chain: string) =>
    `*${name}\n:${chain} ACCEPT [0:0]\n-A ${chain} -p tcp -m tcp --dport 22 -j DROP\nCOMMIT\n`;
  const rules = filter("-A INPUT -j ACCEPT");
  for (
    const [name, chain] of [
      ["raw", "PREROUTING"],
      ["mangle", "PREROUTING"],
      ["mangle", "INPUT"],
      ["security", "INPUT"],
    ] as const
  ) {
    assertEquals(
      told(table(name, chain) + rules),
      `dropped by rule 1 of ${chain} in table ${name}: -p tcp -m tcp --dport 22 -j DROP`,
    );
  }
});

Deno.test("ACCEPT ends the table, not the way", () => {
  const rules = `*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j ACCEPT\nCOMMIT
${filter("-A INPUT -j DROP")}`;
  assertEquals(told(rules), "dropped by rule 1 of INPUT: -j DROP");
});

Deno.test("a target that is not known may do anything", () => {
  const rules = filter("-A INPUT -p tcp -j CHAOS --tarpit\n-A INPUT -j DROP");
  assertEquals(told(rules), "unknown: depends on rule 1 of INPUT (-p tcp -j CHAOS --tarpit)");
  assertEquals(ask(rules, { protocol: "udp" }).verdict, "dropped");
});

Deno.test("a queue leaves the verdict to a program, and TARPIT lets no one in", () => {
  assertEquals(ask(filter("-A INPUT -j NFQUEUE --queue-num 1 --queue-bypass")).verdict, "queued");
  assertEquals(ask(filter("-A INPUT -p tcp -j TARPIT")).verdict, "dropped");
});

Deno.test("more ways than can be followed end in unknown", () => {
  const sets = Array.from(
    { length: 100 },
    (_, at) => `-A INPUT -m set --match-set s${at} dst -j MARK --set-xmark 0x${at}/0xffffffff`,
  );
  const trace = ask(filter(`${sets.join("\n")}\n-A INPUT -j DROP`));
  assertEquals(trace.verdict, "unknown");
  assert(trace.depends.some(({ on }) => on.includes("more than 64 ways to follow")));
});

Deno.test("a thousand unknown bans ahead of a DROP are one verdict", () => {
  const bans = Array.from(
    { length: 1000 },
    (_, at) => `-A INPUT -m set --match-set ban${at} src -j DROP`,
  );
  const rules = filter(`${bans.join("\n")}\n-A INPUT -j DROP`);
  assertEquals(ask(rules, { from: "203.0.113.9" }).verdict, "dropped");
});

Deno.test("chains that jump in a cycle end, whatever they do", () => {
  const rules = filter(":a - [0:0]\n-A INPUT -j a\n-A a -j a");
  assertEquals(ask(rules).verdict, "unknown");
  const gotos = filter(":a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -g b\n-A b -g a");
  assertEquals(ask(gotos).verdict, "unknown");
});

Deno.test("where both iptables hold rules, both have to let a packet through", () => {
  const packet = packetFrom({ family: "ipv4", protocol: "tcp", port: 22 }, "203.0.113.9", {
    now: NOW,
    interface: "eth0",
  });
  assert(packet !== null);
  const read = (text: string, backend: string) => readTables(text, { family: "ipv4", backend });
  const open = read(filter("-A INPUT -j ACCEPT"), "nft");
  const shut = read(filter("-A INPUT -j DROP"), "legacy");
  for (const both of [[open, shut], [shut, open]]) {
    const { verdict, end } = traceTables(both, packet);
    assertEquals([verdict, end.by?.backend], ["dropped", "legacy"]);
  }
  assertEquals(traceTables([open, open], packet).verdict, "accepted");
});

Deno.test("names of others reach a terminal only by the numbers of what would steer it", () => {
  const name = "a\u061cb\u00adc\u202ed\x1be";
  const rules = filter(`:${name} - [0:0]\n-A INPUT -j ${name}\n-A ${name} -j DROP`);
  assertEquals(told(rules), "dropped by rule 1 of a\\u{61c}b\\u{ad}c\\u{202e}d\\u{1b}e: -j DROP");
});
