import { MAX_PORT } from "../../firewall/port.ts";
import { FIRST_CLIENT_PORT } from "../packet.ts";
import { allOf, type Match, type Option, wordOf } from "../options.ts";
import { some, type State, type Test, type Truth } from "../state.ts";

/** First and last port. */
type Range = readonly [from: number, to: number];

/** Reads `22`, `20:22`, `:22` or `1024:`; `null` for the name of a service. */
function readRange(text: string): Range | null {
  const match = /^(\d{0,5})(:\d{0,5})?$/.exec(text);
  if (match === null || text === "") return null;
  const [, first, rest] = match;
  const from = Number(first);
  const to = rest === undefined ? from : rest === ":" ? MAX_PORT : Number(rest.slice(1));
  return from > MAX_PORT || to > MAX_PORT ? null : [from, to];
}

function readRanges(text: string): Range[] | null {
  const ranges = text.split(",").map(readRange);
  return ranges.every((range) => range !== null) ? ranges : null;
}

/** Whether a port, which may be unknown, is in a range. */
function inRange(port: number | null, [from, to]: Range, first: number): Truth {
  if (port !== null) return from <= port && port <= to;
  if (to < first || from > MAX_PORT) return false;
  return from <= first && to === MAX_PORT ? true : null;
}

const sourceIn = ({ packet }: State, ranges: readonly Range[]): Truth =>
  some(ranges.map((range) => inRange(packet.sourcePort, range, FIRST_CLIENT_PORT)));

const portIn = ({ port }: State, ranges: readonly Range[]): Truth =>
  some(ranges.map((range) => inRange(port, range, 0)));

type InRanges = typeof portIn;

const eitherIn: InRanges = (state, ranges) =>
  some([sourceIn(state, ranges), portIn(state, ranges)]);

const WHICH: Readonly<Record<string, InRanges>> = {
  "--sport": sourceIn,
  "--source-port": sourceIn,
  "--sports": sourceIn,
  "--source-ports": sourceIn,
  "--dport": portIn,
  "--destination-port": portIn,
  "--dports": portIn,
  "--destination-ports": portIn,
  "--port": eitherIn,
  "--ports": eitherIn,
};

function portTest(option: Option, many: boolean): Test | null {
  const which = WHICH[option.name];
  const text = wordOf(option);
  const single = many ? null : readRange(text);
  const ranges = many ? readRanges(text) : single === null ? null : [single];
  return which === undefined || ranges === null ? null : (state) => which(state, ranges);
}

/** Bits of the TCP flags (RFC 9293 section 3.1), by iptables' names. */
const FLAGS: Readonly<Record<string, number>> = {
  NONE: 0,
  FIN: 1,
  SYN: 2,
  RST: 4,
  PSH: 8,
  ACK: 16,
  URG: 32,
  ALL: 63,
};
const { SYN = 0, ACK = 0, PSH = 0 } = FLAGS;
/** The meaning of `--syn`: of FIN, SYN, RST and ACK only SYN is set. */
const SYN_MASK = 0x17;

function readFlags(text: string): number | null {
  let bits = 0;
  for (const name of text.split(",")) {
    const bit = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (bit === undefined) return null;
    bits |= bit;
  }
  return bits;
}

/** A packet that opens a connection is a SYN; one of an established connection has ACK and perhaps PSH. */
function flagsTest(mask: number, set: number): Test {
  return ({ packet }) => {
    const known = packet.established ? mask & ~PSH : mask;
    const flags = packet.established ? ACK : SYN;
    if ((flags & known) !== (set & known)) return false;
    return (set & ~mask) !== 0 ? false : known === mask ? true : null;
  };
}

function tcpTest(option: Option): Test | null {
  if (option.name === "--syn") return flagsTest(SYN_MASK, SYN);
  if (option.name === "--tcp-option") return null;
  if (option.name !== "--tcp-flags") return portTest(option, false);
  const [mask, set] = [readFlags(wordOf(option)), readFlags(option.values[1] ?? "")];
  return mask === null || set === null ? null : flagsTest(mask, set);
}

const PORTS = { "--sport": 1, "--source-port": 1, "--dport": 1, "--destination-port": 1 };

/** `-m udp`, and the ports of other protocols that have them. */
export const ports: Match = {
  options: PORTS,
  build: (options) => allOf(options, (option) => portTest(option, false)),
};

/** `-m tcp`: ports and flags. The options of a SYN are unknown. */
export const tcp: Match = {
  options: { ...PORTS, "--tcp-flags": 2, "--syn": 0, "--tcp-option": 1 },
  build: (options) => allOf(options, tcpTest),
};

/** `-m multiport`. */
export const multiport: Match = {
  options: {
    ...{ "--sports": 1, "--source-ports": 1, "--dports": 1, "--destination-ports": 1 },
    ...{ "--ports": 1, "--port": 1 },
  },
  build: (options) => allOf(options, (option) => portTest(option, true)),
};

/** `-m tcpmss`: only a SYN carries an MSS (RFC 9293 section 3.7.1), and its value is unknown. */
export const tcpmss: Match = {
  options: { "--mss": 1 },
  build: (options) => allOf(options, () => ({ packet }) => packet.established ? false : null),
};
