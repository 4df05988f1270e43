// Real packets before and after every verb, on chains that others worked on: no address is let in or shut
// out but those that the command names.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Backend, FAMILIES, type Family } from "../support/iptables_text.ts";
import { PKTABLES } from "../support/namespace.ts";
import { ADDRESSES, TestBed } from "../support/packets/test_bed.ts";
import {
  NAMED,
  SOURCES,
  type StrangeState,
  strangeState,
} from "../support/packets/strange_chains.ts";

/** How many states of both families each backend is brought into; 75 are 300 chains. */
const STATES = Number(Deno.env.get("PKTABLES_STATES") ?? 12);
const SYN = 2;

/** Counts what came through the tables, after all of them. */
const PROBE = `table inet probe { chain input { type filter hook input priority 300;
${
  FAMILIES.flatMap((family) =>
    SOURCES[family].map((source) =>
      `${family === "ipv4" ? "ip" : "ip6"} saddr ${source} tcp dport 22 counter comment "${source}"`
    )
  ).join("\n")
}
}
}`;

/** A packet that opens a connection, from each source: who comes through. */
async function letIn(testBed: TestBed, port: number): Promise<Set<string>> {
  await testBed.machine.must(["nft", "-f", "-"], {
    stdin: `table inet probe\ndelete table inet probe\n${PROBE}`,
  });
  await testBed.send(FAMILIES.flatMap((family) =>
    SOURCES[family].map((source) => ({
      ...{ family, source, protocol: 6, destination: ADDRESSES[family][0]!, port: 22, flags: SYN },
      ...{ sourcePort: port, type: 0, code: 0, interface: "wan0" },
    }))
  ));
  const shown = await testBed.machine.must(["nft", "list", "table", "inet", "probe"]);
  return new Set(
    [...shown.matchAll(/packets [1-9]\d* .*comment "(\S+)"/g)].map(([, source]) => source!),
  );
}

interface Verb {
  readonly args: readonly string[];
  /** Who may be let in by it, and who may be shut out. */
  readonly opens: readonly string[];
  readonly closes: readonly string[];
}

const EVERYBODY = FAMILIES.flatMap((family) => SOURCES[family]);
const FILE = "service ssh tcp 22 syn drop\n";

function verb(): fc.Arbitrary<Verb> {
  const address = fc.constantFrom(
    ...FAMILIES.flatMap((family) => Object.entries(NAMED[family])),
  );
  return fc.oneof(
    address.map(([name, hosts]): Verb => ({
      args: ["add", name, "--service", "ssh"],
      opens: hosts,
      closes: [],
    })),
    address.map(([name, hosts]): Verb => ({
      args: ["delete", name, "--service", "ssh"],
      opens: [],
      closes: hosts,
    })),
    fc.constant({ args: ["sweep"], opens: [], closes: [] }),
    fc.constant({ args: ["load", "-", "--append"], opens: [], closes: EVERYBODY }),
    fc.constant({
      args: ["init", "ssh", "--port", "22", "--syn", "--replace", "--append"],
      opens: [],
      closes: EVERYBODY,
    }),
  );
}

/** The hosts of every address whose door the command reported behind the end. */
function revived(said: string): string[] {
  return FAMILIES.flatMap((family) =>
    Object.entries(NAMED[family]).flatMap(([name, hosts]) => said.includes(name) ? hosts : [])
  );
}

async function bring(
  testBed: TestBed,
  { backend, states }: { backend: Backend; states: Readonly<Record<Family, StrangeState>> },
): Promise<void> {
  for (const family of FAMILIES) {
    await testBed.load(backend, family, states[family].text);
    for (const words of states[family].native) await testBed.machine.must(words);
  }
}

for (const backend of ["nft", "legacy"] as const) {
  Deno.test(`${backend}: no verb lets in or shuts out an address it does not name, whoever made the chain`, async () => {
    await using testBed = await TestBed.create();
    const seed = Date.now() % 2 ** 31;
    const cases = fc.sample(
      fc.record({
        ipv4: strangeState("ipv4", backend),
        ipv6: strangeState("ipv6", backend),
        verbs: fc.array(verb(), { minLength: 3, maxLength: 5 }),
      }),
      { seed, numRuns: STATES },
    );
    const counts = { chains: 0, verbs: 0, refused: 0, packets: 0, passed: 0 };
    let port = 1024;
    const probe = async () => {
      const through = await letIn(testBed, port++);
      counts.packets += EVERYBODY.length;
      counts.passed += through.size;
      return through;
    };
    for (const { verbs, ...states } of cases) {
      await bring(testBed, { backend, states });
      counts.chains += FAMILIES.length;
      let before = await probe();
      const story = [states.ipv4.text, states.ipv6.text, JSON.stringify(states)];
      for (const { args, opens, closes } of verbs) {
        const line = [PKTABLES, ...args, "--backend", backend];
        const { code, stdout, stderr } = await testBed.machine.run(line, { stdin: FILE });
        const after = await probe();
        story.push(`$ ${args.join(" ")} # ${code}`, stdout, stderr);
        const told = `seed ${seed}\n${story.join("\n")}`;
        counts.verbs++;
        if (code !== 0) counts.refused++;
        assert(code === 0 || code === 1 && stderr.includes("error"), told);
        const may = code === 0 ? [...opens, ...revived(stdout + stderr)] : [];
        const mayNot = code === 0 ? closes : [];
        const [opened, closed] = [after.difference(before), before.difference(after)];
        assertEquals([...opened].filter((source) => !may.includes(source)), [], `let in\n${told}`);
        assertEquals([...closed].filter((source) => !mayNot.includes(source)), [], `out\n${told}`);
        before = after;
      }
    }
    console.log(`${backend}, seed ${seed}: ${JSON.stringify(counts)}`);
    assert(counts.passed > 0 && counts.passed < counts.packets && counts.verbs > counts.refused);
  });
}
