import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Box, forEachBackend } from "../support/box.ts";
import { structuralFaults } from "../support/chains.ts";
import { expectSound, expectStatus } from "../support/expect.ts";
import { type Action, type Fault, install } from "../support/fake_iptables/fake_iptables.ts";
import { BACKENDS, FAMILIES, type Family } from "../support/iptables_text.ts";

/** Start state: a service with doors in both families, everything counted. */
const START: Readonly<Record<Family, string>> = {
  ipv4: start("203.0.113.9/32", "198.51.100.0/24"),
  ipv6: start("2001:db8::9/128", "fd00::/8"),
};

function start(...doors: string[]): string {
  return [
    "*filter\n:INPUT ACCEPT [11:660]\n:FORWARD DROP [1:1]\n:OUTPUT ACCEPT [2:2]\n:pk-ssh - [0:0]",
    "[9:540] -A INPUT -p tcp -m tcp --dport 22 -j pk-ssh",
    "[8:480] -A INPUT -i lo -j ACCEPT",
    ...doors.sort().map((door, index) => `[${index + 3}:300] -A pk-ssh -s ${door} -j ACCEPT`),
    "[4:240] -A pk-ssh -j DROP\nCOMMIT\n",
  ].join("\n");
}

/** Commands that change both families. */
const BOTH = [
  "init web --port 80,443 --log",
  "init ssh --port 22 --accept --replace",
  "init ssh --port 2222 --replace",
  "remove ssh",
];

async function load(box: Box): Promise<string> {
  for (const family of FAMILIES) await box.load(family, START[family]);
  return await box.saveAll({ counters: true });
}

/** Runs each command with a fault in place: it has to fail and leave everything as it was. */
async function expectUnchanged(box: Box, lines: readonly string[], fault: Fault): Promise<void> {
  for (const line of lines) {
    await install(box.ns, []);
    const before = await load(box);
    await install(box.ns, [fault]);
    const { stderr } = expectStatus(await box.pktables(...line.split(" "), "--wait", "1"), 1);
    assert(stderr.trim() !== "", line);
    if (fault.action.kind === "fail") assertStringIncludes(stderr, fault.action.stderr, line);
    assertEquals(await box.saveAll({ counters: true }), before, `${line}\n${stderr}`);
  }
}

const REFUSAL: Action = { kind: "fail", code: 4, stderr: "line 3: RULE_INSERT failed (No space)" };

for (const family of FAMILIES) {
  for (const phase of ["save", "test", "write"] as const) {
    forEachBackend(
      `promise 1, all or nothing: a refused ${phase} of ${family} leaves both families, counters too`,
      async (box) => {
        // Reading is repeated by this test itself, so only the program's own reading may fail.
        const times = phase === "save" ? { times: 1 } : {};
        await expectUnchanged(box, BOTH, { family, phase, action: REFUSAL, ...times });
      },
    );
  }
  forEachBackend(
    `promise 1, all or nothing: a restore of ${family} killed before it wrote leaves both families`,
    async (box) => {
      await expectUnchanged(box, BOTH, { family, phase: "write", action: { kind: "killed" } });
      await expectUnchanged(box, BOTH, { family, phase: "test", action: { kind: "killed" } });
    },
  );
}

forEachBackend(
  "promise 1, all or nothing: a hook that iptables refuses changes nothing",
  async (box) => {
    for (const address of ["203.0.113.10", "2001:db8::a"]) {
      const lines = [`add ${address} --service ssh`, `add ${address} --service ssh --for 1h`];
      await expectUnchanged(box, lines, { phase: "write", action: REFUSAL });
    }
    for (const address of ["203.0.113.9", "2001:db8::9"]) {
      const lines = [`delete ${address} --service ssh`];
      await expectUnchanged(box, lines, { phase: "write", action: REFUSAL });
      await expectUnchanged(box, lines, { phase: "write", action: { kind: "killed" } });
    }
  },
);

forEachBackend(
  "promise 1, all or nothing: a restore killed after it wrote leaves old or new, the next run repairs",
  async (box) => {
    for (const line of BOTH) {
      await install(box.ns, []);
      await load(box);
      await box.must(...line.split(" "));
      const wanted = await box.saveAll();
      for (const family of FAMILIES) {
        await install(box.ns, []);
        await load(box);
        const old = { ipv4: await box.save("ipv4"), ipv6: await box.save("ipv6") };
        await install(box.ns, [{
          family,
          phase: "write",
          times: 1,
          action: { kind: "killedAfter" },
        }]);
        await box.pktables(...line.split(" "));
        for (const each of FAMILIES) {
          const now = await box.save(each);
          assert(now === old[each] || wanted.includes(now), `${line} ${family} ${each}\n${now}`);
          assertEquals(structuralFaults(now), []);
        }
        const again = await box.pktables(...line.split(" "));
        // `remove` may find that it is done: the service is gone from both families.
        assert(again.code === 0 || line.startsWith("remove"), again.stderr);
        assertEquals(await box.saveAll(), wanted, `${line} ${family}`);
      }
    }
  },
);

Deno.test("promise 1, all or nothing: a child that hangs is ended by its time limit", async () => {
  const cases = BACKENDS.flatMap((backend) =>
    (["save", "test", "write"] as const).flatMap((phase) =>
      FAMILIES.map((family) => ({ backend, phase, family }))
    )
  );
  // All at once: nearly all of the time is waiting.
  await Promise.all(cases.map(async ({ backend, phase, family }) => {
    await using box = await Box.create(backend);
    const times = phase === "save" ? { times: 1 } : {};
    const fault: Fault = { family, phase, action: { kind: "hang" }, ...times };
    await expectUnchanged(box, ["init web --port 80"], fault);
    assertEquals(await box.ns.processes(), [], "the child is gone as well");
    await install(box.ns, []);
    expectStatus(await box.pktables("init", "web", "--port", "80"), 0);
    await expectSound(box);
  }));
});
