// Asking the tracer about rules as nft's JSON has them.
import { assert } from "@std/assert";
import { describeTrace } from "../../src/trace/describe.ts";
import type { Json } from "../../src/trace/nft/json.ts";
import { allStages } from "../../src/trace/nft/stages.ts";
import { outsider, packetFrom } from "../../src/trace/packet.ts";
import { readTables } from "../../src/trace/tables.ts";
import { type Trace, traceStages } from "../../src/trace/verdict.ts";
import { NOW, type Question } from "./trace.ts";

/** The parts of a rule, one behind the other. */
export type Expr = readonly Json[];

/** Chains by name, each with what it is beside its rules; without a hook it is jumped to. */
export type Chains = Readonly<
  Record<string, { readonly rules: readonly Expr[]; [key: string]: unknown }>
>;

/** A chain that a packet enters, whose policy drops. */
export const INPUT = { type: "filter", hook: "input", prio: 0, policy: "drop" };

/** A table `inet t`, as `nft -j list ruleset` prints it. */
export function nftTable(chains: Chains, sets: Readonly<Record<string, Json>> = {}): string {
  const at = { family: "inet", table: "t" };
  return JSON.stringify({
    nftables: [
      { table: { family: "inet", name: "t" } },
      ...Object.entries(sets).map(([name, elem]) => ({ set: { ...at, name, elem } })),
      ...Object.entries(chains).map(([name, { rules: _, ...more }]) => ({
        chain: { ...at, name, ...more },
      })),
      ...Object.entries(chains).flatMap(([chain, { rules }]) =>
        rules.map((expr) => ({ rule: { ...at, chain, expr } }))
      ),
    ],
  });
}

/** What the tracer says of a packet and what nft printed; by default an outsider's SYN to port 22. */
export function askNft(nft: string, question: Question = {}): Trace {
  const { family = "ipv4", protocol = "tcp", port = 22, from } = question;
  const options = { now: NOW, interface: "eth0", ...question };
  const to = { family, protocol, port };
  const packet = from === undefined ? outsider(to, options) : packetFrom(to, from, options);
  assert(packet !== null, `no packet from ${from}`);
  return traceStages(allStages([readTables("", { family })], nft), packet, question);
}

/** The same, in one line. */
export function toldNft(nft: string, question: Question = {}): string {
  return describeTrace(askNft(nft, question), { now: NOW });
}
