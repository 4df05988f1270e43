import type { Block, Term } from "./page.ts";

/** What is printed as JSON, with each of its fields: a dot leads into an object, [] into a list. */
export interface JsonOutput {
  /** The command that prints it. */
  readonly command: string;
  /** How many objects, and when. */
  readonly text: string;
  /** Every field by its path. */
  readonly fields: readonly Term[];
}

/** Every JSON output; a test compares the fields with what the commands print. */
export const JSON_OUTPUTS: readonly JsonOutput[] = [
  {
    command: "pktables list --json",
    text: "One object. A service whose families differ is listed once for each.",
    fields: [
      ["version", "1; increased if the shape changes"],
      ["services[].name", "the service; its chain is pk-NAME"],
      ["services[].families", "ipv4, ipv6 or both"],
      ["services[].protocol", "tcp or udp; null if no jump leads to the chain"],
      ["services[].ports", 'strings: "22", "8000-8010"'],
      ["services[].syn", "whether only packets that open a connection match"],
      ["services[].interface", "null for any"],
      ["services[].policy", "drop, accept or reject; null if nothing ends the chain"],
      ["services[].established", "whether packets of open connections are accepted"],
      ["services[].log", "null if nothing is logged, or the four fields below"],
      ["services[].log.prefix", "null without one"],
      ["services[].log.level", "syslog level, 0-7"],
      ["services[].log.limit", 'null without one, or a rate such as "10/minute"'],
      ["services[].log.burst", "null without a limit"],
      ["services[].doors[].address", "with its length: 203.0.113.9/32"],
      ["services[].doors[].family", "ipv4 or ipv6"],
      ["services[].doors[].kind", "door, or allow for an address of a rules file"],
      ["services[].doors[].dead", "whether it is behind the end of the chain"],
      ["services[].doors[].expires", "the last second in UTC, null without an end"],
      ["services[].doors[].secondsLeft", "0 if it expired, null without an end"],
      ["services[].doors[].packets, .bytes", "accepted by this door"],
      [
        "services[].others[].family, .rule",
        "a rule in the chain that pktables does not understand",
      ],
      ["services[].others[].packets, .bytes", "its counters"],
      ["services[].restrictedJumps[].family, .rule", "a jump with further matches"],
      ["services[].restrictedJumps[].packets, .bytes", "its counters"],
      ["services[].packets, .bytes", "of the jumps to the service"],
    ],
  },
  {
    command: "pktables diff FILE --json",
    text: "One object. With exit status 0 the kernel follows the file, with 1 it does not.",
    fields: [
      ["version", "1; increased if the shape changes"],
      ["changes[].service, .family", "what `load` would change"],
      ["changes[].state", "created, changed or removed"],
      ["changes[].reasons", "what differs, in words"],
      ["changes[].lines", "the lines it would write, each with + or - ahead of it"],
      [
        "stays[].family, .service, .chain, .rule",
        "what differs, and stays because others wrote it",
      ],
      ["order[].family, .first, .second", "two services whose jumps are not in the file's order"],
      ["effects[].service, .text", "where a packet meets something other than the service says"],
      ["notInFile", "services that the file does not name"],
      ["expectations[].place", "FILE:LINE of an `expect` that is not met"],
      ["expectations[].expectation", "the statement"],
      ["expectations[].state", "failed, or unknown"],
      ["expectations[].families", "ipv4, ipv6 or both"],
      ["expectations[].sender", "the sender of the tested packet, null for anyone"],
      ["expectations[].words", "what the packet meets"],
      ["expectations[].way", "the rules on its way"],
    ],
  },
  {
    command: "pktables trace ... --json",
    text: "One object with a member for each family, ipv4 and ipv6, and in it:",
    fields: [
      ["verdict", "accepted, dropped, rejected, queued, redirected or unknown"],
      ["words", "the last line of the output without --json"],
      ["outcomes[].verdict", "of each way that the packet may take"],
      ["outcomes[].by", "the rule that decides, null if no table has one"],
      ["outcomes[].by.backend", "nft or legacy"],
      ["outcomes[].by.table, .chain, .text", "where it is, and its words"],
      ["outcomes[].by.number", "from 1; 0 is the policy of the chain"],
      ["outcomes[].reason", "why it is unknown, where no rule is the cause; else null"],
      ["outcomes[].path", "the rules on the way, with the fields of `by`"],
      ["outcomes[].translated", "null, or where DNAT or REDIRECT sends the packet"],
      ["outcomes[].translated.address, .port", "null if one of several"],
      ["depends[].place", "a rule that may match or not, with the fields of `by`, or null"],
      ["depends[].on", "its matches that the rules alone cannot decide"],
    ],
  },
  {
    command: "pktables check --format json",
    text: "One object per line, for each error and warning. Lines and columns count from 1.",
    fields: [
      ["code, severity", "PK and three digits; error or warning"],
      ["message, label", "what is wrong, and what is said at the place; label may be empty"],
      ["file, line, column", "where it begins"],
      ["endLine, endColumn", "the place behind its last character"],
      ["help", "what to do, or null"],
      ["related[].label", "another place that belongs to it, with what it is"],
      ["related[].file, .line, .column, .endLine, .endColumn", "where that is"],
    ],
  },
];

/** What `pktables help json` and the manual say about JSON. */
export const JSON_PAGE: readonly Block[] = [
  {
    text:
      "The names of fields are stable. Control characters and controls of text direction in names " +
      "and rules of other programs are escaped.",
  },
  ...JSON_OUTPUTS.flatMap(({ command, text, fields }): Block[] => [
    { heading: command },
    { text },
    { terms: fields },
  ]),
];
