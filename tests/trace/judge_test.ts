// Which expectations of a rules file are not met by what its packets meet.
import { assert, assertEquals } from "@std/assert";
import { compileFile } from "../../src/semantic/compile.ts";
import { Borders } from "../../src/trace/borders.ts";
import { type Finding, interfaceOf, judge } from "../../src/trace/judge.ts";
import { stagesOf } from "../../src/trace/stage.ts";
import { readTables } from "../../src/trace/tables.ts";
import type { Family } from "../support/iptables_text.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { filter, NOW } from "../support/trace.ts";

function compile(text: string) {
  const { expectations, services } = compileFile("-", {
    reader: memoryReader({ "-": text }),
    now: NOW,
  });
  return { expectations, services };
}

interface Given {
  readonly family?: Family;
  readonly on?: string | null;
  readonly tables?: string;
}

/** What is found of the expectations of a file beside rules, in words. */
function found(file: string, rules: string, given: Given = {}): string[] {
  return findings(file, rules, given).map(({ expectation, family, state, from, trace }) =>
    `${expectation.text}: ${state} in ${family} from ${from}: ${trace?.verdict ?? "not tried"}`
  );
}

function findings(file: string, rules: string, given: Given): Finding[] {
  const { family = "ipv4", on = "eth0", tables = filter(rules) } = given;
  const { expectations, services } = compile(file);
  assert(expectations.length > 0, "the file is none");
  return judge(expectations, {
    family,
    stages: stagesOf(readTables(tables, { family })),
    borders: new Borders([tables], family),
    services,
    interface: on,
    machine: {},
    now: NOW,
  });
}

const DROP = "-A INPUT -p tcp -m tcp --dport 22 -j DROP";

Deno.test("an expectation that is met is not found, any other is", () => {
  const ends = ["accept", "drop", "reject"];
  const targets = ["ACCEPT", "DROP", "REJECT"];
  for (const [at, target] of targets.entries()) {
    for (const [wanted, policy] of ends.entries()) {
      const verdict = ["accepted", "dropped", "rejected"][at];
      assertEquals(
        found(`expect tcp 22 from 192.0.2.1 ${policy}`, `-A INPUT -j ${target}`),
        at === wanted
          ? []
          : [`expect tcp 22 from 192.0.2.1 ${policy}: failed in ipv4 from 192.0.2.1: ${verdict}`],
      );
    }
  }
});

Deno.test("all that are not met are found, in the order of the file, and in their family alone", () => {
  const file = `expect tcp 22 from anyone accept
expect tcp 23 from 192.0.2.1 drop
expect tcp 22 from 192.0.2.1 accept
expect tcp 22 from 2001:db8::1 accept
expect udp 22 from 192.0.2.1 drop
`;
  assertEquals(found(file, DROP), [
    "expect tcp 22 from anyone accept: failed in ipv4 from null: dropped",
    "expect tcp 23 from 192.0.2.1 drop: failed in ipv4 from 192.0.2.1: accepted",
    "expect tcp 22 from 192.0.2.1 accept: failed in ipv4 from 192.0.2.1: dropped",
    "expect udp 22 from 192.0.2.1 drop: failed in ipv4 from 192.0.2.1: accepted",
  ]);
  assertEquals(found(file, DROP, { family: "ipv6" }), [
    "expect tcp 22 from anyone accept: failed in ipv6 from null: dropped",
    "expect tcp 22 from 2001:db8::1 accept: failed in ipv6 from 2001:db8::1: dropped",
  ]);
});

Deno.test("of several senders the first that fails is named, else the first of whom nobody knows", () => {
  const rules = (lines: readonly string[]) => lines.map((line) => `-A INPUT ${line}`).join("\n");
  const list = "define all = 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4\n";
  const file = `${list}expect tcp 22 from all accept\n`;
  const maybe = (last: number) => `-s 192.0.2.${last}/32 -m string --string x --algo bm -j DROP`;
  const shut = (last: number) => `-s 192.0.2.${last}/32 -j DROP`;
  const said = (state: string, last: number, verdict: string) => [
    `expect tcp 22 from all accept: ${state} in ipv4 from 192.0.2.${last}: ${verdict}`,
  ];
  assertEquals(found(file, rules([])), []);
  assertEquals(found(file, rules([shut(3)])), said("failed", 3, "dropped"));
  assertEquals(found(file, rules([shut(3), shut(2)])), said("failed", 2, "dropped"));
  assertEquals(found(file, rules([maybe(2), maybe(3)])), said("unknown", 2, "unknown"));
  assertEquals(found(file, rules([maybe(1), shut(3), maybe(4)])), said("failed", 3, "dropped"));
  assertEquals(found(file, rules([shut(4), maybe(1)])), said("failed", 4, "dropped"));
});

Deno.test("where several ends are possible, it fails if none of them is the one that is wanted", () => {
  const either = "-A INPUT -p tcp -m string --string x --algo bm -j REJECT\n-A INPUT -j DROP";
  const one = (policy: string) => found(`expect tcp 22 from 192.0.2.1 ${policy}`, either);
  const said = (policy: string, state: string) => [
    `expect tcp 22 from 192.0.2.1 ${policy}: ${state} in ipv4 from 192.0.2.1: unknown`,
  ];
  assertEquals(one("accept"), said("accept", "failed"));
  assertEquals(one("drop"), said("drop", "unknown"));
  assertEquals(one("reject"), said("reject", "unknown"));
  // Nobody knows what a program says, nor what a strange target does.
  for (const [target, verdict] of [["NFQUEUE", "queued"], ["STRANGE", "unknown"]]) {
    assertEquals(
      found("expect tcp 22 from 192.0.2.1 accept", `-A INPUT -j ${target}`),
      [`expect tcp 22 from 192.0.2.1 accept: unknown in ipv4 from 192.0.2.1: ${verdict}`],
    );
  }
});

