import { assert, assertEquals, assertMatch } from "@std/assert";
import { Box, forEachBackend } from "../support/box.ts";
import { expectStatus } from "../support/expect.ts";
import { install } from "../support/fake_iptables/fake_iptables.ts";
import type { Running } from "../support/process.ts";
import { lockWaitedFor, until } from "../support/waiting.ts";

const DOOR = ["203.0.113.9", "--service", "ssh"];

/** What a shell reports, see signal(7). */
const STATUS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143, SIGKILL: 137 } as const;

/** The processes of the box whose command line holds a word. */
async function find(box: Box, word: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await box.ns.processes()) {
    const line = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
    if (line.includes(word)) found.push(pid);
  }
  return found;
}

/** Holds iptables-legacy's own lock, as another firewall program would, until it is called. */
async function holdXtables(box: Box): Promise<() => Promise<void>> {
  const hold = "echo held > /mnt/held; exec sleep 60";
  const holder = box.ns.spawn(["flock", "--no-fork", "/run/xtables.lock", "sh", "-c", hold]);
  await until(async () => (await box.ns.run(["test", "-e", "/mnt/held"])).code === 0, "held");
  return async () => {
    holder.kill("SIGKILL");
    await holder.outcome;
  };
}

/** A command whose iptables-restore has started. */
async function writer(box: Box, line: readonly string[]): Promise<Running> {
  const adding = box.spawn(line);
  await until(async () => (await find(box, "-restore")).length > 0, "a restore has started");
  return adding;
}

/** The same, on a machine where it waits for iptables' lock. */
async function writerThatWaits(box: Box, line: readonly string[]): Promise<Running> {
  const adding = await writer(box, line);
  await lockWaitedFor(box.ns, "/run/xtables.lock");
  return adding;
}

/** `init` reads by iptables-save, which does not wait; the hooks' iptables -S would wait on legacy. */
const WEB = ["init", "web", "--port", "80", "--ipv4"];

async function expectNoWeb(box: Box): Promise<void> {
  await until(async () => (await find(box, "tables")).length === 0, "all have ended");
  assertEquals((await box.save("ipv4")).includes("pk-web"), false, "the service is there again");
}

async function expectClosed(box: Box): Promise<void> {
  await until(async () => (await find(box, "tables")).length === 0, "all have ended");
  assertEquals((await box.save("ipv4")).includes("203.0.113.9"), false, "the door is open again");
}

Deno.test("promise 2, no lost update: an init killed while it waits for iptables' lock does not write behind the remove", async () => {
  await using box = await Box.create("legacy");
  const release = await holdXtables(box);
  const making = await writerThatWaits(box, WEB);
  making.kill("SIGKILL");
  assertEquals((await making.outcome).code, STATUS.SIGKILL);
  assertEquals((await find(box, "-restore")).length, 1, "nobody is left who could write late");
  const removing = box.spawn(["remove", "web", "--ipv4"]);
  await lockWaitedFor(box.ns, "/run/pktables.lock");
  await release();
  expectStatus(await removing.outcome, 0);
  await expectNoWeb(box);
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  Deno.test(`promise 2, no lost update: ${signal} ends iptables-restore before the next command begins`, async () => {
    await using box = await Box.create("legacy");
    await box.must("init", "ssh", "--port", "22");
    const before = await box.saveAll();
    const release = await holdXtables(box);
    const making = await writerThatWaits(box, WEB);
    making.kill(signal);
    const { code, stdout, stderr } = await making.outcome;
    assertEquals([code, stdout, stderr], [STATUS[signal], "", ""]);
    assertEquals(await find(box, "-restore"), [], "iptables-restore lives on");
    // pktables' lock is free again: a command that does not wait gets it.
    const removed = expectStatus(await box.pktables("remove", "web", "--ipv4", "--wait", "0"), 4);
    assertMatch(removed.stderr, /unknown service/);
    await release();
    await expectNoWeb(box);
    assertEquals(await box.saveAll(), before);
  });
}

forEachBackend(
  "promise 2, no lost update: the next command waits for the iptables-restore of one that was killed",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    await install(box.ns, [{ phase: "write", times: 1, action: { kind: "slow", seconds: 1 } }]);
    const adding = await writer(box, ["add", ...DOOR]);
    adding.kill("SIGKILL");
    await adding.outcome;
    // A command that will not wait says who has the lock, and changes nothing.
    const hasty = expectStatus(await box.pktables("delete", ...DOOR, "--wait", "0"), 1);
    assertMatch(hasty.stderr, /iptables-restore of one that was killed/);
    const { stdout } = expectStatus(await box.pktables("delete", ...DOOR), 0);
    assert(!stdout.includes("not open"), "the delete looked before the add had ended");
    await expectClosed(box);
  },
);
