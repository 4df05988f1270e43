import { assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import type { Family } from "../../src/firewall/address.ts";
import type { Service } from "../../src/firewall/service.ts";
import { readFilterTable } from "../support/read_table.ts";
import { arrange, editChain, longestAscending } from "../../src/plan/arrange.ts";
import { type Edit, emitEdit, emitPayload, invertEdits } from "../../src/plan/edit.ts";
import { planTable } from "../../src/plan/service.ts";
import { applyEdits, kernelWith, short } from "../support/chain_tables.ts";
import { dirtyTable } from "../support/dirty.ts";
import { FakeKernel } from "../support/fake_kernel.ts";
import { NOW } from "../support/fake_system.ts";
import { SSH_SERVICE as SERVICE } from "../support/ssh_service.ts";

const COUNTERS = { packets: 7, bytes: 420 };
const RULE = { chain: "pk-a", index: 2, text: "-j DROP", ...COUNTERS };

Deno.test("each edit is one line of iptables-restore", () => {
  const none = { packets: 0, bytes: 0 };
  const edits: readonly [Edit, string][] = [
    [{ op: "create-chain", chain: "pk-a" }, "-N pk-a"],
    [{ op: "insert", last: false, ...RULE }, "[7:420] -I pk-a 2 -j DROP"],
    [{ op: "insert", last: true, ...RULE }, "[7:420] -A pk-a -j DROP"],
    [{ op: "insert", last: true, ...RULE, ...none }, "-A pk-a -j DROP"],
    [{ op: "delete", last: false, ...RULE }, "-D pk-a -j DROP"],
    [{ op: "flush-chain", chain: "pk-a", rules: [] }, "-F pk-a"],
    [{ op: "delete-chain", chain: "pk-a" }, "-X pk-a"],
  ];
  for (const [edit, line] of edits) assertEquals(emitEdit(edit), line);
  assertEquals(
    emitPayload(edits.slice(0, 1).map(([edit]) => edit)),
    "*filter\n-N pk-a\nCOMMIT\n",
  );
});

Deno.test("the rules that stay are a longest ascending run", () => {
  assertEquals(longestAscending([]), []);
  assertEquals(longestAscending([3, 1, 2]), [1, 2]);
  assertEquals(longestAscending([2, 1, 0]), [0]);
  fc.assert(fc.property(fc.uniqueArray(fc.nat(30), { maxLength: 9 }), (places) => {
    const run = longestAscending(places);
    let longest = 0;
    for (let mask = 0; mask < 1 << places.length; mask++) {
      const some = places.filter((_, at) => mask & 1 << at);
      if (some.every((place, at) => at === 0 || place > some[at - 1]!)) {
        longest = Math.max(longest, some.length);
      }
    }
    assertEquals(run.length, longest);
    assertEquals(places.filter((place) => run.includes(place)), run);
  }));
});

/** Turns one list of short rules into another by hand-made placing; checks the way back too. */
async function turn(start: readonly string[], end: readonly (number | string)[]) {
  const { kernel, table } = kernelWith(start.map((rule, at) => `[${at + 1}:60] ${short(rule)}`));
  const before = kernel.dump("ipv4");
  const edits = editChain("pk-ssh", {
    observed: table.rules("pk-ssh"),
    placed: end.map((rule) =>
      typeof rule === "number" ? rule : { text: short(rule), packets: 0, bytes: 0 }
    ),
  });
  if (edits.length > 0) await applyEdits(kernel, edits);
  const reached = kernel.chain("ipv4", "pk-ssh");
  if (edits.length > 0) await applyEdits(kernel, invertEdits(edits));
  assertEquals(kernel.dump("ipv4"), before);
  return { reached, edits: edits.length };
}

Deno.test("edits reach the chain that was planned, and their inverse brings the old one back", async () => {
  const { reached, edits } = await turn(["A 1", "A 2", "D"], [0, "A 5", 2, "A 9"]);
  assertEquals(
    reached,
    ["[1:60] ", "", "[3:60] ", ""].map((counters, at) =>
      counters + short(["A 1", "A 5", "D", "A 9"][at]!)
    ),
  );
  assertEquals(edits, 3);
});

Deno.test("of equal rules the right one is deleted, with its counters", async () => {
  const { reached } = await turn(["A 1", "F 1", "A 1", "D"], [0, 1, 3]);
  assertEquals(reached?.map((rule) => rule.split(" ")[0]), ["[1:60]", "[2:60]", "[4:60]"]);
});

Deno.test("a new rule equal to one ahead of it is taken back without that one", async () => {
  await turn(["F 1", "A 1", "D"], [0, 1, "F 1"]);
  await turn(["*", "A 1", "D"], [0, 1, "*"]);
  const { table, kernel } = kernelWith(["[1:60] -j ACCEPT", short("A 1"), "-j DROP"]);
  const before = kernel.dump("ipv4");
  const door = { text: "-s 0.0.0.0/0 -j ACCEPT", packets: 0, bytes: 0 };
  const edits = editChain("pk-ssh", { observed: table.rules("pk-ssh"), placed: [0, 1, door] });
  await applyEdits(kernel, edits);
  await applyEdits(kernel, invertEdits(edits));
  assertEquals(kernel.dump("ipv4"), before);
});

Deno.test("nothing wanted and nothing there is nothing to do", () => {
  assertEquals(arrange([], [], { isFixed: () => true, end: null }), []);
  assertEquals(editChain("pk-a", { observed: [], placed: [] }), []);
});

const WANTED = fc.record({
  services: fc.subarray([
    SERVICE,
    { ...SERVICE, name: "new", ports: [{ from: 80, to: 90 }] },
    { ...SERVICE, name: "other", policy: "reject" as const, established: true },
  ]),
  policy: fc.constantFrom("drop" as const, "accept" as const, "reject" as const),
  prefix: fc.constantFrom(null, "a b", "it's \"x\\", "$(reboot);"),
  remove: fc.subarray(["ssh", "other", "none"], { minLength: 1 }),
});

async function roundTrip(
  family: Family,
  text: string,
  wanted: typeof WANTED extends fc.Arbitrary<infer T> ? T : never,
) {
  const kernel = new FakeKernel({ [family]: text });
  const before = kernel.dump(family);
  const services = wanted.services.map((service): Service => ({
    ...service,
    policy: wanted.policy,
    log: wanted.prefix === null ? null : { prefix: wanted.prefix, level: 6, limit: null, burst: 5 },
  }));
  const remove = wanted.remove.filter((name) => !services.some((service) => service.name === name));
  const plan = (dump: string) =>
    planTable(readFilterTable(dump, family), { services, remove, now: NOW });
  const { edits, byService } = plan(before);
  assertEquals([...byService.values()].flat().length, edits.length);
  if (edits.length === 0) return;
  await applyEdits(kernel, edits, family);
  const after = kernel.dump(family);
  assertNotEquals(after, before);
  assertEquals(plan(after).edits, []);
  await applyEdits(kernel, invertEdits(edits), family);
  assertEquals(kernel.dump(family), before);
}

for (const family of ["ipv4", "ipv6"] as const) {
  Deno.test(`any plan for ${family} is taken whole, is complete, and can be taken back whole`, async () => {
    await fc.assert(
      fc.asyncProperty(
        dirtyTable(family),
        WANTED,
        (text, wanted) => roundTrip(family, text, wanted),
      ),
      { numRuns: 500 },
    );
  });
}
Deno.test("services that jump to each other can be removed together, and put back", async () => {
  const kernel = new FakeKernel({
    ipv4: ":pk-a - [0:0]\n:pk-b - [0:0]\n-A pk-a -j pk-b\n-A pk-b -i lo -j pk-a\n-A INPUT -j pk-a",
  });
  const before = kernel.dump("ipv4");
  const table = readFilterTable(before, "ipv4");
  const { edits } = planTable(table, { services: [], remove: ["a", "b"], now: NOW });
  await applyEdits(kernel, edits);
  assertEquals(kernel.chain("ipv4", "pk-a"), null);
  await applyEdits(kernel, invertEdits(edits));
  assertEquals(kernel.dump("ipv4"), before);
});

Deno.test("a service that jumped to a removed one is edited and put back in one piece", async () => {
  const kernel = new FakeKernel({
    ipv4: [
      ":pk-ssh - [0:0]",
      ":pk-b - [0:0]",
      "-A pk-ssh -s 10.0.0.1 -m time --datestop 2020-01-01T00:00:00 -j ACCEPT",
      "-A pk-ssh -i lo -j pk-b",
      "-A pk-ssh -s 10.0.0.9 -j ACCEPT",
      "-A pk-ssh -j DROP",
    ].join("\n"),
  });
  const before = kernel.dump("ipv4");
  const table = readFilterTable(before, "ipv4");
  const { edits } = planTable(table, { services: [SERVICE], remove: ["b"], now: NOW });
  await applyEdits(kernel, edits);
  assertEquals(kernel.chain("ipv4", "pk-ssh"), ["-s 10.0.0.9/32 -j ACCEPT", "-j DROP"]);
  await applyEdits(kernel, invertEdits(edits));
  assertEquals(kernel.dump("ipv4"), before);
});
