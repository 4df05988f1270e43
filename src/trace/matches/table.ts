import { type Match, never } from "../options.ts";
import { connmark, conntrack, mark, state } from "./connection.ts";
import { icmp, icmp6 } from "./icmp.ts";
import { addrtype, comment, extensionHeader, physdev, pkttype, policy, rpfilter } from "./kind.ts";
import { multiport, ports, tcp, tcpmss } from "./ports.ts";
import { geoip, iprange, mac, recent, set } from "./source.ts";
import { time } from "./time.ts";

/** Depends on earlier packets: the next packet may get another result. */
const fickle: Match = { ...never(), fickle: true };
/** Lets packets through up to a rate. */
const rate: Match = { ...never(), fickle: true, rate: true };

/**
 * The matches of iptables-extensions(8), by the name behind `-m`. One that is not listed is unknown, and
 * so are those on what no rule shows: a packet's length, its bytes, the machine's counters.
 */
export const MATCHES: Readonly<Record<string, Match>> = {
  addrtype,
  comment,
  connmark,
  conntrack,
  dccp: ports,
  dst: extensionHeader,
  frag: extensionHeader,
  geoip,
  hashlimit: rate,
  hbh: extensionHeader,
  icmp,
  icmp6,
  iprange,
  limit: rate,
  mac,
  mark,
  multiport,
  physdev,
  pkttype,
  policy,
  quota: fickle,
  recent,
  rpfilter,
  rt: extensionHeader,
  sctp: ports,
  set,
  state,
  statistic: fickle,
  string: never({ "--string": 1, "--hex-string": 1, "--algo": 1, "--from": 1, "--to": 1 }),
  tcp,
  tcpmss,
  time,
  udp: ports,
  udplite: ports,
};

/** The implicit match of `-p`, so that `-p tcp --dport 22` needs no `-m tcp`. */
export const OF_PROTOCOL: Readonly<Record<string, string>> = {
  tcp: "tcp",
  udp: "udp",
  udplite: "udplite",
  sctp: "sctp",
  dccp: "dccp",
  icmp: "icmp",
  icmpv6: "icmp6",
  "ipv6-icmp": "icmp6",
  "6": "tcp",
  "17": "udp",
  "1": "icmp",
  "58": "icmp6",
  "132": "sctp",
};
