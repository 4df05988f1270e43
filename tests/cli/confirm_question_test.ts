// The question whether new rules are to stay, second by second, on a machine in memory.
import { assertEquals } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";
import { LONGEST, machine, must } from "../support/unconfirmed_machine.ts";

/** What happens at a terminal while the question stands. */
interface Scene {
  /** What is pressed, one after the other; `null`: the terminal is gone. Then nothing more comes. */
  readonly keys?: readonly (string | null)[];
  /** Commands that another session runs, each in the pause with its number; the first is 0. */
  readonly others?: Readonly<Record<number, string>>;
  /** Pauses after which it is interrupted. */
  readonly pauses?: number;
  /** Rules that cannot be read any more from this pause on. */
  readonly blind?: number;
  /** The command, and one ahead of it. */
  readonly line?: string;
  readonly before?: string;
  /** new.pk, unless it is the one of the machine. */
  readonly rules?: string;
  /** Whether a second takes for ever. */
  readonly isSlow?: boolean;
  /** Whether the machine has no IPv6. */
  readonly isOld?: boolean;
  /** What the console does not have. */
  readonly lacks?: Readonly<Record<string, unknown>>;
}

/** Loads new.pk with --confirm; returns what a person sees, without the escapes of the terminal. */
async function scene({ keys = [], others, pauses = 999, blind, lacks, ...given }: Scene) {
  const system = await machine();
  if (given.rules !== undefined) system.contents["new.pk"] = given.rules;
  if (given.before !== undefined) await must(system, given.before);
  const noFamily = {
    family: "ipv6",
    problem: failure("no-family", "ip6tables cannot start"),
  } as const;
  if (given.isOld === true) system.kernel.faults = { save: noFamily };
  const left = [...keys];
  const done: string[] = [];
  Object.assign(system.console, {
    errIsTerminal: true,
    noColor: true,
    keys: () => ({
      discard: () => Promise.resolve(void done.push("discard")),
      next: () => left.length === 0 ? new Promise(() => {}) : Promise.resolve(left.shift()),
      [Symbol.dispose]: () => void done.push("keys are free"),
    }),
    ...lacks,
  });
  Object.assign(system.lock, { reserve: () => void done.push("reserve") });
  let count = 0;
  Object.assign(system, {
    interruption: () => ({
      get over() {
        return count > pauses;
      },
      pause: async (seconds: number) => {
        system.clock += seconds;
        done.push(`${seconds}`);
        if (given.isSlow === true && seconds === 1) await new Promise(() => {});
        const other = others?.[count];
        if (other !== undefined) {
          const second = new FakeSystem();
          Object.assign(second, { kernel: system.kernel, clock: system.clock });
          await must(second, other);
        }
        if (count++ === blind) system.kernel.faults = { save: { family: "ipv4", problem: LOST } };
      },
      [Symbol.dispose]: () => void done.push("listens no more"),
    }),
  });
  const { status, out, err } = await system.run(given.line ?? "load new.pk --confirm 3s");
  return { system, done, status, out, err };
}

const LOST = failure("timeout", "iptables-save was ended");

const LOADED = "ssh                        ports 22 -> 2222, policy drop -> reject\n" +
  "a-name-of-25-characters--  policy drop -> accept\n" +
  "unconfirmed, 3s left: the kernel takes this back after 2026-05-06T07:08:12Z unless " +
  "`pktables confirm` keeps it; `pktables revert` takes it back now\n";

const BACK = "\r\x1b[K";

const asks = (...seconds: number[]) =>
  seconds.map((left) => `${BACK}keep these rules? y or Enter: yes, n: no (${left}s left) `).join(
    "",
  ) +
  BACK;

for (const keys of [["y"], ["Y"], ["\r"], ["\n"], ["x", " ", "y"], ["xyn"]]) {
  Deno.test(`${JSON.stringify(keys)} keeps the new rules`, async () => {
    const { system, status, out, err } = await scene({ keys });
    assertEquals([status, err], [0, asks(3)]);
    assertEquals(out, `${LOADED}confirmed (IPv4 and IPv6)\n`);
    const plain = await machine();
    await must(plain, "load new.pk");
    assertEquals(system.dump(), plain.dump());
  });
}

for (const keys of [["n"], ["N"], ["q", "0", "n"], ["xNy"]]) {
  Deno.test(`${JSON.stringify(keys)} takes them back`, async () => {
    const { system, status, out, err } = await scene({ keys });
    assertEquals([status, err], [1, asks(3)]);
    assertEquals(out, `${LOADED}taken back (IPv4 and IPv6)\n`);
    assertEquals(system.dump(), (await machine()).dump());
  });
}

const LEFT = "pktables: warning: not confirmed: the kernel takes the rules back after " +
  "2026-05-06T07:08:12Z; until then `pktables confirm` keeps them\n";

