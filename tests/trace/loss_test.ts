import { assertEquals } from "@std/assert";
import { lossBetween } from "../../src/trace/loss.ts";
import { ask, filter } from "../support/trace.ts";

/** What the address 10.0.0.9 loses where INPUT and its chains become other ones. */
function loss(before: string, after: string, policy = "ACCEPT"): string {
  const meet = (rules: string) => ask(filter(rules, policy), { from: "10.0.0.9" });
  const found = lossBetween(meet(before), meet(after));
  return found === null ? "nothing" : `${found.certainty}: ${found.end.by?.text}`;
}

const DROP = "-A INPUT -p tcp -m tcp --dport 22 -j DROP";
const DOOR = "-A INPUT -s 10.0.0.9/32 -j ACCEPT";
const BANS = "-A INPUT -m set --match-set bans src -j DROP";
const FRIENDS = "-A INPUT -m set --match-set friends src -j ACCEPT";

Deno.test("who was let in and is kept out afterwards loses it for sure", () => {
  assertEquals(loss("", DROP), "sure: -p tcp -m tcp --dport 22 -j DROP");
  assertEquals(loss(DOOR + "\n" + DROP, DROP), "sure: -p tcp -m tcp --dport 22 -j DROP");
  assertEquals(loss(DROP.replace("DROP", "ACCEPT"), "", "DROP"), "sure: policy DROP");
});

Deno.test("who is rejected is kept out as well", () => {
  const reject = "-A INPUT -p tcp -m tcp --dport 22 -j REJECT";
  assertEquals(loss("", reject), "sure: -p tcp -m tcp --dport 22 -j REJECT");
  assertEquals(loss(reject, DROP), "nothing");
});

Deno.test("who was kept out already loses nothing", () => {
  assertEquals(loss(DROP, DROP), "nothing");
  assertEquals(loss(DROP, DROP.replace("DROP", "REJECT")), "nothing");
  assertEquals(loss("", "", "DROP"), "nothing");
});

Deno.test("who is let in afterwards loses nothing", () => {
  assertEquals(loss(DROP, ""), "nothing");
  assertEquals(loss("", DOOR + "\n" + DROP), "nothing");
});

Deno.test("a list of banned addresses in both is no news, and hides no loss", () => {
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
});

Deno.test("what lets in by a rate lets in too few", () => {
  const some = "-A INPUT -p tcp -m limit --limit 3/min -j ACCEPT";
  assertEquals(loss("", `${some}\n${DROP}`), "likely: -p tcp -m tcp --dport 22 -j DROP");
  assertEquals(loss(`${some}\n${DROP}`, DROP), "sure: -p tcp -m tcp --dport 22 -j DROP");
});

Deno.test("where nobody knows what comes of it, it is possible", () => {
  const queue = "-A INPUT -p tcp -m tcp --dport 22 -j STRANGE";
  assertEquals(loss("", queue), "possible: -p tcp -m tcp --dport 22 -j STRANGE");
  assertEquals(loss(queue, queue), "nothing");
});
