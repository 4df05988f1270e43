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
async function ends(knocking: Knocking): Promise<Map<string, number>> {
  const saved = [await knocking.server.save("ipv4"), await knocking.server.save("ipv6")].flatMap(
    readChains,
  );
  return new Map(
    saved.flatMap(({ doors }) => doors).map((door) =>
      [door.address.replace(/\/\d+$/, ""), Date.parse(`${door.until}Z`) / 1000] as const
    ),
  );
}

function opened(knocking: Knocking, address: string): () => Promise<boolean> {
  return async () => (await ends(knocking)).has(address);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

Deno.test("two knocks from one address overlap: the second visitor stays in", async () => {
  await using knocking = await Knocking.create("nft");
  const target = { protocol: "tcp", address: serverOf(1), port: PORT } as const;
  await serve(knocking.server.ns, [PORT]);
  await knocking.listen(rules("for 4s"));
  await knocking.knock(KNOCK);
  await knocking.until("the first is in", () => answers(knocking.client, target));
  const first = (await ends(knocking)).get(addressOf(1)) ?? NaN;
  await pause(2);
  await knocking.knock(KNOCK);
  await knocking.until(
    "the second extends",
    async () => ((await ends(knocking)).get(addressOf(1)) ?? NaN) > first,
  );
  const second = (await ends(knocking)).get(addressOf(1)) ?? NaN;
  // Past the end of the first: with a stop_command the door would now be shut.
  await pause(first + 1.2 - Date.now() / 1000);
  assert(Date.now() / 1000 < second, "the second is still to be in");
  assertEquals(await answers(knocking.client, target), true);
  await pause(second + 1.2 - Date.now() / 1000);
  assertEquals(await answers(knocking.client, target), false);
});

Deno.test("two overlapping visitors each have their own time", async () => {
  await using knocking = await Knocking.create("legacy", 2);
  await serve(knocking.server.ns, [PORT]);
  await knocking.listen(rules("for 4s"));
  const ask = () =>
    Promise.all(
      [1, 2].map((visitor) =>
        answers(knocking.client, { protocol: "tcp", address: serverOf(visitor), port: PORT }, 250)
      ),
    );
  await knocking.knock(KNOCK, { visitor: 1 });
  await knocking.until("the first", opened(knocking, addressOf(1)));
  await pause(2);
  await knocking.knock(KNOCK, { visitor: 2 });
  await knocking.until("the second", opened(knocking, addressOf(2)));
  assertEquals(await ask(), [true, true]);
  const seen = await ends(knocking);
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
        await using knocking = await Knocking.create(backend, visitors.length);
        await knocking.listen(rules("for 8s"));
        await knocking.knockAll(KNOCK, visitors, family);
        const all = visitors.map((visitor) => addressOf(visitor, family)).sort();
        let most: string[] = [];
        await knocking.until("all twenty doors", async () => {
          most = [...(await ends(knocking)).keys()].sort();
          return most.length === all.length;
        });
        assertEquals(most, all);
        await expectSound(knocking.server);
        const last = Math.max(...(await ends(knocking)).values());
        await pause(last + 1 - Date.now() / 1000);
        const { stdout } = await knocking.server.pktables("list", "--json");
        const { services: [ssh] } = JSON.parse(stdout);
        const left = ssh.doors.filter((door: { secondsLeft: number }) => door.secondsLeft > 0);
        assertEquals(left, []);
        await knocking.server.must("sweep");
        assertEquals((await ends(knocking)).size, 0);
      },
    );
  }
}
