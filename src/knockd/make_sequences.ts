import { MAX_PORT } from "../firewall/port.ts";
import { easyKnock, type KnockStep, printSteps } from "../firewall/knock.ts";

/** Returns a uniformly distributed integer from 0 to `below` - 1. */
export type Random = (below: number) => number;

/** The lowest port: those below belong to services that answer (IANA's system ports). */
const LOWEST = 1024;

/** The number of ports from there on. */
const COUNT = MAX_PORT + 1 - LOWEST;

/** The most sequences that are generated at once. */
export const MAX_SEQUENCES = 10_000;

/**
 * Generates unpredictable sequences. No sequence has a port twice, and a port scan knocks none of them. No
 * two start with the same step, so that none is the start of another.
 *
 * @param count how many, up to `MAX_SEQUENCES`
 * @param given how many ports each has, from 3 to 32, and the random source
 */
export function makeSequences(
  count: number,
  { ports, random }: { readonly ports: number; readonly random: Random },
): KnockStep[][] {
  const starts = new Set<string>();
  const sequences: KnockStep[][] = [];
  while (sequences.length < count) {
    const steps = drawSteps(ports, random);
    const [first] = steps;
    const start = `${first?.port}:${first?.protocol}`;
    if (starts.has(start) || easyKnock(steps) !== null) continue;
    starts.add(start);
    sequences.push(steps);
  }
  return sequences;
}

function drawSteps(length: number, random: Random): KnockStep[] {
  const ports = new Set<number>();
  while (ports.size < length) ports.add(LOWEST + random(COUNT));
  return [...ports].map((port) => ({ port, protocol: random(2) === 0 ? "tcp" : "udp" }));
}

/**
 * Makes a random source of integers from one of bytes, by rejection sampling, so that all are equally
 * likely.
 *
 * @param bytes returns that many unpredictable bytes
 * @returns numbers below at most 65,536
 */
export function randomFrom(bytes: (length: number) => Uint8Array): Random {
  return (below) => {
    const limit = 65_536 - 65_536 % below;
    for (;;) {
      const [high = 0, low = 0] = bytes(2);
      const drawn = high * 256 + low;
      if (drawn < limit) return drawn % below;
    }
  };
}

/** Prints a sequence as knock(1) takes it: `8143:udp 7311 9127`. */
export function formatKnock(steps: readonly KnockStep[]): string {
  return printSteps(steps).join(" ");
}
