import { assertEquals } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { compareAddresses, readChains } from "../support/chains.ts";
import { expectSound, expectStatus } from "../support/expect.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";

/** Long enough for the last of 400 in the queue; the default is made for one hook and another. */
const WAIT = ["--wait", "300"];

function addresses(family: Family, from: number): string[] {
  return Array.from({ length: 100 }, (_, index) => {
    // Spread over the number range, so that neighbours in time are no neighbours in the chain.
    const number = (from + index * 37) % 251;
    return family === "ipv4" ? `10.${number}.${from}.9` : `2001:db8:${number}:${from}::9`;
  });
}

async function open(box: Box, family: Family): Promise<string[]> {
  const [chain] = readChains(await box.save(family));
  return chain?.doors.map(({ address }) => address) ?? [];
}

/** Sets a chain with these doors open, as a run of adds would have left it. */
async function start(box: Box, family: Family, doors: readonly string[]): Promise<void> {
  const suffix = family === "ipv4" ? "/32" : "/128";
  const sorted = doors.map((door) => door + suffix).sort(compareAddresses);
  await box.load(
    family,
    [
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:pk-ssh - [0:0]",
      "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh",
      ...sorted.map((door) => `-A pk-ssh -s ${door} -j ACCEPT`),
      "-A pk-ssh -j DROP\nCOMMIT\n",
    ].join("\n"),
  );
}

forEachBackend(
  "promise 2, no lost update: 200 add and 200 delete at once end as one after another would",
  async (box) => {
    const commands: string[][] = [];
    for (const family of FAMILIES) {
      const closing = addresses(family, 1);
      const opening = addresses(family, 2);
      await start(box, family, closing);
      for (const [index, address] of closing.entries()) {
        commands.push(["delete", address, "--service", "ssh", ...WAIT]);
        commands.push(["add", opening[index] ?? "", "--service", "ssh", ...WAIT]);
      }
    }
    assertEquals(commands.length, 400);
    const timeout = 300_000;
    const running = commands.map((command) => box.spawn(command, { timeout }).outcome);
    for (const outcome of await Promise.all(running)) expectStatus(outcome, 0);
    for (const family of FAMILIES) {
      const suffix = family === "ipv4" ? "/32" : "/128";
      const expected = addresses(family, 2).map((address) => address + suffix);
      assertEquals(await open(box, family), expected.sort(compareAddresses));
    }
    await expectSound(box);
  },
);

forEachBackend(
  "promise 2, no lost update: commands on one address end open or closed, and once",
  async (box) => {
    await box.must("init", "ssh", "--port", "22");
    const verbs = Array.from({ length: 20 }, (_, index) => index % 2 === 0 ? "add" : "delete");
    const lines = verbs.map((verb) => [verb, "203.0.113.9", "--service", "ssh", ...WAIT]);
    for (const outcome of await Promise.all(lines.map((line) => box.pktables(...line)))) {
      expectStatus(outcome, 0);
    }
    const doors = await open(box, "ipv4");
    assertEquals(doors.filter((door) => door !== "203.0.113.9/32"), []);
    await expectSound(box);
  },
);

forEachBackend(
  "promise 2, no lost update: init and remove of several services at once lose none",
  async (box) => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    await Promise.all(names.map(async (name, index) => {
      const port = String(1000 + index);
      expectStatus(await box.pktables("init", name, "--port", port, ...WAIT), 0);
      expectStatus(await box.pktables("add", "203.0.113.9", "--service", name, ...WAIT), 0);
      if (index % 2 === 0) expectStatus(await box.pktables("remove", name, ...WAIT), 0);
    }));
    for (const family of FAMILIES) {
      const left = readChains(await box.save(family)).map(({ name }) => name).sort();
      assertEquals(left, ["pk-b", "pk-d", "pk-f", "pk-h"]);
    }
    await expectSound(box);
  },
);
