import { assert, assertEquals } from "@std/assert";
import { lossBetween } from "../../src/trace/loss.ts";
import { packetFrom } from "../../src/trace/packet.ts";
import { readTables } from "../../src/trace/tables.ts";
import { ask, filter, NOW, traceTables } from "../support/trace.ts";

/** What the address 10.0.0.9 loses if INPUT and its chains are replaced. */
function loss(before: string, after: string, policy = "ACCEPT"): string {
  const meet = (rules: string) => ask(filter(rules, policy), { from: "10.0.0.9" });
  const found = lossBetween(meet(before), meet(after));
  return found === null ? "nothing" : `${found.certainty}: ${found.end.by?.text}`;
}

const DROP = "-A INPUT -p tcp -m tcp --dport 22 -j DROP";
const DOOR = "-A INPUT -s 10.0.0.9/32 -j ACCEPT";
const BANS = "-A INPUT -m set --match-set bans src -j DROP";
const FRIENDS = "-A INPUT -m set --match-set friends src -j ACCEPT";

Deno.test("a sender that was let in and is kept out afterwards certainly loses it", () => {
  assertEquals(loss("", DROP), "sure: -p tcp -m tcp --dport 22 -j DROP");
  assertEquals(loss(DOOR + "\n" + DROP, DROP), "sure: -p tcp -m tcp --dport 22 -j DROP");
  assertEquals(loss(DROP.replace("DROP", "ACCEPT"), "", "DROP"), "sure: policy DROP");
});

Deno.test("a rejected sender is kept out as well", () => {
  const reject = "-A INPUT -p tcp -m tcp --dport 22 -j REJECT";
  assertEquals(loss("", reject), "sure: -p tcp -m tcp --dport 22 -j REJECT");
  assertEquals(loss(reject, DROP), "nothing");
});

Deno.test("a sender that was kept out already loses nothing", () => {
  assertEquals(loss(DROP, DROP), "nothing");
  assertEquals(loss(DROP, DROP.replace("DROP", "REJECT")), "nothing");
  assertEquals(loss("", "", "DROP"), "nothing");
});

Deno.test("a sender that is let in afterwards loses nothing", () => {
  assertEquals(loss(DROP, ""), "nothing");
  assertEquals(loss("", DOOR + "\n" + DROP), "nothing");
});

Deno.test("a list of banned addresses in both is no change, and hides no loss", () => {
  assertEquals(loss(BANS, `${BANS}\n${DOOR}\n${DROP}`), "nothing");
  assertEquals(loss(BANS, `${BANS}\n${DROP}`), "sure: -p tcp -m tcp --dport 22 -j DROP");
  assertEquals(loss(`${DROP}`, `${BANS}\n${DROP}`), "nothing");
});

Deno.test("a list that may let someone in makes a loss likely, and none where it was his way in", () => {
  assertEquals(loss(FRIENDS, `${FRIENDS}\n${DROP}`), "likely: -p tcp -m tcp --dport 22 -j DROP");
  const reject = DROP.replace("DROP", "REJECT");
  assertEquals(loss(`${FRIENDS}\n${DROP}`, `${FRIENDS}\n${reject}`), "nothing");
});

Deno.test("a new list that may keep someone out makes a loss possible", () => {
  assertEquals(loss("", BANS), "possible: -m set --match-set bans src -j DROP");
  assertEquals(loss(BANS, BANS), "nothing");
  // Of several the first is named, and one that was there already is none of them.
  const two = BANS.replace("bans", "more");
  const three = BANS.replace("bans", "last");
  assertEquals(loss("", `${BANS}\n${two}`), "possible: -m set --match-set bans src -j DROP");
  assertEquals(
    loss(BANS, `${BANS}\n${two}\n${three}`),
    "possible: -m set --match-set more src -j DROP",
  );
  // A rule is known by its words and its chain, whatever its number is by now.
  assertEquals(loss(BANS, `-A INPUT -i lo -j ACCEPT\n${BANS}`), "nothing");
  const chain = (name: string) =>
    `:${name} - [0:0]\n-A INPUT -j ${name}\n${BANS.replace("INPUT", name)}`;
  assertEquals(loss(chain("a"), chain("a")), "nothing");
  assertEquals(loss(chain("a"), chain("b")), "possible: -m set --match-set bans src -j DROP");
  assertEquals(loss(BANS, chain("a")), "possible: -m set --match-set bans src -j DROP");
});

Deno.test("what lets in by a rate lets in too few", () => {
  const some = "-A INPUT -p tcp -m limit --limit 3/min -j ACCEPT";
  assertEquals(loss("", `${some}\n${DROP}`), "likely: -p tcp -m tcp --dport 22 -j DROP");
  assertEquals(loss(`${some}\n${DROP}`, DROP), "sure: -p tcp -m tcp --dport 22 -j DROP");
});

Deno.test("if the result is unknown, a loss is possible", () => {
  const queue = "-A INPUT -p tcp -m tcp --dport 22 -j STRANGE";
  assertEquals(loss("", queue), "possible: -p tcp -m tcp --dport 22 -j STRANGE");
  assertEquals(loss(queue, queue), "nothing");
  const maybe = (id: number) => `-A INPUT -m owner --uid-owner ${id} -j STRANGE`;
  assertEquals(
    loss("", `${maybe(1)}\n${maybe(2)}`),
    "possible: -m owner --uid-owner 1 -j STRANGE",
  );
  assertEquals(loss(maybe(1), `${maybe(1)}\n${maybe(2)}`), "nothing");
});

Deno.test("the same words in another table, or by the other iptables, are another rule", () => {
  const packet = packetFrom({ family: "ipv4", protocol: "tcp", port: 22 }, "10.0.0.9", {
    now: NOW,
  });
  assert(packet !== null);
  const meet = (...texts: readonly (readonly [backend: string, text: string])[]) =>
    traceTables(
      texts.map(([backend, text]) => readTables(text, { family: "ipv4", backend })),
      packet,
    );
  const table = (name: string) => filter(BANS).replace("*filter", `*${name}`);
  const before = meet(["nft", table("filter")]);
  assertEquals(lossBetween(before, meet(["nft", table("filter")])), null);
  for (
    const after of [
      meet(["nft", table("mangle") + table("filter")]),
      meet(["nft", table("security")]),
      meet(["legacy", table("filter")]),
    ]
  ) assertEquals(lossBetween(before, after)?.certainty, "possible");
});
