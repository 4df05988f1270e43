import { killSometime } from "../support/kill.ts";
import { assert, assertEquals } from "@std/assert";
import { type Box, forEachBackend } from "../support/box.ts";
import { compareAddresses, readChains, structuralFaults } from "../support/chains.ts";
import { expectSound, expectStatus } from "../support/expect.ts";
import { FILES } from "../support/follow_cases.ts";
import { foreignRules } from "../support/foreign/foreign.ts";
import { FAMILIES, type Family, withoutOurs } from "../support/iptables_text.ts";

/** Long enough for the last of 220 in the queue. */
const WAIT = ["--wait", "300"];

const ONE = `service ssh tcp 22 syn drop allow 198.51.100.0/24, 2001:db8:7::/48
service web tcp 80 accept
`;

/** Differs from the first file in every point that a chain and a jump have. */
const OTHER = `service vpn udp 500, 4500 reject
service ssh tcp 22, 2222 reject established allow 192.0.2.128/25, fd00::/8 log limit 1/hour
`;

async function load(box: Box, text: string, ...options: string[]): Promise<void> {
  const { outcome } = box.spawn(["load", "-", ...options], { stdin: text });
  expectStatus(await outcome, 0);
}

for (const { name, text } of foreignRules()) {
  forEachBackend(
    `promise 4, only our rules: beside ${name} no load touches the others' rules`,
    async (box) => {
      for (const family of FAMILIES) await box.load(family, text[family]);
      const before = await box.saveAll({ counters: true });
      const files = ["three services, jumps in this order", "everything at once", "nothing"];
      for (const file of FILES.filter((one) => files.includes(one.name)).toReversed()) {
        await load(box, file.text, "--prune");
        const after = withoutOurs(await box.saveAll({ counters: true }));
        assertEquals(after, before, file.name);
      }
      await box.must("remove", "--all");
      assertEquals(await box.saveAll({ counters: true }), before);
    },
  );
}

function addresses(family: Family, from: number): string[] {
  return Array.from({ length: 50 }, (_, index) => {
    const number = (from + index * 37) % 251;
    return family === "ipv4" ? `10.${number}.${from}.9/32` : `2001:db8:${number}:${from}::9/128`;
  });
}

async function open(box: Box, family: Family): Promise<string[]> {
  const saved = await box.save(family);
  const chain = readChains(saved).find(({ name }) => name === "pk-ssh");
  // The addresses that a file allows have a mark, which readChains() passes over.
  return chain?.doors.map(({ address }) => address)
    .filter((address) => !saved.includes(`-s ${address} -m comment --comment pk-allow`)) ?? [];
}

forEachBackend(
  "promise 2, no lost update: 100 add, 100 delete and 20 load at once",
  async (box) => {
    await load(box, ONE);
    const commands: { line: string[]; stdin?: string }[] = [];
    for (const family of FAMILIES) {
      const closing = addresses(family, 1);
      const rules = closing.toSorted(compareAddresses).toReversed()
        .map((address) => `-I pk-ssh 1 -s ${address} -j ACCEPT`);
      const restore = `${family === "ipv4" ? "iptables" : "ip6tables"}-${box.backend}-restore`;
      const payload = ["*filter", ...rules, "COMMIT", ""].join("\n");
      await box.ns.must([restore, "--noflush"], { stdin: payload });
      addresses(family, 2).forEach((address, index) => {
        commands.push({ line: ["delete", closing[index] ?? "", "--service", "ssh"] });
        commands.push({ line: ["add", address, "--service", "ssh"] });
        if (index % 5 === 0) commands.push({ line: ["load", "-"], stdin: index % 2 ? ONE : OTHER });
      });
    }
    assertEquals(commands.length, 220);
    const running = commands.map(({ line, stdin }) =>
      box.spawn([...line, ...WAIT], { timeout: 300_000, stdin }).outcome
    );
    for (const outcome of await Promise.all(running)) expectStatus(outcome, 0);
    for (const family of FAMILIES) {
      assertEquals(await open(box, family), addresses(family, 2).sort(compareAddresses));
    }
    await expectSound(box);
  },
);

/** Waits until iptables programs whose parent was killed have ended: they may still write. */
async function settled(box: Box): Promise<void> {
  while ((await box.ns.processes()).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

async function state(box: Box): Promise<Readonly<Record<Family, string>>> {
  return { ipv4: await box.save("ipv4"), ipv6: await box.save("ipv6") };
}

/** Loads that died before their end, on each backend. */
const KILLS = 100;

forEachBackend(
  "promise 1, all or nothing: 100 loads killed at any moment leave old or new, the next repairs",
  async (box) => {
    const files = [ONE, OTHER, "# nothing\n"];
    await load(box, files.at(-1) ?? "");
    const states = [];
    const durations: number[] = [];
    for (const file of files) {
      const started = performance.now();
      await load(box, file, "--prune");
      durations.push(performance.now() - started);
      states.push(await state(box));
    }
    let killed = 0;
    let torn = 0;
    for (let round = 0; killed < KILLS; round++) {
      assert(round < 4 * KILLS, `only ${killed} of ${round} loads were killed before their end`);
      const step = round % files.length;
      const stdin = files[step] ?? "";
      const [old, wanted] = [states.at(step - 1), states[step]];
      const running = box.spawn(["load", "-", "--prune"], { stdin });
      if (await killSometime(running, { durations, step })) killed++;
      await settled(box);
      const now = await state(box);
      for (const family of FAMILIES) {
        assert([old?.[family], wanted?.[family]].includes(now[family]), now[family]);
        assertEquals(structuralFaults(now[family]), []);
      }
      if (now.ipv4 === wanted?.ipv4 && now.ipv6 !== wanted.ipv6) torn++;
      await load(box, stdin, "--prune");
      assertEquals(await state(box), wanted);
    }
    console.log(`${killed} loads killed, ${torn} of them between the families`);
  },
);
