// Equivalent changes in src/plan and src/system.
import type { Equivalent } from "../equal.ts";

/** All that are known there. */
export const PLAN: readonly Equivalent[] = [
  {
    file: "src/plan/arm.ts",
    from: "const { kind } = new PrintedRule(family, text, 0, 0).rule;",
    to: [
      "const { kind } = new PrintedRule(family, text, 0, 1).rule;",
      "const { kind } = new PrintedRule(family, text, 1, 0).rule;",
    ],
    because: "what a rule is does not depend on what it has counted",
  },
  {
    file: "src/plan/arm.ts",
    from:
      '{ op: "insert", chain: chainOf(name), index: at + 1, last: true, text, isOwn: true, ...NONE },',
    to: [
      '{ op: "insert", chain: chainOf(name), index: at + 2, last: true, text, isOwn: true, ...NONE },',
    ],
    because:
      "the rule is appended: its number is not written, and whoever carries the edit out appends it too",
  },
  {
    file: "src/plan/arm.ts",
    from:
      '{ op: "insert", chain: chainOf(name), index: at + 1, last: true, text, isOwn: true, ...NONE },',
    to: [
      '{ op: "insert", chain: chainOf(name), index: at + 1, last: true, text, isOwn: false, ...NONE },',
    ],
    because: "the text has no quotes, so that it is written the same either way",
  },
  {
    file: "src/plan/arm.ts",
    from: 'return { op: "insert", chain, index: at + 1, last: true, text, isOwn: true, ...NONE };',
    to: ['return { op: "insert", chain, index: at + 2, last: true, text, isOwn: true, ...NONE };'],
    because:
      "the rule is appended: its number is not written, and whoever carries the edit out appends it too",
  },
  {
    file: "src/plan/arm.ts",
    from: "if (gaps.every(({ old, fresh }) => old.length + fresh.length === 0)) return null;",
    to: ["if (false) return null;", ";"],
    because: "it only saves time: such a chain comes out as it is, so that no edit is made of it",
  },
  {
    file: "src/plan/arm.ts",
    from: 'return matchOf(new PrintedRule("ipv4", text, 0, 0).rule);',
    to: [
      'return matchOf(new PrintedRule("ipv4", text, 1, 0).rule);',
      'return matchOf(new PrintedRule("ipv4", text, 0, 1).rule);',
    ],
    because: "what a rule is does not depend on what it has counted",
  },
  {
    file: "src/plan/arrange.ts",
    from: 'if (!text.includes(":")) return text; // no IPv6 address; called for 65,000 rules',
    to: [
      "; // no IPv6 address; called for 65,000 rules",
      "if (false) return text; // no IPv6 address; called for 65,000 rules",
    ],
    because: "it only saves time: both patterns behind it need a colon",
  },
  {
    file: "src/plan/chain.ts",
    from: "for (let at = own.indexOf(0, a); at >= 0 && at < b; at = own.indexOf(0, at + 1)) {",
    to: ["for (let at = own.indexOf(1, a); at >= 0 && at < b; at = own.indexOf(0, at + 1)) {"],
    because:
      "the rule at a is ours: it is passed over, and the next that is not is looked for all the same",
  },
  {
    file: "src/plan/chain.ts",
    from: "for (let at = own.indexOf(0, a); at >= 0 && at < b; at = own.indexOf(0, at + 1)) {",
    to: ["for (let at = own.indexOf(0, a); at > 0 && at < b; at = own.indexOf(0, at + 1)) {"],
    because: "the rule at a is ours, so that none that is not can be at 0",
  },
  {
    file: "src/plan/chain.ts",
    from: 'const key = (open?.address ?? close)?.key ?? "";',
    to: ['const key = (open?.address ?? close)?.key ?? "x";'],
    because: "without an address nothing is opened or closed: no door has the key x",
  },
  {
    file: "src/plan/knock_chains.ts",
    from: "const ahead = others.filter((at) => firstOurs < 0 || at < firstOurs);",
    to: ["const ahead = others.filter((at) => firstOurs < 0 || at <= firstOurs);"],
    because: "the first rule of ours is none of the others",
  },
  {
    file: "src/plan/knock_chains.ts",
    from: 'while (typeof one === "number" && rest[0] !== undefined && rest[0] < one) {',
    to: ['while (typeof one === "number" && rest[0] !== undefined && rest[0] <= one) {'],
    because: "what is placed is none of the rest, so that no two have one place",
  },
  {
    file: "src/plan/late_rules.ts",
    from: "const isAhead = ({ placed }: Part) => at === end || placed < part.placed;",
    to: ["const isAhead = ({ placed }: Part) => at === end || placed <= part.placed;"],
    because: "no rule is late and stays in the new chain at once, so that no two have one place",
  },
  {
    file: "src/plan/late_rules.ts",
    from:
      'if (rule.rule.kind !== "foreign" || isMarker || twins.has(at) || at >= end && end >= 0) {',
    to: [
      'if (rule.rule.kind !== "foreign" || isMarker || twins.has(at) || at > end && end >= 0) {',
    ],
    because: "the end itself is a policy, which is no foreign rule",
  },
  {
    file: "src/plan/others.ts",
    from: "planned.splice(edit.index - 1, 0, new PrintedRule(table.family, edit.text, 0, 0));",
    to: [
      "planned.splice(edit.index - 1, 0, new PrintedRule(table.family, edit.text, 1, 0));",
      "planned.splice(edit.index - 1, 0, new PrintedRule(table.family, edit.text, 0, 1));",
    ],
    because: "what a rule is does not depend on what it has counted",
  },
  {
    file: "src/plan/rank.ts",
    from:
      'if (a.kind === "door" && b.kind === "door") return compareAddresses(a.address, b.address);',
    to: [";", "if (false) return compareAddresses(a.address, b.address);"],
    because: "it only saves time: the lines behind it compare two doors by their addresses as well",
  },
  {
    file: "src/plan/rank.ts",
    from: 'return a.kind === b.kind ? 0 : a.kind === "allow" ? -1 : 1;',
    to: [
      'return a.kind === b.kind ? 0 : a.kind === "allow" ? -2 : 1;',
      'return a.kind === b.kind ? 0 : a.kind === "allow" ? -1 : 2;',
    ],
    because: "only the sign of a comparison counts",
  },
  {
    file: "src/plan/service_chain.ts",
    from: "if (saysJust(rules, wantedRules)) return { edits: [], expired: [] };",
    to: [";", "if (false) return { edits: [], expired: [] };"],
    because:
      "it only saves time: a chain that says just what is wanted, and hides nothing, comes out without an edit",
  },
  {
    file: "src/plan/unconfirmed.ts",
    from: "let kept = -1; // the last old jump that stays: none may move ahead of it",
    to: ["let kept = -0; // the last old jump that stays: none may move ahead of it"],
    because: "what is looked for is behind a place that is 0 at the least either way",
  },
  {
    file: "src/system/bytes.ts",
    from: "parts.push(encoder.encode(plain), Uint8Array.of(code - ESCAPE));",
    to: ["parts.push(encoder.encode(plain), Uint8Array.of(code + ESCAPE));"],
    because: "a byte keeps the lowest eight bits, and ESCAPE has none of them",
  },
  {
    file: "src/system/iptables.ts",
    from: "reads: true,",
    to: ["reads: false,"],
    because:
      "a program that may be run twice only saves the 0.3 ms of a signal handler (process.ts)",
  },
  {
    file: "src/system/ipv6.ts",
    from: 'return runProgram("ip", { args, limit: LIMIT, reads: true });',
    to: ['return runProgram("ip", { args, limit: LIMIT, reads: false });'],
    because:
      "a program that may be run twice only saves the 0.3 ms of a signal handler (process.ts)",
  },
  {
    file: "src/system/ipv6.ts",
    from: 'const [first = "", second = ""] = line.trim().split(/\\s+/);',
    to: ['const [first = "x", second = ""] = line.trim().split(/\\s+/);'],
    because: "a split text has one word at least: the default is there for its type alone",
  },
  {
    file: "src/system/process.ts",
    from: "}, task.limit * 1000);",
    to: ["}, task.limit * 1001);"],
    because: "nobody can tell a thousandth of a time limit",
  },
  {
    file: "src/system/sockets.ts",
    from: 'const [, text = "", digits = ""] = /^(.+):(\\d{1,5}|\\*)$/.exec(word) ?? [];',
    to: ['const [, text = "", digits = ""] = /(.+):(\\d{1,5}|\\*)$/.exec(word) ?? [];'],
    because:
      "the first group takes any characters, so that a match begins at the first one either way",
  },
  {
    file: "src/system/sockets.ts",
    from: 'const [, text = "", digits = ""] = /^(.+):(\\d{1,5}|\\*)$/.exec(word) ?? [];',
    to: ['const [, text = "", digits = "x"] = /^(.+):(\\d{1,5}|\\*)$/.exec(word) ?? [];'],
    because:
      "a word that is no end has no text either, and is given up before its digits are looked at",
  },
  {
    file: "src/system/sockets.ts",
    from: 'const state = /^[A-Z]/.test(words[0] ?? "") ? words[0] : "ESTAB";',
    to: ['const state = /^[A-Z]/.test(words[0] ?? "x") ? words[0] : "ESTAB";'],
    because: "a split text has one word at least: the default is there for its type alone",
  },
  {
    file: "src/system/surroundings.ts",
    from: "const ended = await runProgram(name, { args, limit: LIMIT, reads: true });",
    to: ["const ended = await runProgram(name, { args, limit: LIMIT, reads: false });"],
    because:
      "a program that may be run twice only saves the 0.3 ms of a signal handler (process.ts)",
  },
  {
    file: "src/system/write_file.ts",
    from: "const found = new Uint8Array(bytes.length + 1);",
    to: ["const found = new Uint8Array(bytes.length + 2);"],
    because: "one byte more than there may be is enough to see that there are more",
  },
  {
    file: "src/plan/arrange.ts",
    from:
      'return text.replaceAll(/(-[sd] [0-9a-f]*:[0-9a-f:.]*)\\/\\d+/g, "$1").replaceAll(/-[sd] :: /g, "");',
    to: [
      'return text.replaceAll(/(-[sd] [0-9a-f]*:[0-9a-f:.]*)\\/\\d*/g, "$1").replaceAll(/-[sd] :: /g, "");',
    ],
    because:
      "what follows the slash without a digit is a mask with holes: its digits are compared either way",
  },
];
