import type { Code } from "./code.ts";

function warning(code: string, entry: Omit<Code, "code" | "severity">): Code {
  return { code, severity: "warning", ...entry };
}

/** What is allowed but hardly meant: PK060 onwards. */
export const WARNING_CODES = {
  samePackets: warning("PK060", {
    title: "two services match the same packets",
    text:
      "Jumps stand in the order of the file, so the first service decides and the second never " +
      "sees these packets.",
    wrong: "service web tcp 80, 443 accept\nservice site tcp 443 drop",
    right: "service web tcp 80 accept\nservice site tcp 443 drop",
  }),
  unusedDefine: warning("PK061", {
    title: "a `define` is never used",
    text: "No service allows this list. Either it is left over, or a service forgot it.",
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
    title: "`allow` lets everybody in",
    text: "0.0.0.0/0 and ::/0 hold every address. If that is meant, the policy `accept` says so.",
    wrong: "service web tcp 80 drop allow 0.0.0.0/0, ::/0",
    right: "service web tcp 80 accept",
  }),
  doorIntoOpen: warning("PK064", {
    title: "a door on a service that accepts anyway",
    text: "With the policy `accept` everybody is let in, so `allow` and `knock` change nothing.",
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
      "knock: take different ports.",
    wrong: "service vpn udp 500 knock 7001, 7001, 9002 for 8h",
    right: "service vpn udp 500 knock 7001, 9002, 7001 for 8h",
  }),
  knockOnService: warning("PK067", {
    title: "a knock on the port of a service that answers",
    text:
      "A service that answers on the port tells a scanner that somebody is home, and its ordinary " +
      "traffic looks like steps of a knock.",
    wrong: "service web tcp 80 accept\nservice vpn udp 500 knock 80, 7001, 9002 for 8h",
    right: "service web tcp 80 accept\nservice vpn udp 500 knock 8003, 7001, 9002 for 8h",
  }),
  knockWithoutEnd: warning("PK068", {
    title: "a knock opens the door for good",
    text:
      "Without `for` the door stays open until `pktables delete`, and each knock adds one more.",
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
} as const satisfies Record<string, Code>;
