// Kills, full disks and failures while unconfirmed rules are loaded, confirmed or taken back.
import { assert, assertEquals } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { structuralFaults } from "../support/chains.ts";
import { expectStatus } from "../support/expect.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";

const OLD = "service ssh tcp 22 drop\nservice old tcp 80 drop\n";
const NEW = "service ssh tcp 22 reject established\nservice web udp 500 drop\n";

type State = Readonly<Record<Family, string>>;

/** Both families, whenever the rules were armed. */
async function state(box: Box): Promise<State> {
  const read = async (family: Family) =>
    (await box.save(family)).replaceAll(/(--date(?:start|stop)) 20[23]\d-[\d-]+T[\d:]+/g, "$1 T");
  return { ipv4: await read("ipv4"), ipv6: await read("ipv6") };
}

async function settled(box: Box): Promise<void> {
  while ((await box.ns.processes()).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A round that ends where it began. */
const ROUND: readonly { readonly line: readonly string[]; readonly stdin?: string }[] = [
  { line: ["load", "-", "--prune", "--confirm", "300s"], stdin: NEW },
  { line: ["revert"] },
  { line: ["load", "-", "--prune", "--confirm", "300s"], stdin: NEW },
  { line: ["confirm"] },
  { line: ["load", "-", "--prune"], stdin: OLD },
];

const KILLS = 30;

forEachBackend("SIGKILL at any moment leaves each family old, unconfirmed or new", async (box) => {
  const start = (step: number) => {
    const { line, stdin = "" } = ROUND[step]!;
    return box.spawn(line, { stdin });
  };
  expectStatus(await box.spawn(["load", "-"], { stdin: OLD }).outcome, 0);
  const states: State[] = [await state(box)];
  const durations: number[] = [];
  for (const step of ROUND.keys()) {
    const started = performance.now();
    expectStatus(await start(step).outcome, 0);
    durations.push(performance.now() - started);
    states.push(await state(box));
  }
  assertEquals(states.at(-1), states[0]);
  let killed = 0;
  for (let count = 0; killed < KILLS; count++) {
    assert(count < 6 * KILLS, `only ${killed} of ${count} runs were killed before their end`);
    const step = count % ROUND.length;
    const running = start(step);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * (durations[step] ?? 0)));
    running.kill("SIGKILL");
    if ((await running.outcome).signal === "SIGKILL") killed++;
    await settled(box);
    const now = await state(box);
    for (const family of FAMILIES) {
      const allowed = [states[step]?.[family], states[step + 1]?.[family]];
      assert(allowed.includes(now[family]), `${ROUND[step]!.line.join(" ")}: ${now[family]}`);
      if (!now[family].includes("pk.")) assertEquals(structuralFaults(now[family]), []);
    }
    // What is unconfirmed in only one family has to be answered first; then the round continues.
    const again = await start(step).outcome;
    if (again.code === 1 && ROUND[step]!.line.includes("--confirm")) {
      await box.must("revert");
      expectStatus(await start(step).outcome, 0);
    } else expectStatus(again, 0);
    assertEquals(await state(box), states[step + 1], ROUND[step]!.line.join(" "));
  }
});

forEachBackend("a full disk does no harm: nothing is written to it", async (box) => {
  await box.ns.must(["mount", "-t", "tmpfs", "-o", "size=4k,mode=755", "tmpfs", "/run"]);
  await box.ns.run(["sh", "-c", "cat /dev/zero > /run/full"]);
  expectStatus(await box.spawn(["load", "-"], { stdin: OLD }).outcome, 0);
  const before = await box.saveAll();
  expectStatus(await box.spawn(["load", "-", "--confirm", "60s"], { stdin: NEW }).outcome, 0);
  await box.must("revert");
  assertEquals(await box.saveAll(), before);
  expectStatus(
    await box.spawn(["load", "-", "--prune", "--confirm", "60s"], { stdin: NEW }).outcome,
    0,
  );
  await box.must("confirm");
  assertEquals((await box.saveAll()).includes("pk."), false);
});
