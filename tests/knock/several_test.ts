import { assert, assertEquals } from "@std/assert";
import { BACKENDS } from "../support/iptables_text.ts";
import { Knocking, serverOf } from "../support/knocking.ts";
import { answers, serve } from "../support/traffic.ts";

const PORTS = [2201, 2202, 2203];

const RULES = `service one tcp 2201 knock 8001, 7001:udp, 9001 within 5s
service two tcp 2202 knock 8001, 7001:udp, 9001 within 5s
service three tcp 2203 knock 6001, 9001:udp, 8001 within 5s
`;

for (const backend of BACKENDS) {
  Deno.test(`one knock opens and closes two services, and no third (${backend})`, async () => {
    await using knocking = await Knocking.create(backend);
    await serve(knocking.server.ns, PORTS);
    await knocking.listen(RULES);
    const knock = ["8001:tcp", "7001:udp", "9001:tcp"];
    for (const family of ["ipv4", "ipv6"] as const) {
      const address = serverOf(1, family);
      const ask = () =>
        Promise.all(
          PORTS.map((port) => answers(knocking.client, { protocol: "tcp", address, port }, 250)),
        );
      assertEquals(await ask(), [false, false, false], `${family}, before`);
      await knocking.knock(knock, { family });
      await knocking.until(`both are open on ${family}`, async () => {
        const [one, two, three] = await ask();
        assert(!three);
        return one === true && two === true;
      });
      await knocking.knock(knock.toReversed(), { family });
      await knocking.until(
        `both are closed on ${family}`,
        async () => !(await ask()).includes(true),
      );
    }
  });
}
