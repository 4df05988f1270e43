// Asking the tracer about rules as nft's JSON has them.
import { assert, assertEquals } from "@std/assert";
import { describeTrace } from "../../src/trace/describe.ts";
import type { Json } from "../../src/trace/nft/json.ts";
import { allStages } from "../../src/trace/nft/stages.ts";
import { outsider, type Packet, packetFrom } from "../../src/trace/packet.ts";
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

/**
 * What the tracer says of a packet and what nft printed; by default an outsider's SYN to port 22.
 *
 * @param more What the packet is beside what the question says.
 */
export function askNft(nft: string, question: Question = {}, more: Partial<Packet> = {}): Trace {
  const { family = "ipv4", protocol = "tcp", port = 22, from } = question;
  const options = { now: NOW, interface: "eth0", ...question };
  const to = { family, protocol, port };
  const packet = from === undefined ? outsider(to, options) : packetFrom(to, from, options);
  assert(packet !== null, `no packet from ${from}`);
  return traceStages(
    allStages([readTables("", { family })], nft),
    { ...packet, ...more },
    question,
  );
}

/** The same, in one line. */
export function toldNft(nft: string, question: Question = {}): string {
  return describeTrace(askNft(nft, question), { now: NOW });
}

const named = (first: string, second: string): Json =>
  ["meta", "ct"].includes(first)
    ? { [first]: { key: second } }
    : { payload: { protocol: first, field: second } };

/** `tcp dport`, `meta mark`, `fib daddr type` and the like as nft's JSON has it. */
export function leftOf(field: string): Json {
  if (field.startsWith("fib ")) {
    const words = field.split(" ").filter((word) => word !== ".");
    return { fib: { result: words.at(-1), flags: words.slice(1, -1) } };
  }
  const [first = "", second = ""] = field.split(" ");
  return named(first, second);
}

/** A network by its address and length. */
export const net = (addr: string, len: number) => ({ prefix: { addr, len } });
/** All from one value to another. */
export const range = (from: Json, to: Json) => ({ range: [from, to] });

/** Whether a rule with these matches lets the packet in, ahead of a policy that drops. */
export function nftHolds(
  matches: readonly Json[],
  question: Question = {},
  { sets = {}, more = {} }: {
    readonly sets?: Readonly<Record<string, Json>>;
    readonly more?: Partial<Packet>;
  } = {},
): boolean | null {
  const rules = [[...matches, { accept: null }]];
  const { verdict } = askNft(nftTable({ in: { ...INPUT, rules } }, sets), question, more);
  return verdict === "accepted" ? true : verdict === "dropped" ? false : null;
}

/** A field, how it is compared, with what, and whether that holds; `null` where nobody can know. */
export type Case = readonly [field: string, op: string, right: Json, holds: boolean | null];

/** Makes a test: each of the fields of a packet compares so. */
export function checkFields(name: string, question: Question, cases: readonly Case[]): void {
  Deno.test(`nft: ${name}`, () => {
    for (const [field, op, right, expected] of cases) {
      const match = { match: { op, left: leftOf(field), right } };
      assertEquals(
        nftHolds([match], question),
        expected,
        `${field} ${op} ${JSON.stringify(right)}`,
      );
    }
  });
}
