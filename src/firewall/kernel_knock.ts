// Knocks that the kernel hears by itself: rules with -m recent, one list of addresses for each stage of a
// knock and one for its door. xt_recent.c, recent_mt(), is what they rely on:
// - the matches of a rule are evaluated from left to right, and one that matches has had its effect even if
//   the next does not match;
// - `--set` always matches and records the time, `--remove` matches if the address was on the list,
//   `--rcheck --seconds N` if it was recorded in the last N seconds;
// - a rule without a target only has side effects: the packet continues as if the rule were not there;
// - a list lives as long as a rule names it, even if one transaction replaces the rule.
import type { Family } from "./address.ts";
import { normalizePorts, type PortRange, splitPorts } from "./port.ts";
import { doorListOf, emitRecent, type Rule } from "./rule.ts";
import { chainOf, type KnockStep, type Service } from "./service.ts";

/**
 * A packet to a port within this distance of a knock's port starts the knock over. A scan in any order opens
 * a door only if it passes no such port between the first step and the last: of a scan of all ports in
 * random order, one in 10,000 for three steps.
 */
export const NEIGHBOURS = 16;

/**
 * The longest time that a door of the kernel stays open, in seconds: 24 days. xt_recent multiplies seconds
 * by the kernel's HZ in 32 bits and compares times that are at most 2^31 ticks apart on 32-bit machines.
 */
export const MAX_KERNEL_FOR = 24 * 86_400;

/** Longest chain name of the kernel (XT_EXTENSION_MAXNAMELEN less the closing NUL). */
const MAX_CHAIN = 28;

/** A chain in which the kernel hears one knock, opening or closing. */
export interface KnockChain {
  /** Its name. */
  readonly chain: string;
  /** The words behind `-A CHAIN`, from top to bottom. */
  readonly rules: readonly string[];
  /** The jumps in INPUT: packets to its ports and to their neighbours, and no others. */
  readonly jumps: readonly (Rule & { kind: "jump" })[];
  /** The knock itself. */
  readonly steps: readonly KnockStep[];
}

/** The knocks of a service, each with its effect and its list. */
interface Heard {
  readonly steps: readonly KnockStep[];
  readonly within: number;
  readonly verb: "--set" | "--remove";
  readonly door: string;
  readonly family: Family;
}

/** How many chains the knocks of a service need. */
export function countKnockChains(
  knocks: readonly { readonly close: readonly unknown[] | null }[],
): number {
  return knocks.reduce((sum, { close }) => sum + (close === null ? 1 : 2), 0);
}

/**
 * The chain in which one of a service's knocks is heard; a `.` is in no service's name.
 *
 * @param number from 1
 */
export function knockChainOf(name: string, number: number): string {
  return `${chainOf(name)}.${number}`;
}

/** The longest name of a service with that many such chains, at least one. */
export function longestKnockedName(count: number): number {
  return MAX_CHAIN - knockChainOf("", count).length;
}

/** The part of a service that its knocks depend on. */
export type KnockedService = Pick<
  Service,
  "name" | "protocol" | "ports" | "interface" | "knocks"
>;

/** The chains that hear the knocks of a service: first those that open, then those that close. */
export function knockChainsOf(service: KnockedService, family: Family): KnockChain[] {
  const { name, knocks = [] } = service;
  const heard = knocks.map(({ steps, within }, at): Heard => (
    { steps, within, verb: "--set", door: doorListOf(name, { number: at + 1, family }), family }
  ));
  const closing = knocks.flatMap(({ close, within }, at): Heard[] => {
    const door = doorListOf(name, { number: at + 1, family });
    return close === null ? [] : [{ steps: close, within, verb: "--remove", door, family }];
  });
  return [...heard, ...closing].map((one, at) => {
    const chain = knockChainOf(name, at + 1);
    const jumps = jumpsTo(chain, { steps: one.steps, service });
    return { chain, rules: rulesOf(one), jumps, steps: one.steps };
  });
}

/**
 * The rules that hear a knock of n steps. An address is at stage 1 if it is on list s1, whose time is that
 * of the first packet, and at stage k > 1 if it is on sk too. Each packet meets the rule of the last step
 * first. A packet that no step takes resets the knock, and then may be the first step again.
 */
function rulesOf({ steps, within, verb, door, family }: Heard): string[] {
  const name = `${door}.${verb === "--remove" ? "c" : ""}${shortHash(steps)}`;
  const stage = (number: number) => `${name}.s${number}`;
  const recent = (verb: string, list: string) => emitRecent(verb, { list, family });
  const last = steps.length;
  const fresh = recent(`--rcheck --seconds ${within}`, stage(1));
  const leave = (number: number) => number > 1 ? [recent("--remove", stage(number))] : [];
  const rules: string[] = [];
  const add = (step: KnockStep | undefined, ...words: readonly string[]) => {
    rules.push([...(step === undefined ? [] : [packet(step)]), ...words].join(" "));
  };
  if (last === 1) add(steps[0], recent(verb, door));
  else {
    const forget = [...leave(last - 1), recent("--remove", stage(1))];
    add(steps[last - 1], fresh, ...forget, recent(verb, door), "-j RETURN");
    for (let at = last - 1; at > 2; at--) {
      const step = steps[at - 1];
      add(step, fresh, ...leave(at - 1), recent("--set", stage(at)), "-j RETURN");
      // The network or the sender may repeat a packet: TCP retransmits an unanswered SYN.
      add(step, fresh, recent("--rcheck", stage(at)), "-j RETURN");
    }
    const later = range(3, last - 1).map((at) => recent("! --rcheck", stage(at)));
    if (last > 2) add(steps[1], fresh, ...later, recent("--set", stage(2)), "-j RETURN");
    for (const at of range(1, last - 1)) add(undefined, recent("--remove", stage(at)));
    add(steps[0], recent("--set", stage(1)));
  }
  return rules;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
}

