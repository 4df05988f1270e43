import { assertEquals, assertThrows } from "@std/assert";
import { countPeers, describePeers, drawPeers } from "../../src/cli/kernel/peer_words.ts";
import type { Affected } from "../../src/cli/kernel/peers.ts";

const PEER: Affected = {
  peer: "192.0.2.1",
  port: 22,
  cut: true,
  out: true,
  isKnown: true,
  isSure: true,
  words: "dropped by rule 1 of pk-ssh (-j DROP)",
  service: "ssh",
  isNew: false,
};

const peers = (count: number): Affected[] =>
  Array.from({ length: count }, (_, at) => ({ ...PEER, peer: `192.0.2.${at + 1}` }));

Deno.test("what one peer loses is said as it is: his connection, the next one, surely or not", () => {
  const said = (change: Partial<Affected>, mood: "would" | "will" = "would") =>
    describePeers([{ ...PEER, ...change }], mood);
  const head = "192.0.2.1, which is connected to port 22, ";
  const tail = ": dropped by rule 1 of pk-ssh (-j DROP)";
  assertEquals(said({}), `${head}would be cut off and could not connect again${tail}`);
  assertEquals(said({}, "will"), `${head}will be cut off and cannot connect again${tail}`);
  assertEquals(said({ out: false }), `${head}would be cut off${tail}`);
  assertEquals(said({ out: false }, "will"), `${head}will be cut off${tail}`);
  assertEquals(
    said({ cut: false }),
    `${head}would stay connected but could not connect again${tail}`,
  );
  assertEquals(
    said({ cut: false, isSure: false }, "will"),
    `${head}probably will stay connected but cannot connect again${tail}`,
  );
});

Deno.test("of several peers the first is named and the others are counted", () => {
  const tail = "be cut off or could not connect again: dropped by rule 1 of pk-ssh (-j DROP)";
  assertEquals(
    [2, 3].map((count) => describePeers(peers(count), "would")),
    ["1 other client", "2 other clients"].map((others) =>
      `192.0.2.1 (connected to port 22) and ${others} would ${tail}`
    ),
  );
  assertEquals(
    describePeers(peers(2), "will"),
    `192.0.2.1 (connected to port 22) and 1 other client will ${
      tail.replace("could not", "cannot")
    }`,
  );
  assertEquals(
    countPeers(peers(7)),
    "7 connected clients would be cut off or could not connect again",
  );
  assertThrows(() => describePeers([], "will"));
});

Deno.test("four peers are listed, of more the rest is counted", () => {
  const line = (at: number) =>
    `192.0.2.${at}, port 22: would be cut off and could not connect again: ${PEER.words}`;
  const four = [1, 2, 3, 4].map(line);
  assertEquals(drawPeers(peers(4)), four);
  assertEquals(drawPeers(peers(5)), [...four, "and 1 more"]);
  assertEquals(drawPeers(peers(9)), [...four, "and 5 more"]);
  assertEquals(drawPeers([{ ...PEER, isSure: false }]), [
    line(1).replace("would", "probably would"),
  ]);
});
