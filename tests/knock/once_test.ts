import { assert, assertEquals } from "@std/assert";
import { addressOf, Knocking } from "../support/knocking.ts";

const ONCE = "/mnt/knock.once";

function isOpen(knocking: Knocking, visitor: number, family: "ipv4" | "ipv6" = "ipv4") {
  const address = `-s ${addressOf(visitor, family)}/${family === "ipv4" ? 32 : 128} `;
  return async () => (await knocking.server.save(family)).includes(address);
}

Deno.test("one-time sequences open once each, in the order of the list", async () => {
  await using knocking = await Knocking.create("nft", 3);
  const drawn = await knocking.server.must("sequences", "3", "--ports", "3", "--output", ONCE);
  // The list that a person carries is what knock(1) takes.
  const carried = drawn.trimEnd().split("\n").map((line) => line.slice(3).split(" "));
  assertEquals(carried.map((steps) => steps.length), [3, 3, 3]);
  assertEquals((await knocking.server.ns.must(["stat", "-c", "%a", ONCE])).trim(), "600");
  await knocking.listen(`service ssh tcp 22 syn drop knock once "${ONCE}" within 5s for 1m\n`);
  const [first = [], second = [], third = []] = carried;
  await knocking.knock(first, { visitor: 1 });
  await knocking.until("the first opens", isOpen(knocking, 1));
  // What was knocked is used up; someone who overheard it cannot use it again.
  await knocking.knock(first, { visitor: 2 });
  await knocking.knock(third, { visitor: 2 });
  await knocking.knock(second, { visitor: 3 });
  await knocking.until("the second opens", isOpen(knocking, 3));
  assertEquals(await isOpen(knocking, 2)(), false);
  await knocking.knock(third, { visitor: 2 });
  await knocking.until("the third opens", isOpen(knocking, 2));
  const left = await Deno.readTextFile(knocking.server.ns.path(ONCE));
  assert(left.split("\n").every((line) => line === "" || line.startsWith("#")), left);
});

Deno.test("a closing knock of one's own closes the door, and the knock backwards does not", async () => {
  await using knocking = await Knocking.create("nft");
  const [open, close] = [["7003:tcp", "8001:udp", "9002:tcp"], [
    "9002:tcp",
    "6001:tcp",
    "8001:udp",
  ]];
  await knocking.listen(
    `service ssh tcp 22 syn drop knock ${open.join(", ")} within 2s for 1h close ${
      close.join(", ")
    }\n`,
  );
  await knocking.knock(open);
  await knocking.until("it opens", isOpen(knocking, 1));
  await knocking.knock(open.toReversed());
  // knockd abandons an unfinished knock before it hears the next one of the same visitor.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  assertEquals(await isOpen(knocking, 1)(), true);
  await knocking.knock(close);
  await knocking.until("it closes", async () => !await isOpen(knocking, 1)());
});

Deno.test("over IPv6 knockd 0.8 hears a one-time sequence only until one was used", async () => {
  await using knocking = await Knocking.create("nft", 2);
  const drawn = await knocking.server.must("sequences", "3", "--ports", "3", "--output", ONCE);
  const [first = [], second = []] = drawn.trimEnd().split("\n").map((line) =>
    line.slice(3).split(" ")
  );
  await knocking.listen(`service ssh tcp 22 syn drop knock once "${ONCE}" within 5s for 1m\n`);
  await knocking.knock(first, { visitor: 1, family: "ipv6" });
  await knocking.until("the first opens", isOpen(knocking, 1, "ipv6"));
  // knockd does not renew its filter for IPv6. If this ever fails, it does so now, and the note in
  // the help can be removed.
  await knocking.knock(second, { visitor: 2, family: "ipv6" });
  await knocking.knock(second, { visitor: 2 });
  await knocking.until("the second opens over IPv4", isOpen(knocking, 2));
  assertEquals(await isOpen(knocking, 2, "ipv6")(), false);
});
