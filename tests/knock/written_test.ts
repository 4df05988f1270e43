import { assertEquals } from "@std/assert";
import { Knocking } from "../support/knocking.ts";

const FOLDER = new URL("../knockd/written/", import.meta.url).pathname;

Deno.test("--check says that knockd does not start exactly where the real knockd does not", async () => {
  await using room = await Knocking.create("nft");
  const names = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).filter((name) =>
    name.endsWith(".conf")
  );
  for (const name of names) {
    // Log and process id go to this namespace's own room, not to the machine's /var/log.
    const text = Deno.readTextFileSync(FOLDER + name).replace(/^.*logfile.*$/m, "");
    const told = Deno.readTextFileSync(FOLDER + name.replace(".conf", ".txt"));
    const starts = await room.start(text).then((knockd) => (knockd.kill("SIGKILL"), true))
      .catch(() => false);
    assertEquals(starts, !told.includes("knockd does not start"), `${name}: ${await room.log()}`);
  }
});
