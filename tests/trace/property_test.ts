// Something unknown may make a verdict unknown, but never change it.
import { traceTables } from "../support/trace.ts";
import { assert, assertEquals } from "@std/assert";
import { mutate, type Random, randomFrom } from "../fuzz/inputs.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";
import { type Asked, PacketMaker } from "../support/packets/packets.ts";
import { RuleMaker } from "../support/packets/rules.ts";
import { ADDRESSES, CABLES } from "../support/packets/test_bed.ts";
import { parseHost } from "../../src/trace/network.ts";
import type { Packet } from "../../src/trace/packet.ts";
import { readTables } from "../../src/trace/tables.ts";

const NOW = 1_800_000_000;
/** Rule sets of each property. */
const SETS = 150;
/** Packets of each rule set. */
const PACKETS = 8;

function verdictOf(text: string, packet: Packet): string {
  const machine = { addresses: ADDRESSES[packet.family] };
  const { verdict, end } = traceTables(
    [readTables(text, { family: packet.family })],
    packet,
    machine,
  );
  return verdict === "unknown" ? verdict : `${verdict} ${end.translated?.port}`;
}

interface Given {
  readonly text: string;
  readonly asked: Asked;
  readonly random: Random;
  readonly family: Family;
}

/** Tries a property on random rule sets and packets; its return value says whether the case counts. */
function forAll(name: string, check: (given: Given) => boolean): void {
  Deno.test(name, () => {
    const seed = Date.now() % 2 ** 31;
    const random = randomFrom(seed);
    let counted = 0;
    for (let set = 0; set < SETS; set++) {
      const family = FAMILIES[set % 2]!;
      const text = new RuleMaker({ random, family, now: NOW, nat: set % 3 === 0 }).text();
      const maker = new PacketMaker({ random, family });
      for (let count = 0; count < PACKETS; count++) {
        const asked = maker.opening(NOW);
        try {
          if (check({ text, asked, random, family })) counted++;
        } catch (cause) {
          const told = `seed ${seed}: ${JSON.stringify(asked)}\n${text}`;
          throw new Error(told, { cause });
        }
      }
    }
    assert(counted > SETS, `seed ${seed}: only ${counted} cases counted`);
  });
}

/** Ways to know more of a packet, each the truth of some packet that the question is about. */
function instances(packet: Packet, family: Family): Packet[] {
  const hosts = ADDRESSES[family].map((text) => parseHost(text, family));
  return [
    ...(packet.interface === null ? CABLES.map((name) => ({ ...packet, interface: name })) : []),
    ...(packet.destination === null ? hosts.map((host) => ({ ...packet, destination: host })) : []),
    ...(packet.sourcePort === null && packet.port !== null
      ? [1024, 30_000, 65_535].map((sourcePort) => ({ ...packet, sourcePort }))
      : []),
  ];
}

forAll(
  "an answer to a vague question is the answer to every exact one",
  ({ text, asked, family }) => {
    // Which source comes by which interface is what -m rpfilter asks: see its own test.
    if (text.includes("rpfilter")) return false;
    const vague = { ...asked.packet, interface: null, destination: null, sourcePort: null };
    const verdict = verdictOf(text, vague);
    if (verdict === "unknown") return false;
    for (const exact of instances(vague, family)) {
      const answer = verdictOf(text, exact);
      if (answer !== "unknown") assertEquals(answer, verdict, JSON.stringify(exact));
    }
    return true;
  },
);

forAll(
  "an unknown match gives the old result, that without the rule, or none",
  (given) => {
    const { text, asked: { packet }, random } = given;
    const lines = text.split("\n");
    const rules = lines.flatMap((line, at) => line.startsWith("-A ") ? [at] : []);
    const at = rules[random(rules.length)] ?? 0;
    const line = lines[at] ?? "";
    const doubtful = line.replace(/(?= -[jg] |$)/, " -m nobodyknows --what ever");
    const verdict = verdictOf(lines.with(at, doubtful).join("\n"), packet);
    if (verdict === "unknown") return false;
    const [before, without] = [text, lines.toSpliced(at, 1).join("\n")]
      .map((one) => verdictOf(one, packet));
    if (before !== "unknown") assertEquals(before, verdict, doubtful);
    // What `recent` records before the unknown match, it records in any case.
    if (without !== "unknown" && !line.includes("-m recent")) {
      assertEquals(without, verdict, doubtful);
    }
    return true;
  },
);

forAll("an outsider is anyone that no rule names", ({ text, asked: { packet, sent }, family }) => {
  if (packet.source !== "anyone") return false;
  const verdict = verdictOf(text, packet);
  if (verdict === "unknown") return false;
  const source = parseHost(sent.source, family);
  assert(source !== null);
  const answer = verdictOf(text, { ...packet, source });
  if (answer !== "unknown") assertEquals(answer, verdict);
  return true;
});

Deno.test("no text makes the tracer fail, or takes it long", () => {
  const seed = Date.now() % 2 ** 31;
  const random = randomFrom(seed);
  const encoder = new TextEncoder();
  const files = Array.from(
    { length: 20 },
    () => encoder.encode(new RuleMaker({ random, family: "ipv4", now: NOW, nat: true }).text()),
  );
  const maker = new PacketMaker({ random, family: "ipv4" });
  for (let count = 0; count < 2000; count++) {
    const text = new TextDecoder().decode(mutate(files, random));
    const started = performance.now();
    try {
      verdictOf(text, maker.opening(NOW).packet);
    } catch (cause) {
      throw new Error(`seed ${seed}: ${JSON.stringify(text)}`, { cause });
    }
    const took = performance.now() - started;
    assert(took < 5000, `seed ${seed}: ${took} ms for ${JSON.stringify(text)}`);
  }
});
