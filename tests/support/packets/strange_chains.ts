// Random states of a service's chain that others edited, of every kind that was once misread.
import fc from "fast-check";
import type { Backend, Family } from "../iptables_text.ts";

/** The sources: some are named by rules, some are next to them. */
export const SOURCES: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["10.1.0.5", "10.1.0.6", "10.1.1.5", "10.2.0.5", "172.16.3.4", "203.0.113.9", "8.8.4.4"],
  ipv6: ["2001:db8:1::5", "2001:db8:1::6", "2001:db8:2::5", "fd00::5", "2600::9"],
};

/** Hosts and networks that rules and commands name, as iptables prints them, and who of SOURCES is in it. */
export const NAMED: Readonly<Record<Family, Readonly<Record<string, readonly string[]>>>> = {
  ipv4: {
    "10.1.0.5/32": ["10.1.0.5"],
    "10.1.0.0/24": ["10.1.0.5", "10.1.0.6"],
    "10.0.0.0/8": ["10.1.0.5", "10.1.0.6", "10.1.1.5", "10.2.0.5"],
    "172.16.3.4/32": ["172.16.3.4"],
    "203.0.113.9/32": ["203.0.113.9"],
  },
  ipv6: {
    "2001:db8:1::5/128": ["2001:db8:1::5"],
    "2001:db8:1::/64": ["2001:db8:1::5", "2001:db8:1::6"],
    "2001:db8::/32": ["2001:db8:1::5", "2001:db8:1::6", "2001:db8:2::5"],
    "fd00::5/128": ["fd00::5"],
  },
};

/** Foreign rules with an address `A`. */
const WITH_ADDRESS = [
  "-s A -p tcp -j ACCEPT",
  "-s A -m conntrack --ctstate NEW -j ACCEPT",
  '-s A -m comment --comment "café \\"x" -j ACCEPT',
  "! -s A -j DROP",
  "-s A -j DROP",
  "-s A -j RETURN",
  "-s A -j ends",
  "-s A -j may",
  "-s A -p udp -j ACCEPT",
  "-s A -m time --datestart 2037-01-01T00:00:00 -j ACCEPT",
];

/** Foreign rules for everyone. */
const FOR_ALL = [
  "-j LOG",
  "-j DROP",
  "-p tcp -j DROP",
  '-m comment --comment "the end" -j DROP',
  "-j REJECT",
  "-j ACCEPT",
  "-p udp -j ACCEPT",
  "-j RETURN",
  "-j may",
  "-j ends",
  "-g ends",
  '-m recent --rcheck --name "a\\"b" -j DROP',
  "-m mark --mark 0x7 -j ACCEPT",
];

/** Rules of nft that iptables-save shows without what they match on. */
const NATIVE: Readonly<Record<Family, readonly string[]>> = {
  ipv4: [
    "ip saddr { 10.1.0.6, 172.16.3.4 } accept",
    "ip saddr { 10.2.0.5, 8.8.4.4 } drop",
    "ip saddr 10.1.0.6-10.1.1.9 accept",
  ],
  ipv6: ["ip6 saddr { 2001:db8:1::6, 2600::9 } accept", "ip6 saddr { fd00::5, fd00::6 } drop"],
};

const JUMPS = ["-p tcp --dport 22 --syn -j pk-ssh", "-p tcp --dport 22 -j pk-ssh"];
const BESIDE = [
  "-i lo -j ACCEPT",
  "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
  "-p tcp --dport 80 -j ACCEPT",
  "-j LOG",
  "-p icmp -j ACCEPT",
];

/** One state of a family's table. */
export interface StrangeState {
  /** Input of iptables-restore. */
  readonly text: string;
  /** Words of nft(8) that put its own rules in front of a rule of pk-ssh, last number first. */
  readonly native: readonly (readonly string[])[];
}

/** Moments around now, in UTC: over and not yet. */
function moments(): string[] {
  return [-86_400, -5, 86_400, 864_000].map((seconds) =>
    new Date(Date.now() + 1000 * seconds).toISOString().slice(0, 19)
  );
}

function withAddress(family: Family, rules: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...rules), fc.constantFrom(...Object.keys(NAMED[family])))
    .map(([rule, address]) => rule.replace("A", address));
}

function fits(rule: string, family: Family): boolean {
  return family === "ipv4" || !rule.includes("icmp");
}

/** A state of a family. */
export function strangeState(family: Family, backend: Backend): fc.Arbitrary<StrangeState> {
  const doors = [
    "-s A -j ACCEPT",
    "-s A -j ACCEPT",
    "-s A -m comment --comment pk-allow -j ACCEPT",
    ...moments().map((moment) => `-s A -m time --datestop ${moment} -j ACCEPT`),
  ];
  const inside = fc.oneof(
    { weight: 6, arbitrary: withAddress(family, doors) },
    { weight: 3, arbitrary: withAddress(family, WITH_ADDRESS) },
    { weight: 2, arbitrary: fc.constantFrom(...FOR_ALL) },
  );
  const jump = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...JUMPS) },
    { weight: 1, arbitrary: withAddress(family, [`-s A ${JUMPS[0]}`, `-s A ${JUMPS[1]}`]) },
    { weight: 1, arbitrary: fc.constant("-p tcp --dport 22 -g pk-ssh") },
  );
  const beside = fc.array(fc.constantFrom(...BESIDE.filter((rule) => fits(rule, family))), {
    maxLength: 2,
  });
  const native = fc.array(fc.tuple(fc.nat(5), fc.constantFrom(...NATIVE[family])), {
    maxLength: backend === "legacy" ? 0 : 1,
  });
  return fc.record({
    rules: fc.array(inside, { maxLength: 7 }),
    end: fc.constantFrom("-j DROP", "-j DROP", "-j DROP", "-p tcp -j DROP", "-j REJECT", "-g ends"),
    before: beside,
    jumps: fc.array(jump, { minLength: 1, maxLength: 2 }),
    behind: beside,
    native,
  }).map(({ rules, end, before, jumps, behind, native }) => {
    const chain = [...rules, end];
    const text = [
      ...["*filter", ":INPUT ACCEPT [0:0]", ":pk-ssh - [0:0]", ":ends - [0:0]", ":may - [0:0]"],
      ...["-A ends -j LOG", "-A ends -j DROP", "-A may -p udp -j DROP", "-A may -j RETURN"],
      ...[...before, ...jumps, ...behind].map((rule) => `-A INPUT ${rule}`),
      ...chain.map((rule) => `-A pk-ssh ${rule}`),
      ...["COMMIT", ""],
    ].join("\n");
    const table = family === "ipv4" ? "ip" : "ip6";
    const written = native.map(([at, rule]) => [
      ...["nft", "insert", "rule", table, "filter", "pk-ssh", "index"],
      ...[String(Math.min(at, chain.length - 1)), ...rule.split(" ")],
    ]);
    return { text, native: written };
  });
}
