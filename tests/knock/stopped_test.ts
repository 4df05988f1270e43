import { assert, assertEquals } from "@std/assert";
import { readChains } from "../support/chains.ts";
import { addressOf, Knocking, serverOf } from "../support/knocking.ts";
import { answers, serve } from "../support/traffic.ts";

const KNOCK = ["7001:tcp", "8001:tcp", "9001:tcp"];
const PORT = 2201;
const VISITORS = [1, 2, 3, 4, 5];
const RULES = `service ssh tcp ${PORT} knock ${KNOCK.join(", ")} within 5s for 5s\n`;

/** What an administrator writes who has only iptables: knockd's own timer closes the door. */
const OLD_WAY = `[ssh]
    sequence = ${KNOCK.join(",")}
    seq_timeout = 5
    tcpflags = syn
    start_command = iptables-nft -w 10 -I INPUT -s %IP% -p tcp --dport ${PORT} -j ACCEPT
    cmd_timeout = 5
    stop_command = iptables-nft -w 10 -D INPUT -s %IP% -p tcp --dport ${PORT} -j ACCEPT
`;

/** Ends knockd and, with SIGTERM, all that it started, as systemd does with a service's processes. */
async function stop(knocking: Knocking, how: "SIGKILL" | "SIGTERM"): Promise<void> {
  const names = await knocking.server.ns.must(["ps", "-eo", "pid=,comm="]);
  const inside = await knocking.server.ns.processes();
  const knockds = names.split("\n").filter((line) => / knockd$/.test(line))
    .map((line) => Number.parseInt(line)).filter((pid) => inside.includes(pid));
  assert(knockds.length > 0, "knockd is running");
  const daemon = Math.min(...knockds);
  for (const pid of how === "SIGTERM" ? knockds : [daemon]) Deno.kill(pid, how);
}

function open(knocking: Knocking): Promise<boolean[]> {
  return Promise.all(
    VISITORS.map((visitor) =>
      answers(knocking.client, { protocol: "tcp", address: serverOf(visitor), port: PORT }, 250)
    ),
  );
}

async function letAllIn(knocking: Knocking): Promise<void> {
  await knocking.knockAll(KNOCK, VISITORS);
  await knocking.until("all doors", async () => {
    const saved = await knocking.server.save("ipv4");
    return VISITORS.every((visitor) => saved.includes(`-s ${addressOf(visitor)}/32 `));
  });
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

for (const how of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test(
    `promise 6, closed means closed: knockd ends by ${how} and no door of five stays open`,
    async () => {
      await using knocking = await Knocking.create("nft", VISITORS.length);
      await serve(knocking.server.ns, [PORT]);
      await knocking.listen(RULES);
      await letAllIn(knocking);
      await stop(knocking, how);
      const [chain] = readChains(await knocking.server.save("ipv4"));
      const ends = chain?.doors.map(({ until }) => Date.parse(`${until}Z`) / 1000) ?? [];
      assertEquals(ends.length, VISITORS.length);
      await pause(Math.max(...ends) + 1.1 - Date.now() / 1000);
      assertEquals(await open(knocking), VISITORS.map(() => false));
    },
  );
}

Deno.test("the old way leaves all five doors open when systemd stops knockd", async () => {
  await using knocking = await Knocking.create("nft", VISITORS.length);
  await serve(knocking.server.ns, [PORT]);
  await knocking.load(RULES);
  await knocking.start(OLD_WAY);
  await letAllIn(knocking);
  await stop(knocking, "SIGTERM");
  await pause(6.5);
  // The purpose of this program. If this ever fails, knockd cleans up after itself.
  assertEquals(await open(knocking), VISITORS.map(() => true));
});
