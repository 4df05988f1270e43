// A glance at the first words of a rule: most rules of a long chain are about someone else.
import { assert, assertEquals } from "@std/assert";
import { randomFrom } from "../fuzz/inputs.ts";
import { FAMILIES } from "../support/iptables_text.ts";
import { PacketMaker } from "../support/packets/packets.ts";
import { RuleMaker } from "../support/packets/rules.ts";
import { outsider, packetFrom } from "../../src/trace/packet.ts";
import { Glance } from "../../src/trace/peek.ts";
import { type Stage, stagesOf } from "../../src/trace/stage.ts";
import { arrive } from "../../src/trace/state.ts";
import { type Chain, readTables } from "../../src/trace/tables.ts";
import { traceStages } from "../../src/trace/verdict.ts";
import { filter, NOW, type Question } from "../support/trace.ts";

/** Whether a glance at a rule is enough to pass it over. */
function passedOver(words: string, question: Question = {}): boolean {
  const { family = "ipv4", protocol = "tcp", port = 22, from } = question;
  const options = { now: NOW, interface: "eth0", ...question };
  const to = { family, protocol, port };
  const packet = from === undefined ? outsider(to, options) : packetFrom(to, from, options);
  assert(packet !== null);
  const glance = new Glance(["-j DROP", words]);
  assertEquals(glance.cannotHold(0, arrive(packet)), false);
  assertEquals(glance.cannotHold(2, arrive(packet)), false);
  return glance.cannotHold(1, arrive(packet));
}

type Case = readonly [words: string, question: Question, passedOver: boolean];

function check(name: string, cases: readonly Case[]): void {
  Deno.test(name, () => {
    for (const [words, question, expected] of cases) {
      assertEquals(passedOver(words, question), expected, `${words} ${JSON.stringify(question)}`);
    }
  });
}

const OPEN: Question = { interface: null };
const UDP: Question = { protocol: "udp" };
const KNOWN: Question = { from: "203.0.113.9" };
const V6: Question = { family: "ipv6" };

check("a rule of another port, protocol or interface is passed over at a glance", [
  ["-p tcp -m tcp --dport 22 -j DROP", {}, false],
  ["-p tcp -m tcp --dport 23 -j DROP", {}, true],
  ["-p tcp -m tcp --dport 23 --syn -j DROP", {}, true],
  ["-p udp -m udp --dport 22 -j DROP", {}, true],
  ["-p udp -m udp --dport 22 -j DROP", UDP, false],
  ["-p tcp -j DROP", {}, false],
  ["-p tcp -j DROP", UDP, true],
  ["-p udp -j DROP", {}, true],
  ["-i eth0 -j DROP", {}, false],
  ["-i eth1 -j DROP", {}, true],
  ["-i eth1 -j DROP", OPEN, false],
  ["-i br-lan.7 -j DROP", {}, true],
  ["-i eth0 -p tcp -m tcp --dport 23 -j DROP", {}, true],
  ["-s 0.0.0.0/1 -d 10.0.0.1/32 -i eth1 -p tcp -m tcp --dport 22 -j DROP", {}, true],
  ["-s 0.0.0.0/1 -d 10.0.0.1/32 -i eth0 -p tcp -m tcp --dport 22 -j DROP", {}, false],
  ["-d 10.0.0.1/32 -i eth1 -j DROP", {}, true],
  ["-j DROP", {}, false],
  ["", {}, false],
]);

check("a rule for some sources is for no outsider, one for one address for no other", [
  ["-s 192.0.2.7/32 -j DROP", {}, true],
  ["-s 192.0.2.0/24 -j DROP", {}, true],
  ["-s 10.0.0.0/12 -j DROP", {}, true],
  ["-s 10.0.0.0/11 -j DROP", {}, false],
  ["-s 0.0.0.0/1 -j DROP", {}, false],
  ["-s 2001:db8::/32 -j DROP", V6, true],
  ["-s 2001::/12 -j DROP", V6, true],
  ["-s 2000::/11 -j DROP", V6, false],
  ["-s 203.0.113.9/32 -j DROP", KNOWN, false],
  ["-s 203.0.113.8/32 -j DROP", KNOWN, true],
  ["-s 203.0.113.90/32 -j DROP", KNOWN, true],
  // A network takes a closer look, and so does IPv6.
  ["-s 192.0.2.0/24 -j DROP", KNOWN, false],
  ["-s 192.0.2.0/31 -j DROP", KNOWN, false],
  ["-s 2001:db8::7/128 -j DROP", { ...V6, from: "2001:db8::8" }, false],
  ["-s 2001:db8::7/32 -j DROP", { ...V6, from: "2001:db8::8" }, false],
]);