function packet({ port, protocol }: KnockStep): string {
  const syn = protocol === "tcp" ? " --syn" : "";
  return `-p ${protocol} -m ${protocol} --dport ${port}${syn}`;
}

/**
 * Separates the stages of a knock from those of one with other steps: an unfinished knock must not complete
 * another one when the file changes. Twelve bits suffice, and no more: everyone on the machine can read the
 * names of lists, and they should not reveal the steps.
 */
function shortHash(steps: readonly KnockStep[]): string {
  let hash = 0x811c9dc5; // FNV-1a
  for (const char of steps.map(({ port, protocol }) => `${port}:${protocol}`).join(",")) {
    hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  }
  return ((hash ^ (hash >>> 12) ^ (hash >>> 24)) & 0xfff).toString(16).padStart(3, "0");
}

/** The jumps to a knock's chain: one for each protocol, or more if the ports do not fit one match. */
function jumpsTo(
  chain: string,
  { steps, service }: { steps: readonly KnockStep[]; service: KnockedService },
): (Rule & { kind: "jump" })[] {
  const protocols = (["tcp", "udp"] as const).filter((one) =>
    steps.some(({ protocol }) => protocol === one)
  );
  return protocols.flatMap((protocol) => {
    const knocked = steps.filter((step) => step.protocol === protocol).map(({ port }) => port);
    const own = service.protocol === protocol ? service.ports : [];
    const near = around(steps);
    const left = without(near, { ports: own, but: knocked });
    const ports = isGuarded(left, { near, steps }) ? left : near;
    return splitPorts(ports).map((some) => (
      {
        kind: "jump",
        chain,
        match: { interface: service.interface, protocol, ports: some, syn: protocol === "tcp" },
      } as const
    ));
  });
}

/** The ports of a knock with their neighbours, of either protocol. */
function around(steps: readonly KnockStep[]): PortRange[] {
  return normalizePorts(steps.map(({ port }) => ({
    from: Math.max(1, port - NEIGHBOURS),
    to: Math.min(65_535, port + NEIGHBOURS),
  })));
}

/**
 * Whether the remaining neighbours of a knock still reset it in a scan: nearly all of them remain, and one
 * is between any two steps that had one between them.
 */
function isGuarded(
  left: readonly PortRange[],
  { near, steps }: { near: readonly PortRange[]; steps: readonly KnockStep[] },
): boolean {
  const count = (ranges: readonly PortRange[], { from, to }: PortRange) =>
    ranges.reduce((sum, one) => (
      sum + Math.max(0, Math.min(one.to, to) - Math.max(one.from, from) + 1)
    ), 0);
  const all = { from: 1, to: 65_535 };
  if (count(near, all) - count(left, all) > NEIGHBOURS) return false;
  return steps.every(({ port, protocol }, at) => {
    const next = steps[at + 1];
    if (next === undefined || next.protocol !== protocol) return true;
    const between = { from: Math.min(port, next.port) + 1, to: Math.max(port, next.port) - 1 };
    return count(left, between) > 0 || count(near, between) === 0;
  });
}

/** Removes ports from ranges: a client that polls a service until it opens must not reset its own knock. */
function without(
  ranges: readonly PortRange[],
  { ports, but }: { readonly ports: readonly PortRange[]; readonly but: readonly number[] },
): PortRange[] {
  const isOut = (port: number) =>
    !but.includes(port) && ports.some(({ from, to }) => from <= port && port <= to);
  return ranges.flatMap(({ from, to }) => {
    const left: { from: number; to: number }[] = [];
    for (let port = from; port <= to; port++) {
      if (isOut(port)) continue;
      const last = left.at(-1);
      if (last?.to === port - 1) last.to = port;
      else left.push({ from: port, to: port });
    }
    return left;
  });
}

/** A rule of a knock's chain, as this tool writes it. */
export function plainKnockRule(printed: string): string {
  return printed.replace(" --tcp-flags FIN,SYN,RST,ACK SYN", " --syn");
}

/** Whether a rule of a knock's chain has a form that this tool writes. */
export function isKnockRule(printed: string): boolean {
  return /^(?:-p (tcp|udp) -m \1 --dport \d+ (?:--syn )?)?(?:-m recent (?:! )?--(?:set|remove|rcheck)(?: --seconds \d+)? --name pk-[\w.-]+ --mask [\da-f.:]+ --rsource(?: |$))+(?:-j RETURN)?$/
    .test(plainKnockRule(printed));
}
