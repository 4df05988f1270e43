// What must be rewritten because iptables confuses rules when it deletes.
import { assertEquals } from "@std/assert";
import { parseAddress } from "../../src/firewall/address.ts";
import { planDoors } from "../../src/plan/chain.ts";
import { emitEdit } from "../../src/plan/edit.ts";
import { planTable } from "../../src/plan/service.ts";
import type { Service } from "../../src/firewall/service.ts";
import { applyEdits, kernelWith, short } from "../support/chain_tables.ts";
import { SSH_SERVICE } from "../support/ssh_service.ts";

const NOW = 1_800_000_000;

/** The lines that close a door of an IPv6 chain. */
function close(rules: readonly string[], address: string): string[] {
  const { table } = kernelWith(rules, { family: "ipv6" });
  const parsed = parseAddress(address);
  if (!parsed.ok) throw new TypeError(address);
  const change = { close: parsed.value };
  return planDoors(table, { name: "ssh", change, now: NOW }).edits.map(emitEdit);
}

Deno.test("ip6tables takes a /32 for the /48 behind it, so both go and one comes back", () => {
  const wide = "-s 2001:db8::/32 -j ACCEPT";
  const narrow = "-s 2001:db8::/48 -j ACCEPT";
  assertEquals(close([wide, narrow, "-j DROP"], "2001:db8::/48"), [
    `-D pk-ssh ${wide}`,
    `-D pk-ssh ${narrow}`,
    `-I pk-ssh 1 ${wide}`,
  ]);
  assertEquals(close([wide, "-s 2001:db9::/48 -j ACCEPT", "-j DROP"], "2001:db9::/48"), [
    "-D pk-ssh -s 2001:db9::/48 -j ACCEPT",
  ]);
});

Deno.test("ip6tables takes a door for everyone for ::/64 behind it", () => {
  assertEquals(close(["-j ACCEPT", "-s ::/64 -j ACCEPT", "-j DROP"], "::/64"), [
    "-D pk-ssh -j ACCEPT",
    "-D pk-ssh -s ::/64 -j ACCEPT",
    "-I pk-ssh 1 -j ACCEPT",
  ]);
});

Deno.test("two equal logs in a row ahead of the end both stay when a door moves", async () => {
  const { kernel, table } = kernelWith(["A 9", "A 5", "L", "L", "D"].map(short));
  const { edits } = planDoors(table, { name: "ssh", change: {}, now: NOW });
  await applyEdits(kernel, edits);
  assertEquals(kernel.chain("ipv4", "pk-ssh"), ["A 5", "A 9", "L", "L", "D"].map(short));
});

Deno.test("each of two jumps that change keeps its own place", async () => {
  const ports = (from: number) => Array.from({ length: 16 }, (_, at) => from + 2 * at);
  const jump = (list: readonly number[]) =>
    list.length === 1
      ? `-p tcp -m tcp --dport ${list[0]} -j pk-ssh`
      : `-p tcp -m multiport --dports ${list.join(",")} -j pk-ssh`;
  const old = [ports(100).slice(0, 15), ports(100).slice(15)].map(jump);
  const before = ["-i lo -j ACCEPT", old[0]!, "-i eth9 -j DROP", old[1]!, "-p gre -j DROP"];
  const { kernel, table } = kernelWith([short("D")], {
    before: before.map((rule) => `-A INPUT ${rule}`).join("\n"),
  });
  const service: Service = {
    ...SSH_SERVICE,
    ports: ports(1000).map((port) => ({ from: port, to: port })),
    syn: false,
    families: ["ipv4"],
  };
  const { edits } = planTable(table, { services: [service], remove: [], now: NOW });
  await applyEdits(kernel, edits);
  const wanted = [ports(1000).slice(0, 15), ports(1000).slice(15)].map(jump);
  const after = [before[0]!, wanted[0]!, before[2]!, wanted[1]!, before[4]!];
  assertEquals(kernel.chain("ipv4", "INPUT"), after);
});
