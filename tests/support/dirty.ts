// Random states of a kernel that others have edited as well, and their invariants.
import fc from "fast-check";
import type { Family } from "../../src/firewall/address.ts";
import { NOW } from "./fake_system.ts";

/** Addresses of each family, few enough to meet again; every host and network in order. */
export const ADDRESSES: Readonly<Record<Family, readonly string[]>> = {
  ipv4: [
    "9.255.255.255/32",
    "10.0.0.0/8",
    "10.0.0.0/24",
    "10.0.0.0/32",
    "10.0.0.9/32",
    "100.0.0.1/32",
    "203.0.113.9/32",
    "203.0.113.128/25",
  ],
  ipv6: [
    "::1/128",
    "::1:0/112",
    "fd::/16",
    "2001:db8::/32",
    "2001:db8::/48",
    "2001:db8::9/128",
    "2001:db8:0:1::/64",
    "fe80::/10",
    "ffff::1/128",
  ],
};

const FOREIGN = [
  "-p tcp -m tcp --sport 1024:65535 -j RETURN",
  "-m mac --mac-source 00:11:22:33:44:55 -j ACCEPT",
  '-m comment --comment "it\'s \\"not\\" ours -j pk-ssh" -j RETURN',
  "-j NFLOG --nflog-group 3",
  "-d 192.0.2.1 -j ACCEPT",
  "-i lo -j ACCEPT",
  "-s 10.0.0.9 -p tcp -j ACCEPT",
  "-p udp -j LOG --log-prefix udp",
  "-j pk-other",
  "-j theirs",
];

/** Rules of the other family are written without addresses of this one. */
function fits(rule: string, family: Family): boolean {
  return family === "ipv4" || !/ ?-[sd] \d/.test(rule);
}

function date(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19);
}

/** A rule someone put into pk-ssh. */
function chainRule(family: Family): fc.Arbitrary<string> {
  const address = fc.constantFrom(...ADDRESSES[family]);
  const end = fc.constantFrom(NOW - 86_400, NOW - 1, NOW, NOW + 60, NOW + 3600);
  const comment = fc.constantFrom("", ' -m comment --comment "a b\\"c"', " -m comment --comment x");
  return fc.oneof(
    { weight: 5, arbitrary: address.map((a) => `-s ${a} -j ACCEPT`) },
    {
      weight: 3,
      arbitrary: fc.tuple(address, comment, end).map(([a, c, e]) =>
        `-s ${a}${c} -m time --datestop ${date(e)} -j ACCEPT`
      ),
    },
    { weight: 1, arbitrary: fc.tuple(address, comment).map(([a, c]) => `-s ${a}${c} -j ACCEPT`) },
    { weight: 1, arbitrary: address.map((a) => `-s ${a} -m comment --comment pk-allow -j ACCEPT`) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(...FOREIGN.filter((rule) => fits(rule, family))),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-j LOG",
        '-m limit --limit 10/minute -j LOG --log-prefix "x "',
        "-j DROP",
        "-j ACCEPT",
        "-j REJECT",
      ),
    },
  );
}

const JUMPS = [
  "-p tcp -m tcp --dport 22 --syn -j pk-ssh",
  "-p tcp -m tcp --dport 22 -j pk-ssh",
  "-p tcp -m multiport --dports 22,80 -j pk-ssh",
  "-i eth0 -m mac --mac-source 00:11:22:33:44:55 -j pk-ssh",
  "-g pk-ssh",
];

function withCounters(rules: readonly string[], chain: string): fc.Arbitrary<string[]> {
  const counter = fc.nat(3).chain((n) =>
    n === 0 ? fc.constant("") : fc.nat(9999).map((p) => `[${p}:${p * 60}] `)
  );
  return fc.tuple(...rules.map(() => counter)).map((counters) =>
    rules.map((rule, at) => `${counters[at] ?? ""}-A ${chain} ${rule}`)
  );
}

/** Lines for one family: pk-ssh in any disorder or not at all, jumps to it and foreign rules around it. */
export function dirtyTable(family: Family): fc.Arbitrary<string> {
  const inside = fc.array(chainRule(family), { maxLength: 9 });
  const ends = fc.constantFrom(["-j DROP"], ["-j DROP"], ["-j ACCEPT"], ["-j LOG", "-j DROP"], []);
  const foreign = FOREIGN.filter((rule) => fits(rule, family));
  const input = fc.array(fc.constantFrom(...JUMPS, ...foreign), { maxLength: 6 });
  const forward = fc.subarray([JUMPS[0]!, "-i lo -j ACCEPT", "-g pk-ssh", "-j theirs"]);
  return fc.record({ inside, ends, input, forward, exists: fc.nat(5) }).chain((state) => {
    const own = state.exists > 0;
    const outside = (rules: string[]) =>
      rules.filter((rule) => own || !rule.includes(" pk-ssh"))
        .filter((rule) => own || !rule.startsWith("-g pk-ssh"));
    return fc.tuple(
      withCounters(outside(state.input), "INPUT"),
      withCounters(outside(state.forward), "FORWARD"),
      withCounters(own ? [...state.inside, ...state.ends] : [], "pk-ssh"),
    ).map((groups) =>
      [
        ":theirs - [0:0]",
        ":pk-other - [0:0]",
        ...(own ? [":pk-ssh - [0:0]"] : []),
        ...groups.flat(),
        "-A theirs -i lo -j RETURN",
        "-A pk-other -j DROP",
      ].join("\n")
    );
  });
}

/** A command line that changes doors or services; `wait` advances the clock before it. */
export interface Step {
  readonly line: string;
  readonly wait: number;
}

/** Any verb that writes, on the few addresses. */
export function step(): fc.Arbitrary<Step> {
  const address = fc.constantFrom(...ADDRESSES.ipv4, ...ADDRESSES.ipv6);
  const end = fc.constantFrom("", "", " --for 30s", " --for 2h", " --for 1d");
  const line = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(address, end).map(([a, e]) => `add ${a} --service ssh${e}`) },
    { weight: 3, arbitrary: address.map((a) => `delete ${a} --service ssh`) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        "init ssh --port 22 --syn",
        "init ssh --port 22 --replace",
        "init ssh --port 22,80 --accept --replace",
        "init ssh --port 22 --log --log-prefix a~b --replace",
        "init ssh --udp --port 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31-33 --replace",
        "init ssh --port 22 --log-limit 60/hour --log-level err --replace --ipv4",
        "init new --port 80",
      ),
    },
    { weight: 1, arbitrary: fc.constantFrom("remove ssh", "remove --all", "remove new --ipv6") },
  );
  return fc.record({ line, wait: fc.constantFrom(0, 0, 0, 1, 40, 7200) });
}
