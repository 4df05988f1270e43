// The words of what is found in the kernel: each text whole, and what has no words at all.
import { assertEquals } from "@std/assert";
import { type Description, placeOf, reportFindings } from "../../src/cli/report/finding_words.ts";
import { describeDead, describeOverrule } from "../../src/cli/report/overrule.ts";
import {
  describePlaces,
  type Place,
  type Placement,
  warnOfPlaces,
} from "../../src/cli/report/place.ts";
import { Reporter } from "../../src/cli/report/reporter.ts";
import type { Expectation } from "../../src/firewall/expectation.ts";
import { makeSource } from "../../src/source/source.ts";
import type { Finding } from "../../src/trace/judge.ts";
import { memorySystem } from "../support/memory_system.ts";

Deno.test("a foreign rule that decides for a service is described by what it does", () => {
  const rule = { name: "ssh", at: 2, text: "-p tcp -j X" };
  const said = (["accept", "return", "queue", "elsewhere", "drop", "reject"] as const)
    .map((verdict) => describeOverrule({ ...rule, verdict }));
  assertEquals(said, [
    "ssh is open to everyone: rule 2 of pk-ssh (-p tcp -j X) accepts every packet",
    "ssh decides nothing: rule 2 of pk-ssh (-p tcp -j X) returns every packet to the calling chain",
    "rule 2 of pk-ssh (-p tcp -j X) queues every packet to a program, ahead of the policy of ssh",
    "rule 2 of pk-ssh (-p tcp -j X) sends every packet elsewhere, ahead of the policy of ssh",
    "rule 2 of pk-ssh (-p tcp -j X) decides every packet by drop, ahead of the policy of ssh",
    "rule 2 of pk-ssh (-p tcp -j X) decides every packet by reject, ahead of the policy of ssh",
  ]);
});

Deno.test("doors to which no packet comes are counted, one of them as one", () => {
  assertEquals([1, 2, 3].map((count) => describeDead("ssh", count)), [
    "ssh: 1 door is behind the end of pk-ssh and opens nothing",
    "ssh: 2 doors are behind the end of pk-ssh and open nothing",
    "ssh: 3 doors are behind the end of pk-ssh and open nothing",
  ]);
});

const PLACE: Place = { at: 2, text: "-j ACCEPT", cuts: false, overruled: [] };

function placing(
  places: readonly [string, Place][],
  unknown: Placement["unknown"] = [],
): Placement {
  return { places: new Map(places), unknown };
}

Deno.test("the rules that a jump goes ahead of are named, each once", () => {
  const here = placing([["web", { ...PLACE, at: 7 }], ["ssh", PLACE]]);
  const there = placing([["ssh", { ...PLACE, at: 0, text: "-j LOG" }]]);
  const [first, third] = [
    "ahead of rule 1 of INPUT: -j LOG",
    "ahead of rule 3 of INPUT: -j ACCEPT",
  ];
  assertEquals(describePlaces([], "ssh"), "");
  assertEquals(describePlaces([here, placing([])], "dns"), "");
  assertEquals(describePlaces([here, placing([])], "ssh"), third);
  assertEquals(describePlaces([here, here], "ssh"), third);
  assertEquals(describePlaces([here, there], "ssh"), `${third}, and ${first}`);
});

Deno.test("what a place brings with it is told rule by rule", () => {
  const { system, err } = memorySystem({});
  const report = new Reporter(system.console, { quiet: true, color: "never" });
  const overruled = [{ at: 4, text: "-s 10.0.0.0/8 -j ACCEPT" }, {
    at: 6,
    text: "-i lan -j ACCEPT",
  }];
  const placement = placing(
    [["dns", PLACE], ["ssh", { ...PLACE, cuts: true }], ["web", { ...PLACE, overruled }]],
    [{ name: "vpn", at: 0, text: "-m set -j ACCEPT" }],
  );
  warnOfPlaces({ system, report }, { family: "IPv6", placement });
  assertEquals(
    err(),
    `pktables: warning: IPv6: ssh is ahead of the rule of INPUT that accepts established connections and cuts them: use \`established\` or \`syn\` (--syn)
pktables: warning: IPv6: web is ahead of rule 5 of INPUT (-s 10.0.0.0/8 -j ACCEPT): what it accepts needs a door now
pktables: warning: IPv6: web is ahead of rule 7 of INPUT (-i lan -j ACCEPT): what it accepts needs a door now
pktables: warning: IPv6: whether vpn sees a packet depends on rule 1 of INPUT (-m set -j ACCEPT)
`,
  );
});