check("what is turned, a wildcard, a list or written otherwise takes a closer look", [
  ["! -s 192.0.2.7/32 -j DROP", {}, false],
  ["! -s 203.0.113.8/32 -j DROP", KNOWN, false],
  ["! -i eth1 -j DROP", {}, false],
  ["-i eth+ -j DROP", {}, false],
  ["-i wlan+ -j DROP", {}, false],
  ['-i et"h1 -j DROP', {}, false],
  ["! -p udp -j DROP", {}, false],
  ["-p tcp -m tcp ! --dport 23 -j DROP", {}, false],
  ["-p tcp -m tcp --dport 22:23 -j DROP", {}, false],
  ["-p tcp -m tcp --dport 23:25 -j DROP", {}, false],
  ["-p tcp -m multiport --dports 23 -j DROP", {}, false],
  ["-p tcp -m tcp --sport 23 -j DROP", {}, false],
  ["-p icmp -j DROP", {}, false],
  ["-p 17 -j DROP", {}, false],
  ["-m comment --comment x -p udp -j DROP", {}, false],
  ["-m comment --comment -s 192.0.2.7/32 -j DROP", {}, false],
  ["-s 192.0.2.7 -j DROP", {}, false],
  ["-s 192.0.2.7/255.255.255.0 -j DROP", {}, false],
]);

Deno.test("the last source that was asked about is not taken for the next", () => {
  const glance = new Glance(["-s 203.0.113.9/32 -j DROP", "-s 203.0.113.8/32 -j DROP"]);
  const from = (address: string) => {
    const to = { family: "ipv4", protocol: "tcp", port: 22 } as const;
    const packet = packetFrom(to, address, { now: NOW });
    assert(packet !== null);
    return [0, 1].map((index) => glance.cannotHold(index, arrive(packet)));
  };
  for (let turn = 0; turn < 2; turn++) {
    assertEquals(from("203.0.113.9"), [false, true]);
    assertEquals(from("203.0.113.8"), [true, false]);
    assertEquals(from("203.0.113.7"), [true, true]);
  }
});

/** The same chains, of which every rule is read. */
function withoutGlance(stages: readonly Stage[]): Stage[] {
  const plain = (chain: Chain): Chain => ({
    name: chain.name,
    policy: chain.policy,
    length: chain.length,
    rule: (index) => chain.rule(index),
    text: (index) => chain.text(index),
    number: (index) => chain.number(index),
  });
  return stages.map((stage) => {
    const chains = new Map([...stage.table.chains].map(([name, one]) => [name, plain(one)]));
    const chain = stage.chain === null ? null : chains.get(stage.chain.name) ?? null;
    return { ...stage, table: { ...stage.table, chains }, chain };
  });
}

Deno.test("what is passed over at a glance would not have held", () => {
  const seed = Date.now() % 2 ** 31;
  const random = randomFrom(seed);
  for (let set = 0; set < 60; set++) {
    const family = FAMILIES[set % 2]!;
    const text = new RuleMaker({ random, family, now: NOW, nat: set % 3 === 0 }).text();
    const stages = stagesOf(readTables(text, { family }));
    const maker = new PacketMaker({ random, family });
    for (let count = 0; count < 5; count++) {
      const { packet } = maker.opening(NOW);
      const end = (given: readonly Stage[]) => {
        const { verdict, outcomes, depends, sure } = traceStages(given, packet);
        const ends = outcomes.map(({ kind, by, top }) => ({ kind, by, top }));
        return { verdict, ends, places: depends.map(({ place }) => place), sure };
      };
      assertEquals(end(stages), end(withoutGlance(stages)), `seed ${seed}\n${text}`);
    }
  }
});

Deno.test("a rule that is passed over is not even read", () => {
  const chain: Chain = {
    name: "INPUT",
    policy: "accepted",
    length: 2,
    rule(index) {
      assertEquals(index, 1, "it was read");
      return { conditions: [], target: { kind: "verdict", verdict: "dropped" } };
    },
    text: () => "",
    number: (index) => index + 1,
    skips: (index) => index === 0,
  };
  const [stage] = stagesOf(readTables(filter(""), { family: "ipv4" }));
  assert(stage !== undefined);
  const packet = outsider({ family: "ipv4", protocol: "tcp", port: 22 }, { now: NOW });
  const { verdict, end } = traceStages([{ ...stage, chain }], packet);
  assertEquals([verdict, end.by?.number], ["dropped", 2]);
  // Nor is what would be behind the last rule.
  const short = traceStages([{ ...stage, chain: { ...chain, length: 1 } }], packet);
  assertEquals([short.verdict, short.end.by?.number, short.end.top], ["accepted", 0, 2]);
});
