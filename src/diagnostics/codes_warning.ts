import type { Code } from "./code.ts";

function warning(code: string, entry: Omit<Code, "code" | "severity">): Code {
  return { code, severity: "warning", ...entry };
}

/** What is allowed but hardly intended: PK060 onwards. */
export const WARNING_CODES = {
  samePackets: warning("PK060", {
    title: "two services match the same packets",
    text: "Jumps are in the order of the file, so the first service decides and the second never " +
      "sees these packets.",
    wrong: "service web tcp 80, 443 accept\nservice site tcp 443 drop",
    right: "service web tcp 80 accept\nservice site tcp 443 drop",
  }),
  unusedDefine: warning("PK061", {
    title: "a `define` is never used",
    text:
      "No service allows this list, and no `expect` names it. It is obsolete, or missing from " +
      "a service.",
    wrong: "define office = 203.0.113.0/24\nservice ssh tcp 22",
    right: "define office = 203.0.113.0/24\nservice ssh tcp 22 allow office",
  }),
  coveredAddress: warning("PK062", {
    title: "an address that another already covers",
    text: "The wider entry lets these packets in anyway; the rule only costs time.",
    wrong: "service ssh tcp 22 allow 10.0.0.0/8, 10.0.0.7",
    right: "service ssh tcp 22 allow 10.0.0.0/8",
  }),
  allowsEverybody: warning("PK063", {
    title: "`allow` lets everyone in",
    text: "0.0.0.0/0 and ::/0 contain every address. If that is meant, use the policy `accept`.",
    wrong: "service web tcp 80 drop allow 0.0.0.0/0, ::/0",
    right: "service web tcp 80 accept",
  }),
  doorIntoOpen: warning("PK064", {
    title: "a door on a service that accepts anyway",
    text: "With the policy `accept` everyone is let in, so `allow` and `knock` have no effect.",
    wrong: "service web tcp 80 accept allow 10.0.0.1",
    right: "service web tcp 80 accept",
  }),
  shortKnock: warning("PK065", {
    title: "a knock of fewer than three ports",
    text: "A port scan hits two ports in a row by chance; three in order are hard to hit.",
    wrong: "service vpn udp 500 knock 7001, 9002 for 8h",
    right: "service vpn udp 500 knock 7001, 9002, 8003 for 8h",
  }),
  repeatedKnockPort: warning("PK066", {
    title: "a knock with a port twice in a row",
    text:
      "A packet that the network sends twice would count as two steps, and a lost one breaks the " +
      "knock: use different ports.",
    wrong: "service vpn udp 500 knock 7001, 7001, 9002 for 8h",
    right: "service vpn udp 500 knock 7001, 9002, 7001 for 8h",
  }),
  knockOnService: warning("PK067", {
    title: "a knock on the port of a service that answers",
    text:
      "A service that answers on the port tells a scanner that the host is up, and its ordinary " +
      "traffic looks like steps of a knock.",
    wrong: "service web tcp 80 accept\nservice vpn udp 500 knock 80, 9002, 7001 for 8h",
    right: "service web tcp 80 accept\nservice vpn udp 500 knock 8003, 9002, 7001 for 8h",
  }),
  knockWithoutEnd: warning("PK068", {
    title: "a knock opens the door without a time limit",
    text:
      "Without `for` the door stays open until someone closes it: by `pktables delete`, or by the " +
      "closing knock that `pktables knockd` writes, which is the same ports backwards. A user who leaves " +
      "without it leaves the door open, and each knock from elsewhere adds one more. `close` " +
      "names a closing knock of your own, and says that this is meant.",
    wrong: "service vpn udp 500 knock 7001, 9002, 8003",
    right: "service vpn udp 500 knock 7001, 9002, 8003 for 8h",
  }),
  burstWithoutLimit: warning("PK069", {
    title: "a `burst` without a `limit`",
    text:
      "`burst` says how many packets may be logged at once before `limit` holds them back. Without " +
      "`limit` every packet is logged, and `burst` does nothing.",
    wrong: "service ssh tcp 22 log burst 10",
    right: "service ssh tcp 22 log limit 10/minute burst 10",
  }),
  includeNothing: warning("PK074", {
    title: "an `include` pattern that finds no file",
    text:
      "A pattern may match nothing today and much tomorrow, so this is not an error. But a folder that was " +
      "renamed or not mounted looks just the same, and its services would be missing.",
    wrong: 'include "servises/*.pk"',
    right: 'include "services/*.pk"',
  }),
  closingKnock: warning("PK075", {
    title: "a closing knock that also opens",
    text: "The longer of the two includes the shorter, or both are knocked at once " +
      "where they are the same: the door is opened and closed, in no order.",
    wrong: "service vpn udp 500 knock 7001, 9002, 8003 for 8h close 7001, 9002",
    right: "service vpn udp 500 knock 7001, 9002, 8003 for 8h close 9002, 7001",
  }),
  risingKnock: warning("PK076", {
    title: "a knock that a port scan finds",
    text:
      "A scan that counts upwards passes rising ports in their order, and what it tries in between " +
      "does not matter to knockd: it hears only the ports of its sequences. `by kernel` a port " +
      "near to one of the knock starts it over, so only direct neighbours are knocked by a scan. Let " +
      "the ports go up and down, and mix tcp and udp.",
    wrong: "service vpn udp 500 knock 7001, 8022, 9003 for 8h",
    right: "service vpn udp 500 knock 8022:udp, 7001, 9003 for 8h",
  }),
  famousKnock: warning("PK077", {
    title: "a knock that is a published example",
    text: "The sequences of knockd's manual and of its packaged configuration are the first that " +
      "anyone tries.",
    wrong: "service vpn udp 500 knock 7000, 8000, 9000 for 8h",
    right: "service vpn udp 500 knock 8143:udp, 7311, 9127 for 8h",
  }),
  readableKnock: warning("PK078", {
    title: "the file with the knock is readable by everyone",
    text:
      "Whoever reads the file knows the knock. pktables reads it as root and needs no more than mode " +
      "600. Knocks may be in a file of their own that the others include.",
    wrong: "-rw-r--r-- 1 root root rules.pk",
    right: "-rw------- 1 root root rules.pk      (chmod 600 rules.pk)",
  }),
  unknownExpectation: warning("PK079", {
    title: "an expectation that cannot be decided",
    text: "What happens to the packet depends on more than the rules: the interface that it " +
      "comes in on, a rate, a set. `on` names the interface.",
    wrong: "service web tcp 80 drop on eth0\nexpect tcp 80 from 192.0.2.1 drop",
    right: "service web tcp 80 drop on eth0\nexpect tcp 80 from 192.0.2.1 on eth0 drop",
  }),
} as const satisfies Record<string, Code>;
