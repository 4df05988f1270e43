import { EBNF } from "../../grammar/ebnf.ts";
import type { Block } from "./page.ts";

/** The page that `pktables help language` shows. */
export function languagePage(): Block[] {
  return [{ text: "pktables help language: how a rules file is written" }, ...LANGUAGE];
}

/** What the help and the manual say about the language of rules files. */
export const LANGUAGE: readonly Block[] = [
  {
    text:
      "A rules file (.pk) names the services of one machine and whom they let in. `pktables check` " +
      "tells its mistakes, `pktables diff` what it would change, `pktables load` makes the kernel " +
      "follow it. White space and line breaks only separate words; # starts a comment.",
  },
  { heading: "Example" },
  {
    code: [
      "# /etc/pktables/rules.pk",
      "define office = 203.0.113.0/24, 2001:db8:10::/48",
      "",
      "service ssh tcp 22 syn drop",
      "    allow office",
      "    knock 7001, 9002:udp, 8003 within 5s for 8h",
      "",
      "service vpn udp 500, 4500 drop",
      "    established",
      '    log prefix "vpn " level info limit 10/minute burst 5',
      "",
      "service web tcp 80, 443, 8000-8010 accept on eth0",
      "",
      'include "services/*.pk"',
      "",
      "expect tcp 22 from anyone drop",
      "expect tcp 22 from office accept",
    ],
  },
  { heading: "Statements" },
  {
    terms: [
      ["define NAME = LIST", "names a list of addresses; lists may hold lists"],
      [
        "service NAME PROTOCOL PORTS ...",
        "makes the chain pk-NAME and a jump to it at the end of INPUT, in the order of the file",
      ],
      [
        'include "PATH"',
        "a file, or a glob such as services/*.pk in name order; relative to this file",
      ],
      [
        "expect PROTOCOL PORT ... VERDICT",
        "what a packet has to meet: drop, accept or reject; from ADDRESS, LIST or anyone (an " +
        "address that no rule names; the default), to ADDRESS, on NAME, established, in this order",
      ],
    ],
  },
  { heading: "In a service, in any order" },
  {
    terms: [
      ["drop, accept, reject", "the policy: what becomes of packets that nothing lets in (drop)"],
      ["syn", "only TCP packets that open a connection: a door that shuts cuts no session"],
      ["ipv4, ipv6", "only this family; without it both"],
      ["on NAME", 'only packets that come in there; + is any ending: ppp+; on "eth0.100"'],
      ["established", "let in what belongs to a connection that was let in before"],
      ["allow LIST", "who always gets in: addresses, networks, lists; may be repeated"],
      [
        "knock PORT[:udp], ...",
        "what `pktables knockd` writes knockd's configuration from; within is the time that a " +
        "knock may take, for is how long the door then stays open, close names the knock that " +
        "closes it; may be repeated",
      ],
      [
        "knock ... for TIME by kernel",
        "the kernel hears it by rules, without knockd (the default, `by knockd`); a wrong port, or " +
        "one within 16 of a port of the knock, starts it over",
      ],
      [
        'knock once "FILE" ...',
        "the same with the one-time sequences of a file (`pktables sequences`)",
      ],
      ["log ...", 'log what is not let in: prefix "TEXT", level NAME, limit RATE, burst NUMBER'],
    ],
  },
  {
    text: "In the chain stand, from top to bottom: established, then allowed addresses and open " +
      "doors in address order, then those who knocked `by kernel`, then the log, then the policy. Doors that `pktables add` opened are " +
      "no part of the file, and loading it keeps them.",
  },
  {
    text:
      "`pktables check` looks whether the file alone meets what it expects, on a machine without " +
      "other rules. `pktables diff` and `pktables load` look at the kernel as it will be, and `load` " +
      "changes nothing where an expectation will not be met.",
  },
  { heading: "Grammar" },
  { code: EBNF.trimEnd().split("\n") },
];
