import { assert, assertEquals } from "@std/assert";
import { compileFile } from "../../src/semantic/compile.ts";
import { planFollow } from "../../src/plan/follow.ts";
import { emitPayload } from "../../src/plan/edit.ts";
import { editStages } from "../../src/trace/edited.ts";
import { allStages } from "../../src/trace/nft/stages.ts";
import { outsider, packetFrom } from "../../src/trace/packet.ts";
import { type Stage, stagesOf } from "../../src/trace/stage.ts";
import { readTables } from "../../src/trace/tables.ts";
import { traceStages } from "../../src/trace/verdict.ts";
import { canonicalRule } from "../support/canonical_rule.ts";
import { FakeKernel } from "../support/fake_kernel.ts";
import { FILES, stateLines, STATES } from "../support/follow_cases.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { readFilterTable } from "../support/read_table.ts";
import { filter, NOW } from "../support/trace.ts";

function stagesFrom(text: string, family: Family = "ipv4"): Stage[] {
  return stagesOf(readTables(text, { family }));
}

/** The chains of table `filter`, each rule as the kernel would print it. */
function chainsOf(stages: readonly Stage[], family: Family): Record<string, string[]> {
  const chains = stages.find(({ table }) => table.name === "filter")?.table.chains ?? new Map();
  return Object.fromEntries(
    [...chains].map(([name, chain]): [string, string[]] => [
      name,
      Array.from(
        { length: chain.length },
        (_, at) => canonicalRule(chain.text(at), family).text,
      ),
    ]).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

Deno.test("the tracer sees the rules that a load would leave, from every state to every file", () => {
  let edited = 0;
  for (const state of STATES) {
    for (const file of FILES) {
      for (const family of FAMILIES) {
        const kernel = new FakeKernel({ [family]: stateLines(state, family) });
        const before = kernel.dump(family);
        const { services } = compileFile("-", { reader: memoryReader({ "-": file.text }), now: 0 });
        const rules = { services, prune: true, replaceJumps: true, now: NOW };
        const { edits } = planFollow(readFilterTable(before, family), rules);
        const stages = editStages(stagesFrom(before, family), { edits, family, backend: "" });
        assert(stages !== null, `${state.name} to ${file.name}`);
        kernel.restore(family, emitPayload(edits));
        const after = stagesFrom(kernel.dump(family), family);
        assertEquals(chainsOf(stages, family), chainsOf(after, family));
        const to = { family, protocol: "tcp", port: 22 } as const;
        const packet = outsider(to, { now: NOW, interface: "eth0" });
        assertEquals(
          traceStages(stages, packet).verdict,
          traceStages(after, packet).verdict,
          `${state.name} to ${file.name}`,
        );
        if (edits.length > 0) edited++;
      }
    }
  }
  assert(edited > 100);
});

Deno.test("a plan for another table is distinguished from one for this", () => {
  const stages = stagesFrom(filter("-A INPUT -p tcp -j ACCEPT"));
  const given = { family: "ipv4", backend: "" } as const;
  const change = (edits: Parameters<typeof editStages>[1]["edits"]) =>
    editStages(stages, { ...given, edits });
  assertEquals(change([{ op: "delete", chain: "INPUT", index: 1, text: "-j DROP" }]), null);
  assertEquals(change([{ op: "insert", chain: "pk-a", index: 1, text: "-j DROP" }]), null);
  assertEquals(change([{ op: "create-chain", chain: "INPUT" }]), null);
  assertEquals(change([{ op: "delete-chain", chain: "pk-a" }]), null);
  assertEquals(editStages(stages, { ...given, backend: "legacy", edits: [] })?.length, 1);
  const insert = { op: "insert", chain: "INPUT", index: 1, text: "-j DROP" } as const;
  assertEquals(editStages(stages, { ...given, backend: "legacy", edits: [insert] }), null);
});

Deno.test("a chain that is only emptied lets every packet back", () => {
  const rules = "-A INPUT -j pk-a\n-A pk-a -j DROP";
  const stages = stagesFrom(filter(rules).replace(":INPUT", ":pk-a - [0:0]\n:INPUT"));
  const packet = outsider({ family: "ipv4", protocol: "tcp", port: 22 }, { now: NOW });
  assertEquals(traceStages(stages, packet).verdict, "dropped");
  const edits = [{ op: "flush-chain", chain: "pk-a" } as const];
  const after = editStages(stages, { family: "ipv4", backend: "", edits });
  assertEquals(traceStages(after ?? [], packet).verdict, "accepted");
});

Deno.test("a new chain is jumped to, and the stages that were read stay as they were", () => {
  const stages = stagesFrom(filter("-A INPUT -i lo -j ACCEPT"));
  const after = editStages(stages, {
    family: "ipv4",
    backend: "",
    edits: [
      { op: "create-chain", chain: "pk-a" },
      { op: "insert", chain: "pk-a", index: 1, text: "-s 192.0.2.1/32 -j ACCEPT" },
      { op: "insert", chain: "pk-a", index: 2, text: "-j DROP" },
      { op: "insert", chain: "INPUT", index: 2, text: "-p tcp -m tcp --dport 22 --syn -j pk-a" },
    ],
  });
  const to = { family: "ipv4", protocol: "tcp", port: 22 } as const;
  const packet = outsider(to, { now: NOW });
  assertEquals(traceStages(after ?? [], packet).end.by?.chain, "pk-a");
  assertEquals(traceStages(after ?? [], packet).verdict, "dropped");
  const friend = packetFrom(to, "192.0.2.1", { now: NOW });
  assert(friend !== null);
  assertEquals(traceStages(after ?? [], friend).end.by?.number, 1);
  assertEquals(traceStages(stages, packet).verdict, "accepted");
});

Deno.test("of rules with the same text the one at the edit's index is deleted", () => {
  const lines = ["-i lo -j ACCEPT", "-j DROP", "-i lo -j ACCEPT", "-i eth1 -j ACCEPT"];
  const stages = stagesFrom(filter(lines.map((line) => `-A INPUT ${line}`).join("\n")));
  const after = (index: number, text: string) => {
    const edits = [{ op: "delete", chain: "INPUT", index, text } as const];
    const given = editStages(stages, { family: "ipv4", backend: "", edits }) ?? [];
    return chainsOf(given, "ipv4").INPUT;
  };
  const [lo, drop, , eth1] = chainsOf(stages, "ipv4").INPUT ?? [];
  assertEquals(after(1, "-i lo -j ACCEPT"), [drop!, lo!, eth1!]);
  assertEquals(after(3, "-i lo -j ACCEPT"), [lo!, drop!, eth1!]);
  assertEquals(after(4, "-i eth1 -j ACCEPT"), [lo!, drop!, lo!]);
  // The rule has moved: it is found by its text, wherever it is.
  assertEquals(after(4, "-j DROP"), [lo!, lo!, eth1!]);
  assertEquals(after(2, "-i lo -j ACCEPT"), [drop!, lo!, eth1!]);
});

Deno.test("rules that nft shows stay as they are where others of their chain change", () => {
  const at = { family: "ip", table: "filter" };
  const left = { payload: { protocol: "tcp", field: "dport" } };
  const nft = JSON.stringify({
    nftables: [
      { table: { family: "ip", name: "filter" } },
      { chain: { ...at, name: "INPUT", hook: "input", prio: 0, policy: "accept" } },
      {
        rule: {
          ...at,
          chain: "INPUT",
          expr: [
            { match: { op: "==", left, right: { set: [22, 23] } } },
            { drop: null },
          ],
        },
      },
    ],
  });
  const saved = readTables(filter("-A INPUT -j DROP"), { family: "ipv4" });
  const edits = [{ op: "insert", chain: "INPUT", index: 2, text: "-p udp -j DROP" } as const];
  const stages = editStages(allStages([saved], nft), { family: "ipv4", backend: "", edits });
  const verdict = (port: number, protocol: "tcp" | "udp" = "tcp") => {
    const { verdict, end } = traceStages(
      stages ?? [],
      outsider({ family: "ipv4", protocol, port }, { now: NOW }),
    );
    return `${verdict} ${end.by?.number} ${end.by?.text}`;
  };
  assertEquals(verdict(22), "dropped 1 tcp dport { 22, 23 } drop");
  assertEquals(verdict(24), "accepted 0 policy ACCEPT");
  assertEquals(verdict(53, "udp"), "dropped 2 -p udp -j DROP");
});

Deno.test("nothing but the chains of the edits changes, and the table keeps what is said of it", () => {
  const saved = `*mangle\n:INPUT ACCEPT [0:0]\nCOMMIT\n${filter(":pk-a - [0:0]", "DROP")}`;
  const stages = stagesFrom(saved);
  const after = (...edits: Parameters<typeof editStages>[1]["edits"]) =>
    editStages(stages, { family: "ipv4", backend: "", edits });
  assertEquals(after()?.map((stage, at) => stage === stages[at]), [true, true]);
  const changed = after({ op: "delete-chain", chain: "pk-a" });
  assertEquals(changed?.map((stage, at) => stage === stages[at]), [true, false]);
  assertEquals([...changed?.[1]?.table.chains.keys() ?? []], ["INPUT"]);
  assertEquals(changed?.[1]?.chain?.policy, "dropped");
  assertEquals(changed?.[1]?.table.name, "filter");
  const gone = after({ op: "delete-chain", chain: "INPUT" });
  assertEquals(gone?.[1]?.chain, null);
  const twice = after(
    { op: "insert", chain: "INPUT", index: 1, text: "-j ACCEPT" },
    { op: "insert", chain: "INPUT", index: 1, text: "-j LOG" },
    { op: "insert", chain: "INPUT", index: 3, text: "-j DROP" },
    { op: "delete", chain: "INPUT", index: 2, text: "-j ACCEPT" },
  );
  assertEquals(chainsOf(twice ?? [], "ipv4").INPUT, ["-j LOG", "-j DROP"]);
  // What was not known of a table is not known for being changed.
  const broken = stagesFrom(filter(":a - [0:0]\n:a - [0:0]"));
  const edits = [{ op: "insert", chain: "INPUT", index: 1, text: "-j DROP" } as const];
  const still = editStages(broken, { family: "ipv4", backend: "", edits });
  assertEquals(still?.[0]?.table.problem, "chain a appears in it twice");
  // One edit that cannot be done is enough.
  assertEquals(after({ op: "create-chain", chain: "b" }, { op: "create-chain", chain: "b" }), null);
});
