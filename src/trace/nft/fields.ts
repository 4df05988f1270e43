// The conditions of matches of nft. A field that is not listed is unknown.
import { MAX_PORT } from "../../firewall/port.ts";
import { FIRST_CLIENT_PORT } from "../packet.ts";
import type { Family } from "../../firewall/address.ts";
import { interfaceTest, readProtocol } from "../matches/basic.ts";
import { state as stateMatch } from "../matches/connection.ts";
import { cannotBeLocal, holdsForOutsider } from "../network.ts";
import { ANYONE, TCP, UDP } from "../packet.ts";
import { every, invert, some, type Test, type Truth } from "../state.ts";
import { type Json, listOf, objectOf, partsOf, textOf } from "./json.ts";
import { printField } from "./print.ts";
import { addressesOf, elementsOf, isAmong, namedSet } from "./values.ts";

/** A match in nft's JSON. */
export interface NftMatch {
  /** `==`, `!=`, `in`, `<` and so on. */
  readonly op: string;
  /** The left side. */
  readonly left: Json;
  /** The right side. */
  readonly right: Json;
}

/** Context for reading a match. */
export interface NftContext {
  /** The family of the packet. */
  readonly family: Family;
  /** The elements of the table's sets, as `{"set": [...]}`, by name. */
  readonly sets: ReadonlyMap<string, Json>;
}

type Build = (elements: readonly Json[], family: Family) => Test | null;

/** A test that only a packet of a protocol can pass: nft adds that condition by itself. */
function ofProtocol(protocols: readonly number[], build: Build): Build {
  return (elements, family) => {
    const test = build(elements, family);
    return (state, at) =>
      protocols.includes(state.packet.protocol) ? test === null ? null : test(state, at) : false;
  };
}

const CLIENT_PORTS = [FIRST_CLIENT_PORT, MAX_PORT] as const;

const destinationPort: Build = (elements) => ({ port }) =>
  isAmong(port === null ? [0, MAX_PORT] : [port, port], elements);

const sourcePort: Build = (elements) => ({ packet: { sourcePort: port } }) =>
  isAmong(port === null ? CLIENT_PORTS : [port, port], elements);

const protocol: Build = (elements) => {
  const numbers = elements.map((element) => readProtocol(`${element}`));
  return ({ packet }) =>
    some(numbers.map((number) => number === null ? null : number === packet.protocol));
};

function source(of: Family): Build {
  return (elements, family) => {
    if (family !== of) return () => false;
    const sets = elements.map((element) => addressesOf(element, family));
    const forOutsider = some(sets.map((one): Truth => {
      if (one === null) return null;
      return one.network === null ? false : holdsForOutsider(one.network, family);
    }));
    return ({ packet: { source } }) =>
      source === ANYONE
        ? forOutsider
        : some(sets.map((one) => one === null ? null : one.has(source)));
  };
}

function destination(of: Family): Build {
  return (elements, family) => {
    if (family !== of) return () => false;
    const sets = elements.map((element) => addressesOf(element, family));
    return ({ destination }) =>
      some(sets.map((one): Truth => {
        if (one === null) return null;
        if (destination !== null) return one.has(destination);
        return one.network !== null && cannotBeLocal(one.network, family) ? false : null;
      }));
  };
}

const cameIn: Build = (elements) => {
  // nft writes eth* where iptables writes eth+.
  const tests = elements.map((element) => interfaceTest(textOf(element).replace(/\*$/, "+")));
  return (state, at) => some(tests.map((test) => test === null ? null : test(state, at)));
};

const connectionState: Build = (elements) => {
  const names = elements.map((element) => textOf(element).toUpperCase()).join(",");
  return stateMatch.build([{ name: "--state", not: false, values: [names] }], {
    family: "ipv4",
    name: "state",
  });
};

const routed: Build = (elements) => () =>
  elements.includes("local")
    ? true
    : some(elements.map((type) =>
      ["unicast", "broadcast", "multicast", "anycast"].includes(textOf(type)) ? false : null
    ));

