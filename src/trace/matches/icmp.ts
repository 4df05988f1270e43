import { allOf, type Match, readNumber, wordOf } from "../options.ts";

/** Type and code by the names that iptables knows; -1 is every code. */
type IcmpType = readonly [type: number, code: number];

/** Names of libxt_icmp.h; iptables-save prints numbers. */
const ICMP: Readonly<Record<string, IcmpType>> = {
  "echo-reply": [0, -1],
  pong: [0, -1],
  "destination-unreachable": [3, -1],
  "network-unreachable": [3, 0],
  "host-unreachable": [3, 1],
  "protocol-unreachable": [3, 2],
  "port-unreachable": [3, 3],
  "fragmentation-needed": [3, 4],
  "source-route-failed": [3, 5],
  "source-quench": [4, -1],
  redirect: [5, -1],
  "echo-request": [8, -1],
  ping: [8, -1],
  "router-advertisement": [9, -1],
  "router-solicitation": [10, -1],
  "time-exceeded": [11, -1],
  "ttl-exceeded": [11, -1],
  "ttl-zero-during-transit": [11, 0],
  "ttl-zero-during-reassembly": [11, 1],
  "parameter-problem": [12, -1],
  "timestamp-request": [13, -1],
  "timestamp-reply": [14, -1],
  "address-mask-request": [17, -1],
  "address-mask-reply": [18, -1],
};

const ICMPV6: Readonly<Record<string, IcmpType>> = {
  "destination-unreachable": [1, -1],
  "no-route": [1, 0],
  "communication-prohibited": [1, 1],
  "beyond-scope": [1, 2],
  "address-unreachable": [1, 3],
  "port-unreachable": [1, 4],
  "packet-too-big": [2, -1],
  "time-exceeded": [3, -1],
  "ttl-exceeded": [3, -1],
  "parameter-problem": [4, -1],
  "bad-header": [4, 0],
  "unknown-header-type": [4, 1],
  "unknown-option": [4, 2],
  "echo-request": [128, -1],
  ping: [128, -1],
  "echo-reply": [129, -1],
  pong: [129, -1],
  "router-solicitation": [133, -1],
  "router-advertisement": [134, -1],
  "neighbour-solicitation": [135, -1],
  "neighbor-solicitation": [135, -1],
  "neighbour-advertisement": [136, -1],
  "neighbor-advertisement": [136, -1],
  redirect: [137, -1],
};

/** Every ICMP type; in IPv6 there is no such number. */
const ANY_TYPE = 255;

function readIcmp(text: string, names: Readonly<Record<string, IcmpType>>): IcmpType | null {
  if (text === "any" && names === ICMP) return [ANY_TYPE, -1];
  if (Object.hasOwn(names, text)) return names[text] ?? null;
  const [first = "", second] = text.split("/");
  const type = readNumber(first);
  const code = second === undefined ? -1 : readNumber(second);
  return type === null || code === null ? null : [type, code];
}

function icmpMatch(option: string, names: Readonly<Record<string, IcmpType>>): Match {
  return {
    options: { [option]: 1 },
    build: (options) =>
      allOf(options, (option) => {
        const wanted = readIcmp(wordOf(option), names);
        if (wanted === null) return null;
        const [type, code] = wanted;
        return ({ packet: { icmp } }) => {
          if (type === ANY_TYPE && names === ICMP) return true;
          if (icmp === null) return null;
          return icmp.type === type && (code === -1 || icmp.code === code);
        };
      }),
  };
}

/** `-m icmp`. */
export const icmp: Match = icmpMatch("--icmp-type", ICMP);
/** `-m icmp6`. */
export const icmp6: Match = icmpMatch("--icmpv6-type", ICMPV6);
