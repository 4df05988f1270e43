// Equivalent changes in src/trace.
import type { Equivalent } from "../equal.ts";

/** All that are known there. */
export const TRACE: readonly Equivalent[] = [
  {
    file: "src/trace/borders.ts",
    from: "ipv4: /(?<![\\w.])\\d{1,3}(?:\\.\\d{1,3}){3}(?:\\/[\\d.]+)?/g,",
    to: ["ipv4: /(?<![\\w.])\\d{1,4}(?:\\.\\d{1,3}){3}(?:\\/[\\d.]+)?/g,"],
    because: "what has four digits is no address, and is left out when it is read",
  },
  {
    file: "src/trace/borders.ts",
    from: "this.#starts = [...starts].sort((a, b) => a < b ? -1 : a > b ? 1 : 0);",
    to: [
      "this.#starts = [...starts].sort((a, b) => a <= b ? -1 : a > b ? 1 : 0);",
      "this.#starts = [...starts].sort((a, b) => a < b ? -2 : a > b ? 1 : 0);",
      "this.#starts = [...starts].sort((a, b) => a < b ? -1 : a >= b ? 1 : 0);",
      "this.#starts = [...starts].sort((a, b) => a < b ? -1 : a > b ? 2 : 0);",
      "this.#starts = [...starts].sort((a, b) => a < b ? -1 : a > b ? 1 : 1);",
    ],
    because:
      "the numbers come from a set, so that no two are equal; and only the sign of the answer counts",
  },
  {
    file: "src/trace/deciders.ts",
    from: "const input = stages.find(isInput)?.chain ?? null;",
    to: ["const input = stages.findLast(isInput)?.chain ?? null;"],
    because: "one backend has one chain INPUT of table filter",
  },
  {
    file: "src/trace/deciders.ts",
    from: 'certainty === "unknown" && number < (first?.number ?? Infinity)',
    to: ['certainty === "unknown" && number <= (first?.number ?? Infinity)'],
    because: "the first is not unknown, and each number is there once",
  },
  {
    file: "src/trace/describe.ts",
    from: 'redirected: "redirected",',
    to: ['redirected: "",'],
    because:
      "a packet that is redirected is told by where it goes; the entry is there for the type of the table",
  },
  {
    file: "src/trace/edited.ts",
    from: "const input = stages.find((stage) =>",
    to: ["const input = stages.findLast((stage) =>"],
    because: "one backend has one chain INPUT of table filter",
  },
  {
    file: "src/trace/edited.ts",
    from: 'if (entry === undefined) return "";',
    to: ['if (entry === undefined) return "x";'],
    because:
      "only a rule that is there is shown; what is compared with it is the words of a rule, and no rule is called so",
  },
  {
    file: "src/trace/kinds.ts",
    from: "if (this.#hasRanges) return;",
    to: ["if (false) return;", ";"],
    because: "it only saves the reading: where there are ranges, no network is looked up",
  },
  {
    file: "src/trace/network.ts",
    from: "const [first = 0, mask = 0] = [network.bytes[0], network.mask[0]];",
    to: [
      "const [first = 1, mask = 0] = [network.bytes[0], network.mask[0]];",
      "const [first = 0, mask = 1] = [network.bytes[0], network.mask[0]];",
    ],
    because: "a network has 4 or 16 bytes: the defaults are there for the types alone",
  },
  {
    file: "src/trace/network.ts",
    from: "return { bytes: bytes.map((byte, at) => byte & (mask[at] ?? 0)), mask, bits };",
    to: ["return { bytes: bytes.map((byte, at) => byte & (mask[at] ?? 1)), mask, bits };"],
    because: "a mask has as many bytes as its address: the default is there for the types alone",
  },
  {
    file: "src/trace/network.ts",
    from: "const difference = (a[at] ?? 0) - (b[at] ?? 0);",
    to: [
      "const difference = (a[at] ?? 1) - (b[at] ?? 0);",
      "const difference = (a[at] ?? 0) - (b[at] ?? 1);",
    ],
    because:
      "addresses of one family have as many bytes: the defaults are there for the types alone",
  },
  {
    file: "src/trace/options.ts",
    from: "if (tests.length === 1 && only !== undefined) return only;",
    to: [
      "if (tests.length === 0 && only !== undefined) return only;",
      "if (tests.length === 1 && only === undefined) return only;",
      "if (false) return only;",
    ],
    because: "all of one test holds when the test does: the line only saves a call",
  },
  {
    file: "src/trace/options.ts",
    from: 'const [first = "", second, ...rest] = text.split("/");',
    to: ['const [first = "x", second, ...rest] = text.split("/");'],
    because: "split gives one part at least: the default is there for the types alone",
  },
  {
    file: "src/trace/peek.ts",
    from: "...(name !== undefined && /^[\\w.-]+$/.test(name) ? { interface: name } : {}),",
    to: ["...(name !== undefined && /^[\\w.-]*$/.test(name) ? { interface: name } : {}),"],
    because: "the pattern that finds the name takes one character at least",
  },
  {
    file: "src/trace/peek.ts",
    from:
      "/^(?:-s (\\S+)\\/(\\d+) )?(?:-d \\S+ )?(?:-i (\\S+) )?(?:-p (tcp|udp) (?:-m (?:tcp|udp) --dport (\\d+) )?)?/;",
    to: [
      "/^(?:-s (\\S*)\\/(\\d+) )?(?:-d \\S+ )?(?:-i (\\S+) )?(?:-p (tcp|udp) (?:-m (?:tcp|udp) --dport (\\d+) )?)?/;",
    ],
    because: "a source that iptables prints has an address ahead of the stroke",
  },
  {
    file: "src/trace/peek.ts",
    from: '#printed = "";',
    to: ['#printed = "x";'],
    because: "it is read only for the source that it was made of",
  },
  {
    file: "src/trace/rule.ts",
    from: 'const [value = ""] = values;',
    to: ['const [value = "x"] = values;'],
    because:
      "an option that takes a word is refused without one, and one that takes none is not asked for it",
  },
  {
    file: "src/trace/rule.ts",
    from: 'const [short, count] = BASIC[found.name] ?? ["", 0];',
    to: ['const [short, count] = BASIC[found.name] ?? ["", 1];'],
    because: "it is called for names in the table alone: the default is there for the types",
  },
  {
    file: "src/trace/rule.ts",
    from: 'const protocol = basic.find(({ name }) => name === "-p")?.values[0] ?? "";',
    to: ['const protocol = basic.findLast(({ name }) => name === "-p")?.values[0] ?? "";'],
    because: "iptables prints one -p in a rule and refuses a second",
  },
  {
    file: "src/trace/rule.ts",
    from: 'const name = Object.hasOwn(OF_PROTOCOL, protocol) ? OF_PROTOCOL[protocol] ?? "" : "";',
    to: [
      'const name = Object.hasOwn(OF_PROTOCOL, protocol) ? OF_PROTOCOL[protocol] ?? "" : "x";',
      'const name = Object.hasOwn(OF_PROTOCOL, protocol) ? OF_PROTOCOL[protocol] ?? "x" : "";',
    ],
    because: "no match is called so either",
  },
  {
    file: "src/trace/rule.ts",
    from: "const parts: Parts = { basic: [], groups: [], target: null, groupsAhead: 0 };",
    to: ["const parts: Parts = { basic: [], groups: [], target: null, groupsAhead: 1 };"],
    because: "the number is read only where there is a target, and reading one sets it",
  },
  {
    file: "src/trace/stage.ts",
    from:
      'return { backend: "", table, chain: null, hook: "prerouting", priority: -300, nat: false };',
    to: [
      'return { backend: "x", table, chain: null, hook: "prerouting", priority: -300, nat: false };',
    ],
    because: "no rule of such a stage is ever named, and none of its chains edited",
  },
  {
    file: "src/trace/tables.ts",
    from: 'return this.#lines[index] ?? "";',
    to: ['return this.#lines[index] ?? "x";'],
    because: "no index is asked for that the chain does not have",
  },
  {
    file: "src/trace/target.ts",
    from: 'return { kind: "translate", to: readDestination(value("--to-destination") ?? "") };',
    to: ['return { kind: "translate", to: readDestination(value("--to-destination") ?? "x") };'],
    because: "neither is an address: where the packet goes is not known",
  },
  {
    file: "src/trace/tracking.ts",
    from:
      "/(?:^| )(?:-m (?:state|conn\\w+|helper|cluster)|-j (?:CONN\\w+|CT(?=$| (?!--notrack))|SYNPROXY|[SD]NAT|MASQUERADE|REDIRECT|NETMAP)|ct \\w|[sd]nat |masquerade|redirect|synproxy)(?: |$|\\w)/;",
    to: [
      "/(?:^| )(?:-m (?:state|conn\\w*|helper|cluster)|-j (?:CONN\\w+|CT(?=$| (?!--notrack))|SYNPROXY|[SD]NAT|MASQUERADE|REDIRECT|NETMAP)|ct \\w|[sd]nat |masquerade|redirect|synproxy)(?: |$|\\w)/;",
    ],
    because: "no match of iptables is called conn",
  },
  {
    file: "src/trace/translate.ts",
    from: 'const host = parseHost(to.address ?? "", family);',
    to: ['const host = parseHost(to.address ?? "x", family);'],
    because: "neither is an address: both are read as none",
  },
  {
    file: "src/trace/translate.ts",
    from:
      "return { text, key: text, inverted: false, fickle: false, rate: false, test: () => null };",
    to: [
      "return { text, key: text, inverted: false, fickle: true, rate: false, test: () => null };",
      "return { text, key: text, inverted: true, fickle: false, rate: false, test: () => null };",
    ],
    because:
      "the condition stands in a fork alone and is never asked as a match, so that nothing is ever assumed of it",
  },
  {
    file: "src/trace/walk.ts",
    from: "stage: -1,",
    to: ["stage: -2,"],
    because: "neither is the index of a stage",
  },
  {
    file: "src/trace/walk.ts",
    from: "const MAX_STEPS = 2_000_000;",
    to: ["const MAX_STEPS = 2000001;", "const MAX_STEPS = 1999999;"],
    because:
      "it ends walks through chains that are no firewall; one rule more or less of two millions is no difference to anybody",
  },
  {
    file: "src/trace/walk.ts",
    from: "if (way.state.packet !== packet) way.state = { ...way.state, packet };",
    to: ["if (true) way.state = { ...way.state, packet };"],
    because: "it only saves a copy of what would be equal",
  },
  {
    file: "src/trace/walk.ts",
    from: 'const fork = this.#fork(way, index, [isElsewhere(address ?? "")]);',
    to: ['const fork = this.#fork(way, index, [isElsewhere(address ?? "x")]);'],
    because: "it is not known whose an address is only where there is an address",
  },
  {
    file: "src/trace/walk.ts",
    from: "#steps = 0;",
    to: ["#steps = 1;"],
    because:
      "it ends walks through chains that are no firewall; one rule more or less of two millions is no difference to anybody",
  },
  {
    file: "src/trace/way.ts",
    from: "length: 0,",
    to: ["length: 1,"],
    because:
      "the first stage that is entered puts its own chain in this place, and a way that enters none is asked for no chain",
  },
  {
    file: "src/trace/way.ts",
    from: 'name: "",',
    to: ['name: "x",'],
    because:
      "the first stage that is entered puts its own chain in this place, and a way that enters none is asked for no chain",
  },
  {
    file: "src/trace/words.ts",
    from: 'let previous = "";',
    to: ['let previous = "x";'],
    because: "no option is called so: it is only looked up among those whose value is not quoted",
  },
  {
    file: "src/trace/words.ts",
    from: 'previous = quoted ? "" : word;',
    to: ['previous = quoted ? "x" : word;'],
    because: "no option is called so: it is only looked up among those whose value is not quoted",
  },
  {
    file: "src/trace/words.ts",
    from: "for (let at = start + 1; at < text.length; at++) {",
    to: ["for (let at = start + 1; at <= text.length; at++) {"],
    because: "behind the end of the text stands neither a quote nor a backslash",
  },
  {
    file: "src/trace/words.ts",
    from: "return -1;",
    to: ["return -2;"],
    because: "who asks only looks whether it is negative",
  },
  {
    file: "src/trace/words.ts",
    from: "return space < 0 ? text.length : space;",
    to: ["return space <= 0 ? text.length : space;"],
    because: "a word begins with no blank, so that the first one behind it never stands at 0",
  },
  {
    file: "src/trace/translate.ts",
    from:
      "return { text, key: text, inverted: false, fickle: false, rate: false, test: () => null };",
    to: [
      "return { text, key: text, inverted: false, fickle: false, rate: true, test: () => null };",
    ],
    because:
      "who decides is asked of table filter alone (deciders.ts), which translates no address",
  },
];
