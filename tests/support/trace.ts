// Runs the tracer on tables written in a test.
import { describeTrace } from "../../src/trace/describe.ts";
import { outsider, packetFrom, type PacketOptions } from "../../src/trace/packet.ts";
import { readTables, type Ruleset } from "../../src/trace/tables.ts";
import type { Machine } from "../../src/trace/translate.ts";
import { type Trace, traceStages } from "../../src/trace/verdict.ts";
import type { Packet } from "../../src/trace/packet.ts";
import { stagesOf } from "../../src/trace/stage.ts";
import type { Family } from "./iptables_text.ts";

/** 2027-01-15 08:00:00 UTC, a Friday. */
export const NOW = 1_800_000_000;

/** A question; by default an outsider's SYN to port 22 that comes in on eth0. */
export interface Question extends Partial<PacketOptions>, Machine {
  readonly family?: Family;
  readonly protocol?: "tcp" | "udp";
  readonly port?: number;
  readonly from?: string;
}

/** A table `filter` of these rules, whose own chains have to be declared among them. */
export function filter(rules: string, policy = "ACCEPT"): string {
  return `*filter\n:INPUT ${policy} [0:0]\n${rules.trim()}\nCOMMIT\n`;
}

/** What the tracer says of a packet and tables as iptables-save prints them. */
export function ask(tables: string, question: Question = {}): Trace {
  const { family = "ipv4", protocol = "tcp", port = 22, from } = question;
  const options = { now: NOW, interface: "eth0", ...question };
  const to = { family, protocol, port };
  const packet = from === undefined ? outsider(to, options) : packetFrom(to, from, options);
  if (packet === null) throw new TypeError(`no packet from ${from}`);
  return traceTables([readTables(tables, { family })], packet, question);
}

/** The same, in one line. */
export function told(tables: string, question: Question = {}): string {
  return describeTrace(ask(tables, question), { now: NOW });
}

/** The verdict on a packet if a rule with these words is ahead of a policy that drops. */
export function holds(words: string, question: Question = {}): boolean | null {
  const { verdict } = ask(filter(`-A INPUT ${words} -j ACCEPT`, "DROP"), question);
  return verdict === "accepted" ? true : verdict === "dropped" ? false : null;
}

/**
 * What a packet meets in tables as iptables-save printed them.
 *
 * @param rulesets of the packet's family: one, or that of each backend
 */
export function traceTables(
  rulesets: readonly Ruleset[],
  packet: Packet,
  machine: Machine = {},
): Trace {
  return traceStages(rulesets.flatMap(stagesOf), packet, machine);
}