/** `ct status`: the state of the connection; see conntrack's --ctstate DNAT for translations. */
const status: Build = (elements) => (state) =>
  some(elements.map((name): Truth => {
    if (state.tracking !== "tracked") return false;
    const { established } = state.packet;
    if (name === "dnat") return state.translated;
    if (name === "seen-reply") return established;
    return ["snat", "expected", "assured"].includes(textOf(name)) && !established ? false : null;
  }));

/** `fib saddr . iif oif missing`: no answer would leave by that interface, like iptables' rpfilter. */
const reverse: Build = (elements) => ({ packet }) => {
  if (elements.some((found) => found !== false)) return null;
  return packet.source === ANYONE || packet.interface === null ? false : null;
};

const FIELDS: Readonly<Record<string, Build>> = {
  "tcp dport": ofProtocol([TCP], destinationPort),
  "tcp sport": ofProtocol([TCP], sourcePort),
  "udp dport": ofProtocol([UDP], destinationPort),
  "udp sport": ofProtocol([UDP], sourcePort),
  "th dport": destinationPort,
  "th sport": sourcePort,
  "sctp dport": ofProtocol([132], destinationPort),
  "dccp dport": ofProtocol([33], destinationPort),
  "icmp type": ofProtocol([1], () => null),
  "icmp code": ofProtocol([1], () => null),
  "icmpv6 type": ofProtocol([58], () => null),
  "icmpv6 code": ofProtocol([58], () => null),
  "ip protocol": (elements, family) => family === "ipv4" ? protocol(elements, family) : () => false,
  "ip6 nexthdr": (elements, family) => family === "ipv6" ? protocol(elements, family) : () => false,
  "meta l4proto": protocol,
  "meta protocol": (elements, family) => () => elements.includes(family === "ipv4" ? "ip" : "ip6"),
  "meta nfproto": (elements, family) => () => elements.includes(family),
  "meta iifname": cameIn,
  "meta iif": cameIn,
  "meta oifname": () => () => false,
  "meta oif": () => () => false,
  "meta pkttype": (elements) => () => elements.includes("host") || elements.includes("unicast"),
  "meta mark": (elements) => ({ mark }) => mark === null ? null : isAmong([mark, mark], elements),
  "ct mark": (elements) => ({ connectionMark: mark }) =>
    mark === null ? null : isAmong([mark, mark], elements),
  "ct state": connectionState,
  "ct status": status,
  "fib saddr . iif oif": reverse,
  "fib saddr . mark . iif oif": reverse,
  "ip saddr": source("ipv4"),
  "ip6 saddr": source("ipv6"),
  "ip daddr": destination("ipv4"),
  "ip6 daddr": destination("ipv6"),
  "fib daddr type": routed,
};

/** Fields by which a set names sources. */
const BY_SOURCE = /(^| )(ip6? saddr|ether saddr)( |$)/;

/**
 * The condition of a match.
 *
 * @param match in nft's JSON
 * @param of the packet's family (tables of family inet see both), and the table's sets
 * @returns the test; one that always returns unknown if the match is not understood
 */
export function matchTest({ op, left, right }: NftMatch, of: NftContext): Test {
  const { family } = of;
  const field = printField(left);
  const not = op === "!=";
  const set = namedSet(right);
  const anonymous = objectOf(right)["set"] !== undefined;
  if (BY_SOURCE.test(field) && (set !== null || anonymous && field.includes(" . "))) {
    // A set of addresses names its members (packet.md); sets of the other family never match.
    const other = family === "ipv4" ? /(^| )ip6 saddr/ : /(^| )ip saddr/;
    if (other.test(field)) return () => false;
    const listed = set === null || field.includes(" . ") ? undefined : of.sets.get(set);
    const known = listed === undefined ? null : matchTest({ op, left, right: listed }, of);
    return (state, at) => {
      if (set !== null && state.sets.has(set)) return null;
      return state.packet.source === ANYONE ? invert(false, not) : known?.(state, at) ?? null;
    };
  }
  if (set !== null && of.sets.has(set) && !field.includes(" . ")) {
    const known = matchTest({ op, left, right: of.sets.get(set) ?? null }, of);
    return (state, at) => state.sets.has(set) ? null : known(state, at);
  }
  if (field === "tcp flags" || field.startsWith("tcp flags & ")) {
    return flagsTest({ op, left, right });
  }
  if (!["==", "!=", "in"].includes(op)) return compareTest({ op, left, right }, family);
  const elements = elementsOf(right);
  const build = Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  const test = elements === null ? null : build?.(elements, family) ?? null;
  if (test === null) return impliedOnly(field);
  return not ? negated(test, field) : test;
}

