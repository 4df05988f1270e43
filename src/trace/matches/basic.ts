import type { Family } from "../../firewall/address.ts";
import {
  cannotBeLocal,
  compareHosts,
  covers,
  holdsForOutsider,
  isLoopback,
  type Network,
  parseNetwork,
} from "../network.ts";
import { ANYONE } from "../packet.ts";
import { some, type State, type Test, type Truth } from "../state.ts";

/** Protocols of /etc/protocols that iptables-save prints by name, and the few that people write. */
const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  igmp: 2,
  ipencap: 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  udp: 17,
  dccp: 33,
  ipv6: 41,
  rsvp: 46,
  gre: 47,
  esp: 50,
  "ipv6-crypt": 50,
  ah: 51,
  "ipv6-auth": 51,
  "ipv6-icmp": 58,
  icmpv6: 58,
  "ipv6-nonxt": 59,
  eigrp: 88,
  ospf: 89,
  ospfigp: 89,
  ipip: 94,
  pim: 103,
  vrrp: 112,
  l2tp: 115,
  sctp: 132,
  "mobility-header": 135,
  "ipv6-mh": 135,
  mh: 135,
  udplite: 136,
};

/**
 * Number of a protocol.
 *
 * @param text a name or a number
 * @returns 0 for every protocol, `null` for an unknown name
 */
export function readProtocol(text: string): number | null {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 255) return Number(text);
  const name = text.toLowerCase();
  if (name === "all") return 0;
  return Object.hasOwn(PROTOCOLS, name) ? PROTOCOLS[name] ?? null : null;
}

/** `-p`: 0 takes every protocol. */
export function protocolTest(text: string): Test | null {
  const number = readProtocol(text);
  if (number === null) return null;
  return number === 0 ? () => true : ({ packet }) => packet.protocol === number;
}

/** A list of networks; iptables makes a rule for each, so one that covers the address is enough. */
function readNetworks(text: string, family: Family): Network[] | null {
  const networks: Network[] = [];
  for (const item of text.split(",")) {
    const network = parseNetwork(item, family);
    if (network === null) return null; // A name would have to be looked up.
    networks.push(network);
  }
  return networks;
}

/** `-s`. */
export function sourceTest(text: string, family: Family): Test | null {
  const networks = readNetworks(text, family);
  if (networks === null) return null;
  const forOutsider = some(networks.map((network) => holdsForOutsider(network, family)));
  return ({ packet: { source } }) =>
    source === ANYONE ? forOutsider : networks.some((network) => covers(network, source));
}

/** `-d`. */
export function destinationTest(text: string, family: Family): Test | null {
  const networks = readNetworks(text, family);
  if (networks === null) return null;
  const forUnknown = some(networks.map((network): Truth => {
    if (network.bits === 0) return true;
    return cannotBeLocal(network, family) ? false : null;
  }));
  return (state) => {
    const { destination } = state;
    if (destination !== null) return networks.some((network) => covers(network, destination));
    return onLoopback(state) === false ? forUnknown : null;
  };
}

/** Whether the packet came in on `lo`, which none from outside can (RFC 1122 section 3.2.1.3). */
function onLoopback({ interface: name, packet }: State): Truth {
  if (name !== null) return name === "lo";
  const { source, destination } = packet;
  if (source === ANYONE) return false;
  return isLoopback(source) || destination !== null && compareHosts(source, destination) === 0;
}

/** `-i`: a name, or a prefix and a `+`. A name with a quote in it may have been misread. */
export function interfaceTest(text: string): Test | null {
  if (text === "+") return () => true;
  if (text === "" || text.includes('"')) return null;
  const start = text.endsWith("+") ? text.slice(0, -1) : null;
  return (state) => {
    const { interface: name } = state;
    if (name !== null) return start === null ? name === text : name.startsWith(start);
    const loopback = onLoopback(state);
    const holdsForLoopback = start === null ? text === "lo" : "lo".startsWith(start);
    if (loopback === true) return holdsForLoopback;
    return text === "lo" ? loopback : null;
  };
}

/** `-o`: an incoming packet has none yet. Whether `! -o` matches then depends on the kernel's version. */
export function outTest(text: string): Test | null {
  return text === "+" || text === "" ? null : () => false;
}

/** `-f`: second and further fragments. The traced packets are whole, and IPv6 has no such match. */
export const fragmentTest: Test = () => false;
