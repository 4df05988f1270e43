import { assert, assertEquals } from "@std/assert";
import { readChains } from "../support/chains.ts";
import { expectSound } from "../support/expect.ts";
import { BACKENDS } from "../support/iptables_text.ts";
import { addressOf, Knocking, serverOf } from "../support/knocking.ts";
import { answers, serve } from "../support/traffic.ts";

const KNOCK = ["7001:tcp", "8001:udp", "9001:tcp"];
const PORT = 2201;

function rules(end: string): string {
  return `service ssh tcp ${PORT} knock ${KNOCK.join(", ")} within 5s ${end}\n`;
}

/** The ends of all doors, by address, in seconds since 1970. */
async function ends(room: Knocking): Promise<Map<string, number>> {
  const saved = [await room.server.save("ipv4"), await room.server.save("ipv6")].flatMap(
    readChains,
  );
  return new Map(
    saved.flatMap(({ doors }) => doors).map((door) =>
      [door.address.replace(/\/\d+$/, ""), Date.parse(`${door.until}Z`) / 1000] as const
    ),
  );
}

function opened(room: Knocking, address: string): () => Promise<boolean> {
  return async () => (await ends(room)).has(address);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

Deno.test("two knocks from one address overlap: the second visitor is not thrown out", async () => {
  await using room = await Knocking.create("nft");
  const target = { protocol: "tcp", address: serverOf(1), port: PORT } as const;
  await serve(room.server.ns, [PORT]);
  await room.listen(rules("for 4s"));
  await room.knock(KNOCK);
  await room.until("the first is in", () => answers(room.client, target));
  const first = (await ends(room)).get(addressOf(1)) ?? NaN;
  await pause(2);
  await room.knock(KNOCK);
  await room.until(
    "the second extends",
    async () => ((await ends(room)).get(addressOf(1)) ?? NaN) > first,
  );
  const second = (await ends(room)).get(addressOf(1)) ?? NaN;
  // Past the end of the first: with a stop_command the door would now be shut.
  await pause(first + 1.2 - Date.now() / 1000);
  assert(Date.now() / 1000 < second, "the second is still to be in");
  assertEquals(await answers(room.client, target), true);
  await pause(second + 1.2 - Date.now() / 1000);
  assertEquals(await answers(room.client, target), false);
});

Deno.test("two visitors who overlap each have their own time", async () => {
  await using room = await Knocking.create("legacy", 2);
  await serve(room.server.ns, [PORT]);
  await room.listen(rules("for 4s"));
  const ask = () =>
    Promise.all(
      [1, 2].map((visitor) =>
        answers(room.client, { protocol: "tcp", address: serverOf(visitor), port: PORT }, 250)
      ),
    );
  await room.knock(KNOCK, { visitor: 1 });
  await room.until("the first", opened(room, addressOf(1)));
  await pause(2);
  await room.knock(KNOCK, { visitor: 2 });
  await room.until("the second", opened(room, addressOf(2)));
  assertEquals(await ask(), [true, true]);
  const seen = await ends(room);
  await pause((seen.get(addressOf(1)) ?? 0) + 1.1 - Date.now() / 1000);
  assertEquals(await ask(), [false, true]);
  await pause((seen.get(addressOf(2)) ?? 0) + 1.1 - Date.now() / 1000);
  assertEquals(await ask(), [false, false]);
});

for (const backend of BACKENDS) {
  for (const family of ["ipv4", "ipv6"] as const) {
    Deno.test(
      `twenty visitors who knock at once are all let in, and none stays (${backend}, ${family})`,
      async () => {
        const visitors = Array.from({ length: 20 }, (_, index) => index + 1);
        await using room = await Knocking.create(backend, visitors.length);
        await room.listen(rules("for 8s"));
        await room.knockAll(KNOCK, visitors, family);
        const all = visitors.map((visitor) => addressOf(visitor, family)).sort();
        let most: string[] = [];
        await room.until("all twenty doors", async () => {
          most = [...(await ends(room)).keys()].sort();
          return most.length === all.length;
        });
        assertEquals(most, all);
        await expectSound(room.server);
        const last = Math.max(...(await ends(room)).values());
        await pause(last + 1 - Date.now() / 1000);
        const { stdout } = await room.server.pktables("list", "--json");
        const { services: [ssh] } = JSON.parse(stdout);
        const left = ssh.doors.filter((door: { secondsLeft: number }) => door.secondsLeft > 0);
        assertEquals(left, []);
        await room.server.must("sweep");
        assertEquals((await ends(room)).size, 0);
      },
    );
  }
}
