import { assert, assertEquals } from "@std/assert";
import { Box } from "../support/box.ts";
import {
  type FileCase,
  FILES,
  type StateCase,
  stateLines,
  STATES,
} from "../support/follow_cases.ts";
import { faultsOfFollowing } from "../support/follow_oracle.ts";
import { diffLines, namedChains, payloadLines } from "../support/follow_text.ts";
import { BACKENDS, FAMILIES, type Family } from "../support/iptables_text.ts";
import { KernelIptables, runOn } from "../support/kernel_system.ts";

type Texts = Readonly<Record<Family, string>>;

const HEAD = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";

/** Sets both families to a state; what the kernel then prints. */
async function start(box: Box, state: StateCase | null): Promise<Texts> {
  await Promise.all(
    FAMILIES.map((family) =>
      box.load(family, `${HEAD}${state === null ? "" : stateLines(state, family)}\nCOMMIT\n`)
    ),
  );
  return await saved(box);
}

async function saved(box: Box): Promise<Texts> {
  const [ipv4, ipv6] = await Promise.all(
    FAMILIES.map((family) => box.save(family, { counters: true })),
  );
  return { ipv4: ipv4 ?? "", ipv6: ipv6 ?? "" };
}

/** The deletion of a door that expired long ago. */
const OVER = /^-D pk-\S+ .*--datestop 2001-.* -j ACCEPT$/;

/** From a state to a file: compares what diff says, what load does, and that a second load does nothing. */
async function follow(
  box: Box,
  { state, file, empty }: { state: StateCase; file: FileCase; empty: Texts },
): Promise<number> {
  const before = await start(box, state);
  const iptables = new KernelIptables(box);
  const input = file.text;
  const diff = await runOn(iptables, { line: "diff - --replace --append", input });
  const load = await runOn(iptables, { line: "load - --replace --append", input });
  assertEquals(load.status, 0, load.err);
  const after = await saved(box);
  const told = diffLines(diff.out);
  for (const family of FAMILIES) {
    const own = load.starts.filter((one) => one.family === family);
    assert(own.length <= 2, `${own.length} processes for ${family}`);
    const lines = own.flatMap(({ payload }) => payload === "" ? [] : payloadLines(payload));
    // Where only doors go that expired, `load` tidies up and `diff` has nothing to say.
    assertEquals(lines.filter((line) => !told[family].includes(line) && !OVER.test(line)), []);
    assertEquals(told[family].filter((line) => !lines.includes(line)), []);
    const faults = faultsOfFollowing({
      before: before[family],
      after: after[family],
      empty: empty[family],
      named: namedChains(file.text),
      clock: Date.now() / 1000,
      losesCounters: box.backend === "nft" && family === "ipv6",
    });
    assertEquals(faults, [], `${family}\n${before[family]}`);
  }
  const again = await runOn(iptables, { line: "load - --replace --append", input });
  assertEquals(again.status, 0, again.err);
  assertEquals(again.starts.map(({ verb }) => verb), ["save", "save"]);
  return load.starts.length + again.starts.length;
}

for (const backend of BACKENDS) {
  Deno.test(`from each of ${STATES.length} states load leads to each of ${FILES.length} files (${backend})`, async () => {
    // Half of the pairs in each of two boxes at once: there are two cores or more.
    const half = async (part: number) => {
      await using box = await Box.create(backend);
      for (const file of FILES) {
        await start(box, null);
        await runOn(new KernelIptables(box), { line: "load -", input: file.text });
        const empty = await saved(box);
        for (const [index, state] of STATES.entries()) {
          if (index % 2 !== part) continue;
          await follow(box, { state, file, empty }).catch((cause: Error) => {
            throw new Error(`from ${state.name} to ${file.name}: ${cause.message}`, { cause });
          });
        }
      }
    };
    await Promise.all([half(0), half(1)]);
  });
}
