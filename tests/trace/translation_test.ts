import { assertEquals } from "@std/assert";
import { ask, filter, told } from "../support/trace.ts";

const NAT = (rule: string) =>
  `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING ${rule}\nCOMMIT
${filter("-A INPUT -p tcp -m tcp --dport 8080 -j ACCEPT\n-A INPUT -j DROP")}`;

Deno.test("REDIRECT gives a packet another port, which the rules behind it see", () => {
  const rules = NAT("-p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080");
  assertEquals(
    told(rules, { port: 80 }),
    "accepted at port 8080 by rule 1 of INPUT: -p tcp -m tcp --dport 8080 -j ACCEPT",
  );
  assertEquals(told(rules), "dropped by rule 2 of INPUT: -j DROP");
});

Deno.test("DNAT takes a packet away to another machine", () => {
  const rules = NAT("-p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:8080");
  const addresses = ["198.51.100.1"];
  assertEquals(
    told(rules, { port: 80, addresses }),
    "redirected to 172.17.0.2:8080 by rule 1 of PREROUTING in table nat: " +
      "-p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:8080",
  );
  assertEquals(ask(rules, { port: 80, addresses: ["172.17.0.2"] }).verdict, "accepted");
  assertEquals(ask(rules, { port: 80, destination: "172.17.0.2" }).verdict, "accepted");
});

Deno.test("a packet that is sent where it goes anyway does not count as translated", () => {
  const rules = (nat: string) =>
    `*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp ${nat}\nCOMMIT
${filter("-A INPUT -m conntrack --ctstate DNAT -j DROP")}`;
  const question = { destination: "198.51.100.1", addresses: ["198.51.100.2"] };
  const verdict = (nat: string) => ask(rules(nat), question).verdict;
  assertEquals(verdict("-j DNAT --to-destination 198.51.100.1:22"), "accepted");
  assertEquals(verdict("-j DNAT --to-destination 198.51.100.1:23"), "dropped");
  assertEquals(verdict("-j DNAT --to-destination 198.51.100.2"), "dropped");
  assertEquals(verdict("-j DNAT --to-destination 198.51.100.1:20-30"), "unknown");
  assertEquals(verdict("-j DNAT --to-destination 198.51.100.1"), "accepted");
  assertEquals(verdict("-j DNAT --to-destination 198.51.100.2:20-30"), "dropped");
  assertEquals(verdict("-j DNAT --to-destination :22"), "unknown");
  assertEquals(verdict("-j REDIRECT --to-ports 22"), "unknown");
  assertEquals(verdict("-j REDIRECT --to-ports 23"), "dropped");
  // Which of its addresses REDIRECT takes is not known.
  assertEquals(verdict("-j REDIRECT"), "unknown");
  assertEquals(verdict("-j REDIRECT --to-ports 20-30"), "unknown");
});

Deno.test("an established connection was translated by its first packet, which nat saw", () => {
  const rules = NAT(
    "-p tcp -m tcp --dport 80 --syn -m conntrack --ctstate NEW -j REDIRECT --to-ports 8080",
  );
  for (const established of [false, true]) {
    const question = { port: 80, from: "203.0.113.9", established };
    assertEquals(
      told(rules, question),
      "accepted at port 8080 by rule 1 of INPUT: -p tcp -m tcp --dport 8080 -j ACCEPT",
    );
  }
  // What the rules of filter see is the packet as it is.
  const standing = `${rules.replace("--dport 8080 -j", "--dport 8080 --syn -j")}`;
  const question = { port: 80, from: "203.0.113.9" };
  assertEquals(ask(standing, { ...question, established: true }).verdict, "dropped");
  assertEquals(ask(standing, question).verdict, "accepted");
});

Deno.test("the owner of the address of a DNAT is not guessed", () => {
  const rules = NAT("-p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:8080");
  assertEquals(
    told(rules, { port: 80 }),
    "unknown: depends on rule 1 of PREROUTING in table nat " +
      "(whether 172.17.0.2 is an address of this machine)",
  );
  const ranges = NAT("-p tcp -j DNAT --to-destination 172.17.0.2-172.17.0.9");
  assertEquals(ask(ranges, { addresses: [] }).verdict, "unknown");
});

Deno.test("DNAT of IPv6 has its address in brackets where it has a port", () => {
  const rules = NAT("-p tcp -j DNAT --to-destination [2001:db8::2]:8080");
  const trace = ask(rules, { family: "ipv6", addresses: [] });
  assertEquals(trace.end.translated, { address: "2001:db8::2", port: 8080 });
});

Deno.test("a packet that is not tracked meets no translation and has no state but UNTRACKED", () => {
  const rules = `*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j CT --notrack\nCOMMIT
*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j REDIRECT --to-ports 8080\nCOMMIT
${
    filter(`
-A INPUT -m conntrack --ctstate NEW,ESTABLISHED,INVALID -j DROP
-A INPUT -m connmark --mark 0x0 -j DROP
-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT`)
  }`;
  assertEquals(
    told(rules),
    "accepted by rule 3 of INPUT: -m conntrack --ctstate UNTRACKED -j ACCEPT",
  );
});

Deno.test("what was translated is known behind table nat, and of a standing connection only there", () => {
  const meets = (table: string, state: string, established: boolean) => {
    const rules = `*${table}\n:PREROUTING ACCEPT [0:0]
-A PREROUTING -m conntrack --ctstate ${state} -j DROP\nCOMMIT\n`;
    return ask(rules, { from: "203.0.113.9", established }).verdict;
  };
  for (const state of ["DNAT", "SNAT"]) {
    assertEquals(meets("mangle", state, true), "unknown", state);
    assertEquals(meets("mangle", state, false), "accepted", state);
    // In raw no connection is known yet.
    assertEquals(meets("raw", state, true), "accepted", state);
    assertEquals(meets("raw", state, false), "accepted", state);
  }
});

Deno.test("in table raw every packet counts as INVALID: no connection is known yet", () => {
  const rules = `*raw\n:PREROUTING ACCEPT [0:0]
-A PREROUTING -m state --state NEW -j DROP
-A PREROUTING -p tcp -m tcp --dport 80 -m conntrack --ctstate INVALID -j DROP\nCOMMIT
${filter("-A INPUT -m conntrack --ctstate INVALID -j DROP")}`;
  assertEquals(told(rules), "accepted by the policy of INPUT");
  assertEquals(ask(rules, { port: 80 }).verdict, "dropped");
});
