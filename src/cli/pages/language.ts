import { EBNF } from "../../../grammar/ebnf.ts";
import type { Entry, Owner } from "../../../grammar/option_entry.ts";
import { OPTIONS } from "../../../grammar/options.ts";
import type { Block } from "./page.ts";

/** The help lines of an owner's options. */
function termsOf(owner: Owner): readonly (readonly [string, string])[] {
  const entries: readonly Entry[] = OPTIONS;
  return entries.flatMap(({ owners, help }) => owners.includes(owner) ? help ?? [] : []);
}

/** The help topic on the language of rules files. */
export const LANGUAGE: readonly Block[] = [
  {
    text:
      "A rules file (.pk) names the services of one machine and which addresses they let in. `pktables check` " +
      "reports its errors, `pktables diff` what it would change, `pktables load` makes the kernel " +
      "match it. White space and line breaks only separate words; # starts a comment.",
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
    terms: termsOf("file"),
  },
  { heading: "In a service, in any order" },
  {
    terms: termsOf("service"),
  },
  {
    text: "The chain holds, from top to bottom: established, then allowed addresses and open " +
      "doors in address order, then those who knocked `by kernel`, then the log, then the policy. Doors that `pktables add` opened are " +
      "no part of the file, and loading it keeps them.",
  },
  {
    text:
      "`pktables check` tests whether the file alone meets what it expects, on a machine without " +
      "other rules. `pktables diff` and `pktables load` test the kernel as it will be, and `load` " +
      "changes nothing if an expectation will not be met.",
  },
  {
    text:
      "A keyword may name a service. Files are UTF-8 of at most 4 MiB. `pktables check` warns of " +
      "knocks that are easy to guess or that a port scan makes (rising ports), and of a file with a " +
      "knock that everyone may read.",
  },
  { heading: "Grammar" },
  { code: EBNF.trimEnd().split("\n") },
];