/** `!=` negates the comparison, not what nft adds by itself: the protocol and the family. */
function negated(test: Test, field: string): Test {
  const implied = impliedOnly(field);
  return (state, at) => implied(state, at) === false ? false : invert(test(state, at), true);
}

const IMPLIED: readonly (readonly [start: string, holds: Test])[] = [
  ["tcp ", ({ packet }) => packet.protocol === TCP],
  ["udp ", ({ packet }) => packet.protocol === UDP],
  ["icmp ", ({ packet }) => packet.protocol === 1],
  ["icmpv6 ", ({ packet }) => packet.protocol === 58],
  ["sctp ", ({ packet }) => packet.protocol === 132],
  ["dccp ", ({ packet }) => packet.protocol === 33],
  ["ip ", ({ packet }) => packet.family === "ipv4"],
  ["ip6 ", ({ packet }) => packet.family === "ipv6"],
];

/** A match that is not understood: it certainly does not match another protocol. */
export function impliedOnly(field: string): Test {
  const implied = IMPLIED.filter(([start]) => field.startsWith(start)).map(([, test]) => test);
  return (state, at) => every([null, ...implied.map((test) => test(state, at))]);
}

/** `<`, `>`, `<=` and `>=`, only of ports. */
function compareTest({ op, left, right }: NftMatch, family: Family): Test {
  const field = printField(left);
  const build = field.endsWith("port") && Object.hasOwn(FIELDS, field) ? FIELDS[field] : undefined;
  if (build === undefined || typeof right !== "number") return impliedOnly(field);
  const range = op === "<"
    ? [0, right - 1]
    : op === "<="
    ? [0, right]
    : op === ">"
    ? [right + 1, MAX_PORT]
    : [right, MAX_PORT];
  return build([{ range }], family) ?? impliedOnly(field);
}

/** The flags of TCP from the lowest bit up. */
const FLAGS = ["fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"];

function flagBits(value: Json): number | null {
  let bits = 0;
  for (const one of Array.isArray(value) ? value : [value]) {
    const [tag, content] = partsOf(one);
    const named = FLAGS.indexOf(textOf(one));
    const own = tag === "|"
      ? flagBits(listOf(content))
      : typeof one === "number"
      ? one
      : named < 0
      ? null
      : 1 << named;
    if (own === null) return null;
    bits |= own;
  }
  return bits;
}

/** `tcp flags & (syn|ack) == syn`: a packet that opens a connection is a SYN and nothing else. */
function flagsTest({ op, left, right }: NftMatch): Test {
  const [tag, content] = partsOf(left);
  const mask = tag === "&" ? flagBits(listOf(content)[1] ?? null) : 255;
  const wanted = flagBits(right);
  return ({ packet }) => {
    if (packet.protocol !== TCP) return false;
    if (mask === null || wanted === null || packet.established) return null;
    const flags = 2 & mask;
    // `tcp flags ! fin,syn` (nft 1.0.6): none of them is set; `tcp flags fin,syn`: one or more.
    if (op === "in" || op === "!") return (flags & wanted) !== 0 === (op === "in");
    // Whether a SYN has the ECN flags is unknown (RFC 3168 section 6.1.1).
    if (mask > 63) return null;
    return op === "==" ? flags === wanted : op === "!=" ? flags !== wanted : null;
  };
}
