// States of a machine and rules files for it: from each state to each file, `load` has to lead.
import type { Family } from "./iptables_text.ts";

/** A machine's table `filter` before a rules file is loaded. */
export interface StateCase {
  readonly name: string;
  /** Lines of iptables-restore, `@1` … for addresses of the family. */
  readonly lines: readonly string[];
}

/** A rules file. */
export interface FileCase {
  readonly name: string;
  readonly text: string;
}

/** A moment long past, and a distant one, for timed doors. */
export const OVER = "2001-02-03T04:05:06";
export const AHEAD = "2034-01-02T03:04:05";

const ADDRESSES: Readonly<Record<string, Readonly<Record<Family, string>>>> = {
  "@1": { ipv4: "198.51.100.1/32", ipv6: "2001:db8::1/128" },
  "@2": { ipv4: "198.51.100.2/32", ipv6: "2001:db8::2/128" },
  "@3": { ipv4: "203.0.113.3/32", ipv6: "2001:db8:3::3/128" },
  "@4": { ipv4: "203.0.113.0/24", ipv6: "2001:db8:4::/48" },
  "@5": { ipv4: "192.0.2.0/25", ipv6: "fd00::/8" },
  "@6": { ipv4: "9.9.9.9/32", ipv6: "::9/128" },
};

/** A state's lines for one family. */
export function stateLines({ lines }: StateCase, family: Family): string {
  return lines.map((line) => line.replace(/@\d/g, (name) => ADDRESSES[name]?.[family] ?? name))
    .join("\n");
}

const door = (address: string) => `-A pk-ssh -s ${address} -j ACCEPT`;
const timed = (address: string, end = AHEAD) =>
  `-A pk-ssh -s ${address} -m time --datestop ${end} -j ACCEPT`;
const allow = (address: string) =>
  `-A pk-ssh -s ${address} -m comment --comment pk-allow -j ACCEPT`;
const JUMP = "-A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh";
const DROP = "-A pk-ssh -j DROP";
const SSH = ":pk-ssh - [0:0]";
const FOREIGN = [
  ":theirs - [0:0]",
  "[7:420] -A INPUT -i lo -j ACCEPT",
  "[3:180] -A INPUT -p tcp -m tcp --dport 25 -j theirs",
  "-A theirs -m mac --mac-source 00:11:22:33:44:55 -j RETURN",
  "[1:60] -A theirs -j DROP",
];

/** States of machines: new, in use, edited by hand, broken. */
export const STATES: readonly StateCase[] = [
  { name: "an empty machine", lines: [] },
  { name: "foreign rules alone", lines: FOREIGN },
  { name: "ssh as the first file has it", lines: [SSH, `[9:540] ${JUMP}`, `[4:240] ${DROP}`] },
  {
    name: "doors of every kind, counted",
    lines: [
      SSH,
      `[99:5940] ${JUMP}`,
      `[5:300] ${door("@6")}`,
      `[6:360] ${timed("@1")}`,
      `[7:420] ${door("@3")}`,
      `[8:480] -A pk-ssh -s @4 -m comment --comment "opened by hand" -j ACCEPT`,
      `[4:240] ${DROP}`,
    ],
  },
  {
    name: "expired doors among open ones",
    lines: [SSH, JUMP, timed("@1", OVER), timed("@2"), timed("@3", OVER), DROP],
  },
  {
    name: "allowed addresses, counted, beside doors of the same addresses",
    lines: [
      SSH,
      JUMP,
      `[2:120] ${allow("@1")}`,
      `[3:180] ${door("@1")}`,
      `[4:240] ${allow("@4")}`,
      timed("@4"),
      DROP,
    ],
  },
  {
    name: "a chain of the old tool: no mark, REJECT, jump without syn",
    lines: [
      SSH,
      "-A INPUT -p tcp -m tcp --dport 22 -j pk-ssh",
      door("@1"),
      door("@3"),
      "-A pk-ssh -j REJECT",
    ],
  },
  { name: "the chain was flushed", lines: [SSH, JUMP] },
  { name: "the jump is gone", lines: [SSH, `[5:300] ${door("@1")}`, DROP] },
  {
    name: "the jump is doubled, foreign rules between",
    lines: [...FOREIGN.slice(0, 2), SSH, `[5:300] ${JUMP}`, FOREIGN[2] ?? "", JUMP, DROP],
  },
  {
    name: "doors out of order and doubled",
    lines: [SSH, JUMP, `[1:60] ${door("@3")}`, `[2:120] ${door("@1")}`, timed("@3"), DROP],
  },
  {
    name: "doors behind the end of the chain",
    lines: [SSH, JUMP, door("@1"), DROP, `[2:120] ${door("@2")}`, timed("@3")],
  },
  {
    name: "no policy, then a policy twice",
    lines: [
      ...[SSH, ":pk-web - [0:0]", JUMP, "-A INPUT -p tcp -m tcp --dport 80 -j pk-web"],
      ...[door("@1"), "-A pk-web -j ACCEPT", "-A pk-web -j DROP"],
    ],
  },
  {
    name: "a jump between foreign rules",
    lines: [
      ...FOREIGN.slice(0, 2),
      SSH,
      "[6:360] -A INPUT -p tcp -m tcp --dport 2222 -j pk-ssh",
      ...FOREIGN.slice(2),
      DROP,
    ],
  },
  {
    name: "two jumps with ports of their own",
    lines: [
      SSH,
      "[1:60] -A INPUT -p tcp -m tcp --dport 22 --syn -j pk-ssh",
      "-A INPUT -i lo -j ACCEPT",
      "[2:120] -A INPUT -p tcp -m tcp --dport 2222 --syn -j pk-ssh",
      DROP,
    ],
  },
  {
    name: "jumps with foreign matches, and a goto",
    lines: [
      SSH,
      "-A INPUT -s @4 -p tcp -m tcp --dport 22 -j pk-ssh",
      "-A INPUT -p tcp -m tcp --dport 22 -g pk-ssh",
      door("@2"),
      DROP,
    ],
  },
  {
    name: "foreign rules inside the chain",
    lines: [
      SSH,
      JUMP,
      "[1:60] -A pk-ssh -m mac --mac-source 00:11:22:33:44:55 -j ACCEPT",
      door("@1"),
      "[2:120] -A pk-ssh -p tcp -m tcp --sport 1024:65535 -j RETURN",
      door("@3"),
      DROP,
    ],
  },
  {
    name: "established and log, as another file had them",
    lines: [
      SSH,
      JUMP,
      "[9:900] -A pk-ssh -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      door("@2"),
      '[3:180] -A pk-ssh -m limit --limit 10/minute -j LOG --log-prefix "ssh "',
      DROP,
    ],
  },
  {
    name: "many services in another order than any file, and strangers",
    lines: [
      ...[":pk-web - [0:0]", ":pk-vpn - [0:0]", SSH, ":pk-odd - [0:0]"],
      "[1:60] -A INPUT -p tcp -m multiport --dports 80,443 -j pk-web",
      "[2:120] -A INPUT -p udp -m udp --dport 500 -j pk-vpn",
      "-A INPUT -i lo -j ACCEPT",
      "[3:180] -A INPUT -p tcp -m tcp --dport 9 -j pk-odd",
      `[4:240] ${JUMP}`,
      ...["-A pk-web -j ACCEPT", "-A pk-vpn -s @3 -j ACCEPT", "-A pk-vpn -j DROP"],
      ...["-A pk-odd -s @1 -j ACCEPT", "-A pk-odd -j DROP", door("@1"), DROP],
    ],
  },
  {
    name: "a jump from another chain than INPUT",
    lines: [SSH, JUMP, "-A FORWARD -p tcp -m tcp --dport 22 -j pk-ssh", timed("@2"), DROP],
  },
  {
    name: "a chain that sends packets on to another service's",
    lines: [
      ...[SSH, ":pk-web - [0:0]", "-A INPUT -p tcp -m tcp --dport 80 -j pk-web", JUMP],
      ...["-A pk-web -s @4 -j pk-ssh", "-A pk-web -j ACCEPT", door("@1"), DROP],
    ],
  },
  {
    name: "a door for everyone",
    lines: [
      ...[SSH, JUMP, "[5:300] -A pk-ssh -m comment --comment pk-door -j ACCEPT"],
      ...[door("@1"), DROP],
    ],
  },
  {
    name: "an ACCEPT of everything ahead of doors and a DROP",
    lines: [SSH, JUMP, "[5:300] -A pk-ssh -j ACCEPT", door("@1"), DROP],
  },
];

