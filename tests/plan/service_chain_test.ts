import { assertEquals } from "@std/assert";
import { parseAddress } from "../../src/firewall/address.ts";
import { planChain } from "../../src/plan/service_chain.ts";
import type { Service } from "../../src/firewall/service.ts";
import { SSH_SERVICE } from "../support/ssh_service.ts";
import { applyEdits, kernelWith, short } from "../support/chain_tables.ts";

const NOW = 1_800_000_000;

function address(text: string) {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new TypeError(text);
  return parsed.value;
}
const SERVICE: Service = { ...SSH_SERVICE, syn: false };

async function chain(start: readonly string[], wanted: Partial<Service>) {
  const { kernel, table } = kernelWith(start.map(short));
  const { edits } = planChain(table, {
    service: { ...SERVICE, ...wanted },
    now: NOW,
    revive: true,
  });
  if (edits.length > 0) await applyEdits(kernel, edits);
  return { rules: kernel.chain("ipv4", "pk-ssh"), edits: edits.length };
}

const LOG = { prefix: null, level: 4, limit: null, burst: 5 };
const SERVICES: readonly [
  string,
  readonly string[],
  Partial<Service>,
  readonly string[],
  number,
][] = [
  ["an empty chain gets its end", [], {}, ["D"], 1],
  ["an equal chain needs nothing", ["E", "A 1", "L", "D"], { established: true, log: LOG }, [
    "E",
    "A 1",
    "L",
    "D",
  ], 0],
  ["a new policy keeps the doors", ["A 1", "D"], { policy: "accept" }, ["A 1", "*"], 2],
  ["a new policy takes the old one's place", ["A 1", "D", "F 1"], { policy: "accept" }, [
    "A 1",
    "*",
    "F 1",
  ], 2],
  ["an equal policy behind the end comes to its place", ["A 1", "*", "F 1", "D"], {}, [
    "A 1",
    "D",
    "F 1",
  ], 3],
  ["dead rules of ours come to their place or go", ["D", "*", "A 1", "D"], {}, ["A 1", "D"], 6],
  ["a policy does not overrule a foreign rule", ["A 1", "R"], {}, ["A 1", "R", "D"], 1],
  ["nor does a log", ["A 1", "R", "D"], { log: LOG }, ["A 1", "R", "L", "D"], 1],
  ["a door behind a foreign rule that ends the chain stays there", ["A 9", "R", "A 1", "D"], {}, [
    "A 9",
    "R",
    "A 1",
    "D",
  ], 0],
  ["no door crosses a foreign rule", ["A 9", "B 1", "A 5", "A 1", "D"], {}, [
    "A 9",
    "B 1",
    "A 1",
    "A 5",
    "D",
  ], 2],
  ["a door doubled across a foreign rule", ["A 9", "B 1", "A 9", "D"], {}, [
    "A 9",
    "B 1",
    "D",
  ], 3],
  ["a longer one across a foreign rule stays", ["T 9", "B 1", "A 9", "D"], {}, [
    "T 9",
    "B 1",
    "A 9",
    "D",
  ], 0],
  ["what the service has no more goes", ["E", "A 1", "L", "D"], {}, ["A 1", "D"], 2],
  ["what it has now comes to its place", ["A 1", "D"], { established: true, log: LOG }, [
    "E",
    "A 1",
    "L",
    "D",
  ], 2],
  ["allowed addresses stay if nobody has a say in them", ["M 1", "D"], {}, ["M 1", "D"], 0],
  [
    "allowed addresses go if the file has none",
    ["M 1", "A 1", "D"],
    { allow: [] },
    ["A 1", "D"],
    1,
  ],
  [
    "allowed addresses come in order, of this family",
    ["A 5", "D"],
    { allow: [address("10.0.0.1"), address("::1"), address("10.0.0.9")] },
    ["M 1", "A 5", "M 9", "D"],
    2,
  ],
  ["the wrong log is replaced", ["L", "D"], { log: { ...LOG, level: 6 } }, [], 2],
];

for (const [what, start, wanted, end, count] of SERVICES) {
  Deno.test(`service: ${what}`, async () => {
    const { rules, edits } = await chain(start, wanted);
    assertEquals(rules, end.length > 0 ? end.map(short) : ["-j LOG --log-level 6", "-j DROP"]);
    assertEquals(edits <= count, true, `${edits} edits instead of ${count}`);
  });
}