Deno.test("a network of which nobody can try each kind of sender is not known", () => {
  const rules = "-A INPUT -s 10.0.0.1/255.0.0.255 -j DROP";
  assertEquals(found("expect tcp 22 from 10.0.0.0/8 accept", rules), [
    "expect tcp 22 from 10.0.0.0/8 accept: unknown in ipv4 from null: not tried",
  ]);
  assertEquals(found("expect tcp 22 from 10.0.0.0/8 accept", "-A INPUT -s 10.0.0.1/32 -j DROP"), [
    "expect tcp 22 from 10.0.0.0/8 accept: failed in ipv4 from 10.0.0.1: dropped",
  ]);
});

Deno.test("an address is named as people write it", () => {
  assertEquals(
    found("expect tcp 22 from 2001:db8::7 accept", DROP, { family: "ipv6" }),
    ["expect tcp 22 from 2001:db8::7 accept: failed in ipv6 from 2001:db8::7: dropped"],
  );
});

Deno.test("a packet goes where the expectation says, and is of a connection only if it says so", () => {
  const to = "-A INPUT -d 198.51.100.1/32 -j DROP";
  const sent = (words: string, rules: string) =>
    found(`expect tcp 22 from 192.0.2.1 ${words} accept`, rules).map((one) => one.split(": ")[1]);
  assertEquals(sent("to 198.51.100.1", to), ["failed in ipv4 from 192.0.2.1"]);
  assertEquals(sent("to 198.51.100.2", to), []);
  assertEquals(sent("", to), ["unknown in ipv4 from 192.0.2.1"]);
  const standing = "-A INPUT -m conntrack --ctstate ESTABLISHED -j DROP";
  assertEquals(sent("established", standing), ["failed in ipv4 from 192.0.2.1"]);
  assertEquals(sent("", standing), []);
  const late = "-A INPUT -m time --datestop 2027-01-15T08:00:00 -j DROP";
  assertEquals(sent("", late), ["failed in ipv4 from 192.0.2.1"]);
  assertEquals(sent("", late.replace("08:00:00", "07:59:59")), []);
});

Deno.test("anyone comes in where the expectation says, else by the service, else by the default route", () => {
  const rules = "-A INPUT -i eth0 -j DROP\n-A INPUT -i eth1 -j REJECT";
  const service = "service ssh tcp 22 drop on eth1\n";
  const verdict = (file: string, given: Given = {}) =>
    findings(file, rules, given).map(({ trace }) => trace?.verdict);
  const anyone = "expect tcp 22 from anyone accept\n";
  assertEquals(verdict(anyone), ["dropped"]);
  assertEquals(verdict(anyone, { on: "eth1" }), ["rejected"]);
  assertEquals(verdict(anyone, { on: "eth2" }), []);
  assertEquals(verdict(anyone, { on: null }), ["unknown"]);
  assertEquals(verdict(service + anyone), ["rejected"]);
  assertEquals(verdict(`${service}expect tcp 22 from anyone on eth0 accept\n`), ["dropped"]);
  // Of an address nobody knows by which interface it comes, unless that is said.
  assertEquals(verdict(`${service}expect tcp 22 from 192.0.2.1 accept\n`), ["unknown"]);
  assertEquals(
    verdict(`${service}expect tcp 22 from 192.0.2.1 on eth0 accept\n`),
    ["dropped"],
  );
});

Deno.test("the interface of a service is that of its port, protocol and family, if it is one alone", () => {
  const { services } = compile(`service a tcp 22, 1000-1010 drop on eth1
service b udp 22 drop on eth2
service c tcp 80 drop
service d tcp 90 drop on eth3
service e tcp 90 drop on eth4 ipv4
service f tcp 100 drop on ppp+
service g tcp 110 drop on eth5
service h tcp 110 accept on eth5
`);
  assertEquals(services.length, 8);
  const of = (protocol: "tcp" | "udp", port: number, family: Family = "ipv4") =>
    interfaceOf({ family, protocol, port }, { services, interface: "wan" });
  assertEquals(of("tcp", 22), "eth1");
  assertEquals([999, 1000, 1005, 1010, 1011].map((port) => of("tcp", port)), [
    ...["wan", "eth1", "eth1", "eth1", "wan"],
  ]);
  assertEquals(of("udp", 22), "eth2");
  assertEquals(of("tcp", 80), "wan");
  assertEquals(of("tcp", 81), "wan");
  assertEquals(of("tcp", 90), "wan");
  assertEquals(of("tcp", 90, "ipv6"), "eth3");
  assertEquals(of("tcp", 100), "ppp0");
  assertEquals(of("tcp", 110), "eth5");
  const nobody = { services: [], interface: null };
  assertEquals(interfaceOf({ family: "ipv4", protocol: "tcp", port: 22 }, nobody), null);
});
