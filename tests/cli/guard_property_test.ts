// The guard against the tracer: from every state of a machine to every rules file, who loses what.
import { assert, assertEquals } from "@std/assert";
import { findAffected } from "../../src/cli/kernel/peers.ts";
import { Reporter } from "../../src/cli/report/reporter.ts";
import { emitPayload } from "../../src/plan/edit.ts";
import { planFollow } from "../../src/plan/follow.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import { packetFrom } from "../../src/trace/packet.ts";
import { readTables, type Ruleset } from "../../src/trace/tables.ts";
import { traceTables } from "../support/trace.ts";
import { FakeSystem, NOW } from "../support/fake_system.ts";
import { FILES, stateLines, STATES } from "../support/follow_cases.ts";
import { FAMILIES, type Family } from "../support/iptables_text.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { readFilterTable } from "../support/read_table.ts";

const PORTS = [22, 25, 80, 2222];

/** Peers that the states and files distinguish, and one that they do not. */
const PEERS: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["198.51.100.1", "198.51.100.2", "203.0.113.3", "203.0.113.77", "192.0.2.9", "8.8.8.8"],
  ipv6: ["2001:db8::1", "2001:db8:3::3", "2001:db8:4::7", "fd00::9", "2001:4860::8"],
};

/** What ss prints where each of them is connected to each port. */
function connections(family: Family): string {
  const ends = PORTS.flatMap((port) =>
    PEERS[family].map((peer) =>
      family === "ipv4" ? `10.0.0.5:${port} ${peer}:999` : `[2001:db8::5]:${port} [${peer}]:999`
    )
  );
  const listening = PORTS.map((port) => `LISTEN 0 5 *:${port} *:*`);
  return [...ends.map((end) => `ESTAB 0 0 ${end}`), ...listening].join("\n");
}

const OUT = ["dropped", "rejected"];

interface Known {
  readonly cut: boolean | null;
  readonly out: boolean | null;
}

/** What one of them loses between two tables, `null` if the rules do not decide. */
function truth(
  rulesets: readonly Ruleset[],
  { family, peer, port }: { family: Family; peer: string; port: number },
): Known {
  const lost = (established: boolean): boolean | null => {
    const destination = family === "ipv4" ? "10.0.0.5" : "2001:db8::5";
    const options = { now: NOW, interface: "eth0", established, destination };
    const packet = packetFrom({ family, protocol: "tcp", port }, peer, options);
    assert(packet !== null);
    const [before, after] = rulesets.map((one) => traceTables([one], packet).verdict);
    if (before === "unknown" || after === "unknown") return null;
    return before === "accepted" && OUT.includes(after ?? "");
  };
  return { cut: lost(true), out: lost(false) };
}

Deno.test("from every state to every file the guard names the peers that a trace of both tables names", async () => {
  const counts = { compared: 0, lost: 0 };
  for (const state of STATES) {
    for (const file of FILES) {
      for (const family of FAMILIES) {
        const system = new FakeSystem({ [family]: stateLines(state, family) });
        system.around.ss = connections(family);
        const before = system.kernel.dump(family);
        const { services } = compileFile("-", {
          reader: memoryReader({ "-": file.text }),
          now: NOW,
        });
        const rules = { services, prune: true, replaceJumps: true, now: NOW };
        const { edits } = planFollow(readFilterTable(before, family), rules);
        const report = new Reporter(system.console, { quiet: false, color: "never" });
        const global = {
          ...{ families: FAMILIES, familyAsked: false },
          ...{ backend: "system", wait: 1 } as const,
        };
        const plans = [{ family, edits }];
        const found = await findAffected({ system, report }, { global, plans });
        await system.kernel.restore(family, emitPayload(edits));
        const tables = [before, system.kernel.dump(family)].map((text) =>
          readTables(text, { family })
        );
        for (const peer of PEERS[family]) {
          for (const port of PORTS) {
            const named = found.find((one) => one.peer === peer && one.port === port);
            if (named?.isSure === false) continue;
            const met = { cut: named?.cut ?? false, out: named?.out ?? false };
            const known = truth(tables, { family, peer, port });
            const wanted = { cut: known.cut ?? met.cut, out: known.out ?? met.out };
            const what = `${state.name} to ${file.name}: ${peer} ${port}`;
            assertEquals(met, wanted, what);
            counts.compared++;
            if (met.cut || met.out) counts.lost++;
          }
        }
      }
    }
  }
  assert(counts.compared > 20_000 && counts.lost > 1000, JSON.stringify(counts));
});
