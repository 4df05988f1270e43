// Equivalent changes in src/trace/matches and src/trace/nft.
import type { Equivalent } from "../equal.ts";

/** All that are known there. */
export const MATCHES: readonly Equivalent[] = [
  {
    file: "src/trace/matches/connection.ts",
    from: '...{ "--ctstate": 1, "--ctproto": 1, "--ctdir": 1, "--ctstatus": 1, "--ctexpire": 1 },',
    to: ['...{ "--ctstate": 1, "--ctproto": 1, "--ctdir": 1, "--ctstatus": 1, "--ctexpirex": 1 },'],
    because:
      "an option that is not in the table is not understood either, and takes the same words",
  },
  {
    file: "src/trace/matches/kind.ts",
    from: 'const dir = options.find(({ name }) => name === "--dir")?.values[0];',
    to: ['const dir = options.findLast(({ name }) => name === "--dir")?.values[0];'],
    because: "iptables prints the direction once and refuses a second",
  },
  {
    file: "src/trace/matches/ports.ts",
    from: "const { SYN = 0, ACK = 0, PSH = 0 } = FLAGS;",
    to: [
      "const { SYN = 1, ACK = 0, PSH = 0 } = FLAGS;",
      "const { SYN = 0, ACK = 1, PSH = 0 } = FLAGS;",
      "const { SYN = 0, ACK = 0, PSH = 1 } = FLAGS;",
    ],
    because: "the table has all three: the defaults are there for its type alone",
  },
  {
    file: "src/trace/matches/ports.ts",
    from: "const SYN_MASK = 0x17;",
    to: ["const SYN_MASK = 22;"],
    because:
      "the packets asked about are a SYN, or have ACK and perhaps PSH: none has the FIN that is no longer looked at",
  },
  {
    file: "src/trace/matches/ports.ts",
    from: "ALL: 63,",
    to: ["ALL: 62,"],
    because:
      "the packets asked about are a SYN, or have ACK and perhaps PSH: none has the FIN that is no longer looked at",
  },
  {
    file: "src/trace/matches/source.ts",
    from:
      "build: (options) => allOf(options, ({ name }) => /^--(source|src)/.test(name) ? names : null),",
    to: [
      "build: (options) => allOf(options, ({ name }) => /--(source|src)/.test(name) ? names : null),",
    ],
    because: "an option has its dashes at its beginning alone",
  },
  {
    file: "src/trace/nft/rule.ts",
    from: "return { text, key: text, inverted: false, fickle: false, rate: false, test, ...more };",
    to: ["return { text, key: text, inverted: true, fickle: false, rate: false, test, ...more };"],
    because:
      "all conditions of nft have it alike: what is assumed of one is read back by the same value",
  },
  {
    file: "src/trace/nft/rule.ts",
    from: 'const words = "meta l4proto tcp";',
    to: ['const words = "";'],
    because:
      "the words of a condition are shown only where it is not known whether it holds, and the protocol is known",
  },
  {
    file: "src/trace/nft/stages.ts",
    from:
      "const shown = tables.find((table) => table.family === family && table.key === stage.table.name);",
    to: [
      "const shown = tables.findLast((table) => table.family === family && table.key === stage.table.name);",
    ],
    because: "the tables come from a map by family and name: each is there once",
  },
];
