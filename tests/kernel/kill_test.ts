import { killSometime } from "../support/kill.ts";
import { assert, assertEquals } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { structuralFaults } from "../support/chains.ts";
import { expectSound, expectStatus } from "../support/expect.ts";
import { install } from "../support/fake_iptables/fake_iptables.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";

/** A round that ends where it began, so that it can be walked again and again. */
const ROUND = [
  "init ssh --port 22 --syn --log",
  "add 203.0.113.9 --service ssh",
  "add 2001:db8::9 --service ssh",
  "add 198.51.100.0/24 --service ssh",
  "init ssh --port 22,8000-8010 --replace",
  "delete 203.0.113.9 --service ssh",
  "init ssh --port 2222 --accept --replace",
  "remove ssh",
];

/** Runs that died before their end, on each backend: 200 in all. */
const KILLS = 100;

type State = Readonly<Record<Family, string>>;

async function state(box: Box): Promise<State> {
  return { ipv4: await box.save("ipv4"), ipv6: await box.save("ipv6") };
}

/** Waits until iptables programs whose parent was killed have ended: they may still write. */
async function settled(box: Box): Promise<void> {
  while ((await box.ns.processes()).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

forEachBackend(
  "promise 1, all or nothing: SIGKILL at any moment leaves old or new, and the next run repairs",
  async (box) => {
    const states: State[] = [await state(box)];
    const durations: number[] = [];
    for (const line of ROUND) {
      const started = performance.now();
      expectStatus(await box.pktables(...line.split(" ")), 0);
      durations.push(performance.now() - started);
      states.push(await state(box));
    }
    assertEquals(states.at(-1), states[0]);
    let killed = 0;
    for (let count = 0; killed < KILLS; count++) {
      assert(count < 4 * KILLS, `only ${killed} of ${count} runs were killed before their end`);
      const step = count % ROUND.length;
      const line = (ROUND[step] ?? "").split(" ");
      const running = box.spawn(line);
      if (await killSometime(running, { durations, step })) killed++;
      await settled(box);
      const now = await state(box);
      for (const family of FAMILIES) {
        const allowed = [states[step]?.[family], states[step + 1]?.[family]];
        assert(allowed.includes(now[family]), `${line.join(" ")}: ${now[family]}`);
        assertEquals(structuralFaults(now[family]), []);
      }
      const again = await box.pktables(...line);
      // A `remove` that was done before the kill finds no service any more: status 4.
      expectStatus(again, again.code === 4 && line[0] === "remove" ? 4 : 0);
      assertEquals(await state(box), states[step + 1], line.join(" "));
    }
  },
);

forEachBackend(
  "promise 1, all or nothing: the next run repairs what a kill between the families left",
  async (box) => {
    for (const line of ["init ssh --port 22 --syn", "init ssh --port 22 --replace", "remove ssh"]) {
      const before = await state(box);
      for (const family of FAMILIES) {
        await install(box.ns, [{ family, phase: "write", action: { kind: "hang" } }]);
        const other = family === "ipv4" ? "ipv6" : "ipv4";
        const running = box.spawn(line.split(" "));
        // Half done, where the hanging family comes second; else nothing is done after a second.
        for (let tries = 0; tries < 20; tries++) {
          if (await box.save(other) !== before[other]) break;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        running.kill("SIGKILL");
        await running.outcome;
        for (const pid of await box.ns.processes()) Deno.kill(pid, "SIGKILL");
        await settled(box);
        await install(box.ns, []);
        assertEquals(await box.save(family), before[family], line);
      }
      expectStatus(await box.pktables(...line.split(" ")), 0);
      await expectSound(box, line);
      for (const family of FAMILIES) {
        assert(await box.save(family) !== before[family], `${line}: ${family} was left behind`);
      }
    }
  },
);

forEachBackend(
  "promise 2, no lost update: the child of a killed command that writes late loses no door",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    for (const last of [10, 20, 30]) await box.must("add", `192.0.2.${last}`, "--service", "ssh");
    await install(box.ns, [{ phase: "write", times: 1, action: { kind: "slow", seconds: 1 } }]);
    const running = box.spawn(["add", "192.0.2.25", "--service", "ssh"]);
    await new Promise((resolve) => setTimeout(resolve, 400));
    running.kill("SIGKILL");
    await running.outcome;
    for (const last of [5, 15]) await box.must("add", `192.0.2.${last}`, "--service", "ssh");
    await settled(box);
    assertEquals(structuralFaults(await box.save("ipv4")), []);
    await box.must("add", "192.0.2.1", "--service", "ssh");
    await expectSound(box);
    const saved = await box.save("ipv4");
    for (const last of [1, 5, 10, 15, 20, 30]) {
      assert(saved.includes(`-s 192.0.2.${last}/32 -j ACCEPT`), `192.0.2.${last} was lost`);
    }
  },
);