for (
  const [what, given, expected] of [
    ["a terminal that is gone", { keys: [null] }, [1, "", asks(3) + LEFT]],
    ["Ctrl-C while it counts", { pauses: 2 }, [1, "", asks(3, 2) + LEFT]],
    ["Ctrl-C ahead of the question", { pauses: 0 }, [1, "", BACK + LEFT]],
    [
      "no answer",
      { keys: ["x", "?"] },
      [
        1,
        "",
        // The last second counts as well.
        `${
          asks(3, 2, 1, 1)
        }pktables: error: not confirmed in time: the kernel took the rules back\n`,
      ],
    ],
    ["rules that cannot be read meanwhile", { blind: 1 }, [
      1,
      "",
      `${asks(3, 2, 1, 1)}pktables: error: not confirmed in time: the kernel took the rules back\n`,
    ]],
    [
      "an answer elsewhere: they stay",
      { others: { 1: "confirm" } },
      [0, "confirmed by another command\n", asks(3)],
    ],
    [
      "an answer elsewhere: they go",
      { others: { 2: "revert" } },
      [1, "taken back by another command\n", asks(3, 2)],
    ],
    [
      "an answer elsewhere ahead of the question: nobody knows which",
      { others: { 0: "confirm" } },
      [1, "confirmed or taken back by another command\n", BACK],
    ],
    // Doors come and go while it is asked.
    [
      "a door that opens meanwhile is no answer",
      { others: { 1: "add 10.0.0.9 --service ssh" }, keys: [] },
      [
        1,
        "",
        `${
          asks(3, 2, 1, 1)
        }pktables: error: not confirmed in time: the kernel took the rules back\n`,
      ],
    ],
    [
      "a door that opens ahead of an answer elsewhere: they go",
      { others: { 1: "add 10.0.0.9 --service ssh", 2: "revert" } },
      [1, "taken back by another command\n", asks(3, 2)],
    ],
    [
      "a door that opens ahead of an answer elsewhere: they stay",
      { others: { 1: "add 10.0.0.9 --service ssh", 2: "confirm" } },
      [0, "confirmed by another command\n", asks(3, 2)],
    ],
  ] satisfies readonly (readonly [string, Scene, readonly [number, string, string]])[]
) {
  Deno.test(`while it is asked whether new rules stay: ${what}`, async () => {
    const { status, out, err } = await scene(given);
    const [wanted, more, told] = expected;
    assertEquals([status, out, err], [wanted, LOADED + more, told]);
  });
}

Deno.test("where one family changes, an answer elsewhere is one to both", async () => {
  for (const [other, status] of [["confirm", 0], ["revert", 1]] as const) {
    for (const family of ["ipv4", "ipv6"]) {
      const ended = await scene({ before: `load new.pk --${family}`, others: { 1: other } });
      assertEquals(ended.status, status, family);
      const done = other === "confirm" ? "confirmed" : "taken back";
      assertEquals(ended.out.split("\n").at(-2), `${done} by another command`);
    }
  }
});

Deno.test("an answer elsewhere is seen by the jumps that changed, or by the chains", async () => {
  const rest = `service ${LONGEST} tcp 80 drop\n`;
  for (
    const rules of [
      `service ssh tcp 23 syn drop\n${rest}`,
      `service ssh tcp 22 syn reject\n${rest}`,
    ]
  ) {
    for (const [other, done] of [["confirm", "confirmed"], ["revert", "taken back"]] as const) {
      const { out } = await scene({ rules, others: { 1: other } });
      assertEquals(out.split("\n").at(-2), `${done} by another command`, rules);
    }
  }
});

Deno.test("a key is an answer at once: it does not wait for the next second", async () => {
  const { out } = await scene({ keys: ["y"], isSlow: true });
  assertEquals(out, `${LOADED}confirmed (IPv4 and IPv6)\n`);
});

Deno.test("that a machine has no IPv6 is told by the commands, and not every second", async () => {
  const { err } = await scene({ keys: [null], pauses: 99, isOld: true });
  const note = "note: no IPv6 here (ip6tables cannot start): continuing with IPv4 only\n";
  assertEquals(err, note + asks(3) + LEFT);
});

Deno.test("keys that were pressed ahead of the question are forgotten, and all is given back", async () => {
  const { done } = await scene({ keys: ["y"] });
  assertEquals(done, ["reserve", "0.3", "discard", "1", "listens no more", "keys are free"]);
});

Deno.test("whoever chose a backend is told to answer there", async () => {
  const { err } = await scene({ keys: [null], line: "load new.pk --confirm 3s --backend legacy" });
  assertEquals(err, asks(3) + LEFT.replace("confirm`", "confirm --backend legacy`"));
});

Deno.test("without a terminal, or keys of one, nothing is asked", async () => {
  for (const lacks of [{ errIsTerminal: false }, { keys: undefined }, { keys: () => null }]) {
    const { status, out, err, done } = await scene({ lacks });
    assertEquals([status, out, err], [0, LOADED, ""]);
    // The lock is kept for an answer only where one may come.
    assertEquals(done, "errIsTerminal" in lacks ? [] : ["reserve"]);
  }
});
