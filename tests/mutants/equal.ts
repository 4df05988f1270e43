// Changes that `tests/mutants/mutants.ts --random` may draw although they change nothing observable.

/** A change that leaves the program as it is. */
export interface Equivalent {
  readonly file: string;
  /** The lines that change, without the blanks around them. */
  readonly from: string;
  /** What they become. */
  readonly to: string;
  readonly because: string;
}

/** All that are known. */
export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: "src/trace/options.ts",
    from: "if (tests.length === 1 && only !== undefined) return only;",
    to: "if (tests.length === 0 && only !== undefined) return only;",
    because: "all of one test holds when the test does: the line only saves a call",
  },
  {
    file: "src/trace/translate.ts",
    from: 'const host = parseHost(to.address ?? "", family);',
    to: 'const host = parseHost(to.address ?? "x", family);',
    because: "neither is an address: both are read as none",
  },
  {
    file: "src/cli/commands/list.ts",
    from: "const head = /^Chain (.*?)(?: \\((?:\\d+ references|policy .*)\\))?$/m.exec(block);",
    to: "const head = /^Chain (.*?)(?: \\((?:\\d* references|policy .*)\\))?$/m.exec(block);",
    because: "iptables prints a number ahead of the word in every head",
  },
  {
    file: "src/cli/kernel/placement.ts",
    from:
      "const isOwn = (port: number) => ports.some(({ from, to }) => port >= from && port <= to);",
    to: "const isOwn = (port: number) => ports.some(({ from, to }) => port > from && port <= to);",
    because: "the first port of each range is in the set already",
  },
  {
    file: "src/firewall/save_reader.ts",
    from: 'this.#start = "";',
    to: 'this.#start = "x";',
    because: "no rule starts with it either, so that the next one's chain is looked for",
  },
  {
    file: "src/system/iptables.ts",
    from: "reads: true,",
    to: "reads: false,",
    because:
      "a program that may be run twice only saves the 0.3 ms of a signal handler (process.ts)",
  },
  {
    file: "src/trace/peek.ts",
    from: "...(name !== undefined && /^[\\w.-]+$/.test(name) ? { interface: name } : {}),",
    to: "...(name !== undefined && /^[\\w.-]*$/.test(name) ? { interface: name } : {}),",
    because: "the pattern that finds the name takes one character at least",
  },
  {
    file: "src/trace/tables.ts",
    from: 'return this.#lines[index] ?? "";',
    to: 'return this.#lines[index] ?? "x";',
    because: "no index is asked for that the chain does not have",
  },
  {
    file: "src/trace/matches/ports.ts",
    from: "const { SYN = 0, ACK = 0, PSH = 0 } = FLAGS;",
    to: "const { SYN = 1, ACK = 0, PSH = 0 } = FLAGS;",
    because: "the table has all three: the defaults are there for its type alone",
  },
  {
    file: "src/cli/kernel/trace_stages.ts",
    from: "const one = around.value.find(({ family }) => family === table.family);",
    to: "const one = around.value.findLast(({ family }) => family === table.family);",
    because: "each family is in the list once",
  },
  {
    file: "src/firewall/chain_reader.ts",
    from: "const COUNTED = / -c (\\d+) (\\d+)(?: |( -[jg] [^\\n]*))?\\n/y;",
    to: "const COUNTED = / -c (\\d+) (\\d+)(?: |( -[jg] [^\\n]+))?\\n/y;",
    because: "iptables prints no -j or -g without a target behind it",
  },
  {
    file: "src/cli/report/effects.ts",
    from: "if (what === null) return null;",
    to: "if (false) return null;",
    because:
      "there is no word only for an end that is as wanted, and those are left out ahead of it",
  },
  {
    file: "src/system/process.ts",
    from: "}, task.limit * 1000);",
    to: "}, task.limit * 1001);",
    because: "nobody can tell a thousandth of a time limit",
  },
  {
    file: "src/system/write_file.ts",
    from: "const found = new Uint8Array(bytes.length + 1);",
    to: "const found = new Uint8Array(bytes.length + 2);",
    because: "one byte more than there may be is enough to see that there are more",
  },
  {
    file: "src/trace/nft/values.ts",
    from: 'const [tag, content] = tagged(element) ?? ["", null];',
    to: 'const [tag, content] = tagged(element) ?? ["", ];',
    because: "the content of nothing is never looked at",
  },
  {
    file: "src/system/bytes.ts",
    from: "parts.push(encoder.encode(plain), Uint8Array.of(code - ESCAPE));",
    to: "parts.push(encoder.encode(plain), Uint8Array.of(code + ESCAPE));",
    because: "a byte keeps the lowest eight bits, and ESCAPE has none of them",
  },
  {
    file: "grammar/tokens.ts",
    from: '{ name: "COMMENT", pattern: /#[^\\r\\n]*/, group: COMMENTS },',
    to: '{ name: "", pattern: /#[^\\r\\n]*/, group: COMMENTS },',
    because: "comments are found by their group; no rule of the parser names the token",
  },
  {
    file: "src/trace/tracking.ts",
    from:
      "/(?:^| )(?:-m (?:state|conn\\w+|helper|cluster)|-j (?:CONN\\w+|CT(?=$| (?!--notrack))|SYNPROXY|[SD]NAT|MASQUERADE|REDIRECT|NETMAP)|ct \\w|[sd]nat |masquerade|redirect|synproxy)(?: |$|\\w)/;",
    to:
      "/(?:^| )(?:-m (?:state|conn\\w*|helper|cluster)|-j (?:CONN\\w+|CT(?=$| (?!--notrack))|SYNPROXY|[SD]NAT|MASQUERADE|REDIRECT|NETMAP)|ct \\w|[sd]nat |masquerade|redirect|synproxy)(?: |$|\\w)/;",
    because: "no match of iptables is called conn",
  },
  {
    file: "src/plan/arm.ts",
    from: "const { kind } = new PrintedRule(family, text, 0, 0).rule;",
    to: "const { kind } = new PrintedRule(family, text, 0, 1).rule;",
    because: "what a rule is does not depend on what it has counted",
  },
  {
    file: "src/plan/arm.ts",
    from: "const { kind } = new PrintedRule(family, text, 0, 0).rule;",
    to: "const { kind } = new PrintedRule(family, text, 1, 0).rule;",
    because: "what a rule is does not depend on what it has counted",
  },
  {
    file: "src/cli/kernel/known_lists.ts",
    from: '[...text.matchAll(/ --name (pk-\\S+)/g)].map(([, name = ""]) => name)',
    to: '[...text.matchAll(/ --name (pk-\\S+)/g)].map(([, name = "x"]) => name)',
    because: "the group is part of every match: the default is there for its type alone",
  },
];
