// Which connected clients are judged as one: on a busy server there are thousands.
import { assertEquals } from "@std/assert";
import { kindsOf, type Peer } from "../../src/cli/kernel/peer_kinds.ts";

function peer(address: string, name: string | null = "eth0"): Peer {
  const more = { family: "ipv4", local: "10.0.0.5", port: 22, interface: name } as const;
  return { connection: { peer: address, ...more }, interface: name };
}

const TEXTS = ["-A INPUT -s 192.0.2.0/24 -j DROP"];

/** How many kinds there are of peers. */
function count(peers: readonly Peer[], texts = TEXTS): number {
  const kindOf = kindsOf(peers, { family: "ipv4", texts, own: ["10.0.0.5"] });
  return new Set(peers.map(kindOf)).size;
}

Deno.test("clients that no rule distinguishes are one kind, however many they are", () => {
  for (const many of [3, 4, 250]) {
    const inside = Array.from({ length: many }, (_, at) => peer(`192.0.2.${at}`));
    const outside = Array.from({ length: many }, (_, at) => peer(`203.0.113.${at}`));
    assertEquals([count(inside), count(outside), count([...inside, ...outside])], [1, 1, 2]);
  }
});

Deno.test("a client of its own kind is the machine itself, and one whose interface is not known", () => {
  const others = [peer("203.0.113.1"), peer("203.0.113.2")];
  assertEquals(count([...others, peer("10.0.0.5")]), 2);
  assertEquals(count([...others, peer("203.0.113.3", null), peer("203.0.113.4", null)]), 3);
});
