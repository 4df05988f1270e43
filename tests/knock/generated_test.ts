import { assert, assertEquals } from "@std/assert";
import { BACKENDS } from "../support/iptables_text.ts";
import { addressOf, Knocking, PKTABLES, RULES, serverOf } from "../support/knocking.ts";
import { answers, serve } from "../support/traffic.ts";

const FAMILIES = ["ipv4", "ipv6"] as const;

/** A service for each kind of knock. */
const SERVICES = [
  { name: "tcp", port: 2201, knock: ["8001:tcp", "7001:tcp", "9001:tcp"] },
  { name: "udp", port: 2202, knock: ["8002:udp", "7002:udp", "9002:udp"] },
  { name: "mixed", port: 2203, knock: ["7003:udp", "8003:tcp", "9003:udp", "6003:tcp"] },
] as const;

function rules(end: string): string {
  return SERVICES.map(({ name, port, knock }) =>
    `service ${name} tcp ${port} knock ${knock.join(", ")} within 5s ${end}\n`
  ).join("");
}

for (const backend of BACKENDS) {
  Deno.test(
    `every generated section opens to a real knock, for one visitor and one service (${backend})`,
    async () => {
      await using knocking = await Knocking.create(backend);
      await serve(knocking.server.ns, SERVICES.map(({ port }) => port));
      await knocking.listen(rules("for 4s"));
      const ask = () =>
        Promise.all(
          FAMILIES.flatMap((family) =>
            SERVICES.map(({ port }) =>
              answers(knocking.client, { protocol: "tcp", address: serverOf(1, family), port }, 250)
            )
          ),
        );
      const closed = Array.from({ length: 6 }, () => false);
      assertEquals(await ask(), closed, "before");
      for (const family of FAMILIES) {
        const address = serverOf(1, family);
        for (const { name, port, knock } of SERVICES) {
          await knocking.knock(knock, { family });
          await knocking.until(
            `${name} is open on ${family}`,
            () => answers(knocking.client, { protocol: "tcp", address, port }),
          );
        }
      }
      // The kernel closes them without any process: knockd has no child left that waits. A door of
      // four seconds is open to the end of its last second, so for less than five.
      await new Promise((resolve) => setTimeout(resolve, 5000));
      assertEquals(await ask(), closed, "after their time");
      // The server that answers, and knockd: no child of it is left that waits for an end.
      assertEquals((await knocking.server.ns.processes()).length, 2);
    },
  );

  Deno.test(
    `without \`for\` the knock backwards closes what the knock opened (${backend})`,
    async () => {
      await using knocking = await Knocking.create(backend);
      await serve(knocking.server.ns, SERVICES.map(({ port }) => port));
      await knocking.listen(rules(""));
      for (const family of FAMILIES) {
        for (const { name, port, knock } of SERVICES) {
          const target = { protocol: "tcp", address: serverOf(1, family), port } as const;
          await knocking.knock(knock, { family });
          await knocking.until(
            `${name} opens on ${family}`,
            () => answers(knocking.client, target),
          );
          await knocking.knock(knock.toReversed(), { family });
          await knocking.until(
            `${name} closes on ${family}`,
            async () => !await answers(knocking.client, target, 150),
          );
        }
      }
    },
  );
}

Deno.test("a knock in the wrong order, or only its start, opens nothing", async () => {
  await using knocking = await Knocking.create("nft");
  await knocking.listen(rules("for 1m"));
  for (const { knock } of SERVICES) {
    await knocking.knock(knock.toReversed());
    await knocking.knock(knock.slice(0, -1));
    await knocking.knock(["1:tcp"]);
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert(!(await knocking.log()).includes("OPEN SESAME"), await knocking.log());
  assert(!(await knocking.server.saveAll()).includes(addressOf(1)));
});

Deno.test("knockd runs a pktables whose path has spaces, quotes and dollars in it", async () => {
  await using knocking = await Knocking.create("nft");
  const folder = '/mnt/it\'s "$HOME" `date`; %d';
  await knocking.server.ns.must(["mkdir", folder]);
  await knocking.server.ns.must(["ln", "-s", PKTABLES, `${folder}/pktables`]);
  await knocking.listen(rules("for 1m"), "--binary", `${folder}/pktables`);
  await knocking.knock(SERVICES[0].knock);
  await knocking.until(
    "the door",
    async () => (await knocking.server.save("ipv4")).includes(`${addressOf(1)}/32`),
  );
  const check = await knocking.server.pktables("knockd", RULES, "--check", "/mnt/knockd.conf");
  assertEquals([check.code, check.stdout], [0, ""], check.stderr);
});