const SPAN = { file: "a.pk", start: 0, end: 1 };

function expectation(text: string, families: Expectation["families"]): Expectation {
  return {
    ...{ protocol: "tcp", port: 22, families, from: null, to: null, interface: null },
    ...{ established: false, policy: "drop", text, span: SPAN, verdict: SPAN },
  };
}

const BOTH = expectation("expect tcp 22 from anyone drop", ["ipv4", "ipv6"]);
const OFFICE = expectation("expect tcp 22 from office accept", ["ipv4", "ipv6"]);
const ONE = expectation("expect tcp 80 from 192.0.2.1 accept", ["ipv4"]);

function finding(
  about: Expectation,
  family: "ipv4" | "ipv6",
  more: Partial<Finding> = {},
): Finding {
  return { expectation: about, family, state: "failed", from: null, trace: null, ...more };
}

/** What is told of findings, without the expectations themselves. */
function told(
  findings: readonly Finding[],
  describe: (finding: Finding) => Description = () => ({ words: "let in", way: ["rule 1"] }),
) {
  const expectations = [BOTH, OFFICE, ONE];
  return reportFindings(findings, { expectations, describe }).map((one) => [
    expectations.indexOf(one.expectation),
    one.state,
    one.sender,
    one.words,
    one.families.join(),
    one.way.join(),
  ]);
}

Deno.test("findings are told in the order of the file, alike in both families once", () => {
  const findings = [
    finding(ONE, "ipv4"),
    finding(BOTH, "ipv4"),
    finding(OFFICE, "ipv4", { from: "192.0.2.9/32" }),
    finding(BOTH, "ipv6"),
    finding(OFFICE, "ipv6", { from: "2001:db8::9/128" }),
  ];
  assertEquals(told(findings), [
    [0, "failed", null, "let in (IPv4 and IPv6)", "ipv4,ipv6", "rule 1"],
    [1, "failed", "192.0.2.9/32", "let in (IPv4)", "ipv4", "rule 1"],
    [1, "failed", "2001:db8::9/128", "let in (IPv6)", "ipv6", "rule 1"],
    [2, "failed", null, "let in", "ipv4", "rule 1"],
  ]);
});

Deno.test("findings that differ in anything are told apart", () => {
  const words = (ipv6: Description) => (one: Finding) =>
    one.family === "ipv4" ? { words: "let in", way: ["rule 1"] } : ipv6;
  const alike = [finding(BOTH, "ipv4"), finding(BOTH, "ipv6")];
  assertEquals(told(alike, words({ words: "let in", way: ["rule 1"] })).length, 1);
  assertEquals(told(alike, words({ words: "let in", way: ["rule 2"] })).length, 2);
  assertEquals(told(alike, words({ words: "dropped", way: ["rule 1"] })).length, 2);
  const unknown = finding(BOTH, "ipv6", { state: "unknown" });
  assertEquals(told([finding(BOTH, "ipv4"), unknown]).map(([, state]) => state), [
    "failed",
    "unknown",
  ]);
});

Deno.test("the sender is named where the statement names a list", () => {
  const sender = (about: Expectation, from: string) =>
    told([finding(about, "ipv4", { from })])[0]?.[2];
  assertEquals(sender(ONE, "192.0.2.1"), null);
  assertEquals(sender(ONE, "192.0.2.10"), "192.0.2.10");
  assertEquals(sender(OFFICE, "192.0.2.1"), "192.0.2.1");
  const ten = expectation("expect tcp 22 from 192.0.2.10 to 192.0.2.9 accept", ["ipv4"]);
  const findings = ["192.0.2.10", "192.0.2.1", "192.0.2.9"].map((from) =>
    finding(ten, "ipv4", { from })
  );
  const describe = () => ({ words: "dropped", way: [] });
  assertEquals(
    reportFindings(findings, { expectations: [ten], describe }).map((one) => one.sender),
    [null, "192.0.2.1", "192.0.2.9"],
  );
});

Deno.test("a place is named by file and line, that of a file that was not read by the file", () => {
  const sources = new Map([["a.pk", makeSource("a.pk", "one\ntwo\nthree")]]);
  assertEquals([0, 3, 4, 9].map((start) => placeOf({ ...SPAN, start }, sources)), [
    "a.pk:1",
    "a.pk:1",
    "a.pk:2",
    "a.pk:3",
  ]);
  assertEquals(placeOf({ file: "b.pk", start: 4, end: 5 }, sources), "b.pk");
});
