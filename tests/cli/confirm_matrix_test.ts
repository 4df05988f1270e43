// From every state of a machine to every file: what packets meet while rules are unconfirmed, and what
// is in the kernel after each way out. Packets are judged by the tracer, which shares no code with plan.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ADDRESSES, dirtyTable } from "../support/dirty.ts";
import { FakeSystem } from "../support/fake_system.ts";
import { FILES, stateLines, STATES } from "../support/follow_cases.ts";
import type { Family } from "../support/iptables_text.ts";
import { must } from "../support/unconfirmed_machine.ts";

type Texts = Readonly<Record<Family, string>>;

const OPTIONS = ["", "--prune", "--prune --replace", "--move"];

function machine(start: Texts, text: string): FakeSystem {
  const system = new FakeSystem(start);
  system.contents["-"] = text;
  return system;
}

/** Both families without counters, and without doors that expired long ago: they may be swept or not. */
function rulesOf(system: FakeSystem): string {
  return system.dump().replaceAll(/\[\d+:\d+\] ?/g, "").split("\n")
    .filter((line) => !/--datestop 20(01|26-05-0[1-6]).* -j ACCEPT$/.test(line)).join("\n");
}

const SOURCES: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["anyone", "198.51.100.1", "203.0.113.3", "10.0.0.9", "203.0.113.200"],
  ipv6: ["anyone", "2001:db8::1", "2001:db8:3::3", "2001:db8::9", "fd00::7"],
};

const QUESTIONS = ["tcp 22", "tcp 80", "tcp 2222", "udp 500", "tcp 443", "tcp 9"];

/** What packets meet, a line a question: only the verdict, because the chains have other names meanwhile. */
async function met(system: FakeSystem, asked = QUESTIONS): Promise<string[]> {
  const lines: string[] = [];
  for (const family of ["ipv4", "ipv6"] as const) {
    for (const question of asked) {
      for (const source of SOURCES[family]) {
        const line = `trace ${question} from ${source} --${family}`;
        const { out, status, err } = await system.run(line);
        assert(status !== 2 && status !== 3, err);
        lines.push(`${line}: ${/accepted|dropped|rejected|queued|unknown/.exec(out)?.[0] ?? out}`);
      }
    }
  }
  return lines;
}

/** Loads a file in every way, and compares each end with what it has to be. */
async function tryAll(
  start: Texts,
  { text, options, asked }: { text: string; options: string; asked?: string[] },
): Promise<boolean> {
  const plain = machine(start, text);
  const loaded = await plain.run(`load - ${options}`);
  if (loaded.status !== 0) return false;
  const wanted = await met(plain, asked);

  const confirmed = machine(start, text);
  const said = await must(confirmed, `load - --confirm 60s ${options}`);
  assertEquals(await met(confirmed, asked), wanted, "while it is unconfirmed");
  if (!said.includes("unconfirmed")) return false;
  assertEquals(rulesOf(confirmed) === rulesOf(machine(start, text)), false);
  await must(confirmed, "confirm");
  assertEquals(rulesOf(confirmed), rulesOf(plain), "confirmed");
  assertEquals(await met(confirmed, asked), wanted, "confirmed");

  const reverted = machine(start, text);
  const before = reverted.dump();
  await must(reverted, `load - --confirm 60s ${options}`);
  await must(reverted, "revert");
  assertEquals(reverted.dump(), before, "reverted, counters included");

  const left = machine(start, text);
  await must(left, `load - --confirm 60s ${options}`);
  const alone = machine(start, text);
  for (const system of [left, plain]) system.clock += 60;
  // Timed doors end meanwhile: what is compared is compared at the same time.
  assertEquals(await met(left, asked), await met(plain, asked), "in its last second");
  for (const system of [left, alone]) system.clock = plain.clock + 1;
  assertEquals(await met(left, asked), await met(alone, asked), "left alone");
  const late = await left.run("confirm");
  assertEquals([late.status, left.dump()], [1, before], late.err);
  return true;
}

for (const file of FILES) {
  Deno.test(`rules that are unconfirmed are those of ${file.name}, and each way out is whole`, async () => {
    let count = 0;
    for (const state of STATES) {
      const start = { ipv4: stateLines(state, "ipv4"), ipv6: stateLines(state, "ipv6") };
      const options = OPTIONS[count++ % OPTIONS.length] ?? "";
      try {
        await tryAll(start, { text: file.text, options });
      } catch (error) {
        throw new Error(`${state.name}, load ${options}`, { cause: error });
      }
    }
  });
}

Deno.test("on any machine, unconfirmed rules and each way out are those of a plain load", async () => {
  let armed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({ ipv4: dirtyTable("ipv4"), ipv6: dirtyTable("ipv6") }),
      fc.constantFrom(...FILES),
      fc.constantFrom(...OPTIONS),
      async (start, { text }, options) => {
        const asked = ["tcp 22", "tcp 80"];
        if (await tryAll(start, { text, options, asked })) armed++;
      },
    ),
    { numRuns: 60 },
  );
  assert(armed > 20, `${armed}`);
});

/** Doors that are opened, closed and swept within a minute. */
const DOORS = fc.array(
  fc.record({
    line: fc.oneof(
      fc.tuple(
        fc.constantFrom("add", "add", "delete"),
        fc.constantFrom(...ADDRESSES.ipv4, ...ADDRESSES.ipv6),
        fc.constantFrom("", "", " --for 2s", " --for 2h"),
      ).map(([verb, address, end]) =>
        `${verb} ${address} --service ssh${verb === "add" ? end : ""}`
      ),
      fc.constant("sweep"),
    ),
    wait: fc.constantFrom(0, 0, 1, 5),
  }),
  { minLength: 1, maxLength: 5 },
);

Deno.test("doors of an unconfirmed minute are those of a plain one, confirmed or not", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ ipv4: dirtyTable("ipv4"), ipv6: dirtyTable("ipv6") }),
      fc.constantFrom(...FILES),
      DOORS,
      async (start, { text }, steps) => {
        const walk = async (system: FakeSystem) => {
          for (const { line, wait } of steps) {
            system.clock += wait;
            const { status, err } = await system.run(line);
            assert(status === 0 || status === 4, err);
          }
        };
        const plain = machine(start, text);
        fc.pre((await plain.run("load -")).status === 0);
        await walk(plain);
        const untouched = machine(start, text);
        await walk(untouched);
        for (const way of ["confirm", "revert"]) {
          const system = machine(start, text);
          await must(system, "load - --confirm 5m");
          await walk(system);
          await must(system, way);
          const wanted = way === "confirm" ? plain : untouched;
          assertEquals(rulesOf(system), rulesOf(wanted), way);
        }
      },
    ),
    { numRuns: 150 },
  );
});
