import { err, ok, type Result } from "../result.ts";

/** A run of ports, both ends included; a single port has equal ends. */
export interface PortRange {
  /** First port, 1-65535. */
  readonly from: number;
  /** Last port, at least `from`. */
  readonly to: number;
}

/** The highest port: port numbers have 16 bits. */
export const MAX_PORT = 65535;

/** Whether a number is a port that a packet can have as its destination. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= MAX_PORT;
}

/** What is wrong with one item of a port list. */
export interface PortProblem {
  /** The item as it was written: any text, so it has to be sanitized before it is printed. */
  readonly item: string;
  /** What follows the item in a message. */
  readonly message: string;
}

/** Slots of one multiport match; a range takes two (iptables-extensions(8)). */
const MULTIPORT_SLOTS = 15;

/**
 * Reads a list such as `22`, `80,443` or `500,8000-8010`; a range may also be written as iptables
 * writes it, `8000:8010`.
 * A number with a leading zero is refused: iptables itself reads `022` as octal, people do not.
 *
 * @param text the list, without spaces
 * @returns the ports in canonical order, or the problem of the first wrong item
 */
export function parsePorts(text: string): Result<PortRange[], PortProblem> {
  const ranges: PortRange[] = [];
  for (const item of text.split(",")) {
    const wrong = (message: string) => err({ item, message });
    const match = /^(0|[1-9]\d{0,4})(?:[-:](0|[1-9]\d{0,4}))?$/.exec(item);
    if (match === null) {
      return wrong("must be a number, a range as 8000-8010, or a list as 80,443");
    }
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (!isPort(from) || to > MAX_PORT) return wrong(`must be 1-${MAX_PORT}`);
    if (from > to) return wrong("must be an ascending range");
    ranges.push({ from, to });
  }
  return ok(normalizePorts(ranges));
}

/**
 * Brings ports into canonical form: ascending, and overlapping or duplicate entries joined. Neighbours
 * that merely touch (`80,81`) stay apart, as they were written.
 */
export function normalizePorts(ports: readonly PortRange[]): PortRange[] {
  const sorted = [...ports].sort((a, b) => a.from - b.from || a.to - b.to);
  const joined: PortRange[] = [];
  for (const range of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && range.from <= last.to) {
      joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    } else {
      joined.push(range);
    }
  }
  return joined;
}

/** Cuts a port list into pieces that each fit one multiport match. */
export function splitPorts(ports: readonly PortRange[]): PortRange[][] {
  const pieces: PortRange[][] = [];
  let slots = MULTIPORT_SLOTS + 1;
  for (const range of ports) {
    const need = range.from === range.to ? 1 : 2;
    if (slots + need > MULTIPORT_SLOTS) {
      pieces.push([]);
      slots = 0;
    }
    pieces.at(-1)?.push(range);
    slots += need;
  }
  return pieces;
}

/**
 * Prints a port or range.
 *
 * @param range the port or range
 * @param separator `-` for people, `:` for iptables
 */
export function formatPort(range: PortRange, separator: "-" | ":" = "-"): string {
  return range.from === range.to ? String(range.from) : `${range.from}${separator}${range.to}`;
}