/** Rules files, each with different contents. */
export const FILES: readonly FileCase[] = [
  { name: "ssh alone", text: "service ssh tcp 22 syn drop" },
  { name: "nothing", text: "# no service yet\n" },
  { name: "another port", text: "service ssh tcp 2222 syn drop" },
  { name: "reject", text: "service ssh tcp 22 syn reject" },
  { name: "accept", text: "service ssh tcp 22 accept" },
  { name: "udp", text: "service ssh udp 22 drop" },
  { name: "udp, reject", text: "service ssh udp 22, 500-510 reject" },
  { name: "several ports", text: "service ssh tcp 22, 2222, 8000-8010 syn drop" },
  {
    name: "more ports than one match takes",
    text: "service ssh tcp 1,3,5,7,9,11,13,15,17,19,21,22,23,25,27,29,31-33 drop",
  },
  { name: "on an interface", text: 'service ssh tcp 22 syn drop on "eth0.100"' },
  { name: "IPv4 alone", text: "service ssh tcp 22 syn drop ipv4" },
  { name: "IPv6 alone", text: "service ssh tcp 22 syn drop ipv6" },
  {
    name: "allow",
    text: "service ssh tcp 22 syn drop allow 198.51.100.1, 203.0.113.0/24, 2001:db8::1, fd00::/8",
  },
  { name: "allow of another address", text: "service ssh tcp 22 syn drop allow 9.9.9.9, ::9" },
  { name: "allow everyone of one family", text: "service ssh tcp 22 drop allow 0.0.0.0/0" },
  { name: "established", text: "service ssh tcp 22 syn drop established" },
  {
    name: "log",
    text:
      'service ssh tcp 22 syn drop log prefix "ssh \\"x\\" " level info limit 10/minute burst 9',
  },
  {
    name: "three services, jumps in this order",
    text: "service ssh tcp 22 syn drop\nservice vpn udp 500 drop\nservice web tcp 80,443 accept",
  },
  {
    name: "three services, jumps in the opposite order",
    text: "service web tcp 80 reject\nservice vpn udp 500, 4500 drop\nservice ssh tcp 22 syn drop",
  },
  {
    name: "everything at once",
    text: `define office = 198.51.100.0/24, 2001:db8::/48
service ssh tcp 22 syn drop established allow office, 9.9.9.9 log prefix "in " on ppp+
service web tcp 80, 443, 8000-8010 accept
service vpn udp 500 reject ipv4 allow office_v4 log
define office_v4 = 203.0.113.0/24`,
  },
  {
    name: "other services alone",
    text: "service mail tcp 25 drop allow 9.9.9.9\nservice web tcp 8080 drop",
  },
];
