import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { dirtyTable } from "../support/dirty.ts";
import { FakeSystem } from "../support/fake_system.ts";
import { type FileCase, FILES, stateLines, STATES } from "../support/follow_cases.ts";
import { faultsOfFollowing } from "../support/follow_oracle.ts";
import { diffLines, namedChains, payloadLines } from "../support/follow_text.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";

type Texts = Readonly<Record<Family, string>>;

function dumps(system: FakeSystem): Texts {
  return { ipv4: system.kernel.dump("ipv4"), ipv6: system.kernel.dump("ipv6") };
}

const empties = new Map<string, Texts>();

/** What the file makes of an empty machine. */
async function onEmpty(text: string): Promise<Texts> {
  const known = empties.get(text);
  if (known !== undefined) return known;
  const system = new FakeSystem();
  system.contents["-"] = text;
  const { status, err } = await system.run("load -");
  assertEquals(status, 0, err);
  empties.set(text, dumps(system));
  return dumps(system);
}

/** What `load` leaves as it is, so that it is a difference still. */
const OTHERS =
  /in INPUT the jump to|\(wanted: (drop|accept|reject)\)|port \d+ is (open|closed)|do not reach/;

/** The deletion of a door that expired long ago. */
const OVER_DOOR = /^-D pk-\S+ .*--datestop 20(01|26-05-0[1-6]).* -j ACCEPT$/;

/** Diff, load, load and diff: compares what each says and does with what it has to. */
async function follow(
  start: Texts,
  { file, options }: { file: FileCase; options: string },
): Promise<void> {
  const system = new FakeSystem(start);
  system.contents["-"] = file.text;
  const before = dumps(system);
  const shown = await system.run(`diff - ${options}`);
  assertEquals(dumps(system), before);
  const loaded = await system.run(`load - ${options}`);
  assertEquals(loaded.status, 0, loaded.err);
  const told = diffLines(shown.out);
  let differs = OTHERS.test(shown.err);
  for (const family of FAMILIES) {
    const written = system.kernel.writes.find((call) => call.family === family);
    const lines = written === undefined ? [] : payloadLines(written.payload);
    // Where only doors go that expired, `load` tidies up and `diff` has nothing to say.
    const untold = lines.filter((line) => !told[family].includes(line));
    assertEquals(untold.filter((line) => !OVER_DOOR.test(line)), []);
    assertEquals(told[family].filter((line) => !lines.includes(line)), []);
    differs ||= told[family].length > 0;
  }
  const writes = system.kernel.writes.length;
  assertEquals(shown.status, differs ? 1 : 0);
  assert(writes <= FAMILIES.length, "more than one transaction a family");
  const empty = await onEmpty(file.text);
  for (const family of FAMILIES) {
    const faults = faultsOfFollowing({
      before: before[family],
      after: system.kernel.dump(family),
      empty: empty[family],
      named: namedChains(file.text),
      clock: system.clock,
      prune: options.includes("--prune"),
    });
    assertEquals(faults, [], `${family}\n${before[family]}`);
  }
  const again = await system.run(`load - ${options}`);
  assertEquals(system.kernel.writes.length, writes, "the second load wrote");
  assertEquals(again.status, 0);
  for (const line of again.out.split("\n")) assert(/^(\S+ +unchanged)?$/.test(line), line);
  const rest = await system.run(`diff - ${options}`);
  assertEquals([rest.status, rest.out], [OTHERS.test(rest.err) ? 1 : 0, ""]);
}

for (const state of STATES) {
  Deno.test(`load leads from ${state.name} to every file, as diff says, and rests`, async () => {
    const start = { ipv4: stateLines(state, "ipv4"), ipv6: stateLines(state, "ipv6") };
    for (const file of FILES) {
      for (const options of ["--replace --append", "--replace --append --prune"]) {
        await follow(start, { file, options }).catch((cause: Error) => {
          throw new Error(`to the file of ${file.name} ${options}: ${cause.message}`, { cause });
        });
      }
    }
  });
}

Deno.test("load leads from any state of a chain to any file, as diff says, and is stable", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ ipv4: dirtyTable("ipv4"), ipv6: dirtyTable("ipv6") }),
      fc.constantFrom(...FILES),
      fc.constantFrom("--replace --append", "--replace --append --prune"),
      (start, file, options) => follow(start, { file, options }),
    ),
    { numRuns: 400 },
  );
});
