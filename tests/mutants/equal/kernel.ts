// Equivalent changes in src/cli/kernel.
import type { Equivalent } from "../equal.ts";

/** All that are known there. */
export const KERNEL: readonly Equivalent[] = [
  {
    file: "src/cli/kernel/confirmation.ts",
    from: "const table = tables.find((one) => one.family === family);",
    to: ["const table = tables.findLast((one) => one.family === family);"],
    because: "each family is in the list once",
  },
  {
    file: "src/cli/kernel/confirmation.ts",
    from: 'return "text" in edit && knockedServiceOf(targetOf(edit.text) ?? "") !== null;',
    to: ['return "text" in edit && knockedServiceOf(targetOf(edit.text) ?? "x") !== null;'],
    because: "neither the empty name nor x is a chain that hears a knock",
  },
  {
    file: "src/cli/kernel/confirmation.ts",
    from: 'const first = chains[0] ?? "";',
    to: ['const first = chains[0] ?? "x";'],
    because: "the list is not empty here: the default is there for its type alone",
  },
  {
    file: "src/cli/kernel/countdown.ts",
    from: "if (answer === undefined && !interruption.over) elsewhere = await others.look();",
    to: [
      "if (true) elsewhere = await others.look();",
      "if (answer === undefined || !interruption.over) elsewhere = await others.look();",
    ],
    because:
      "once there is an answer or an interruption, what another command did is not looked at: it only reads once more",
  },
  {
    file: "src/cli/kernel/countdown.ts",
    from: "chain,",
    to: [""],
    because:
      "two states of the rules would have to differ only in which chain a rule is in, or where one ends, and no answer makes that: confirm changes a rule or a chain's place in INPUT, revert gives the same text back",
  },
  {
    file: "src/cli/kernel/countdown.ts",
    from: ']).join("\\n");',
    to: [']).join("");'],
    because:
      "two states of the rules would have to differ only in which chain a rule is in, or where one ends, and no answer makes that: confirm changes a rule or a chain's place in INPUT, revert gives the same text back",
  },
  {
    file: "src/cli/kernel/kernel_doors.ts",
    from:
      "const [, seconds, list] = /--rcheck --seconds (\\d+) --name (pk-\\S+\\.s1) /.exec(text) ?? [];",
    to: [
      "const [, seconds, list] = /--rcheck --seconds (\\d*) --name (pk-\\S+\\.s1) /.exec(text) ?? [];",
    ],
    because: "a rule of a knock has a number behind --seconds",
  },
  {
    file: "src/cli/kernel/kernel_doors.ts",
    from: "isDead: at > end,",
    to: ["isDead: at >= end,"],
    because: "the rule that ends a chain asks no list, so the two are never at the same place",
  },
  {
    file: "src/cli/kernel/kernel_doors.ts",
    from: "steps.map(({ port, protocol }) => `${port}:${protocol}`).join();",
    to: ["steps.map(({ port, protocol }) => `${port}${protocol}`).join();"],
    because: "digits, then tcp or udp: two different steps are different without the colon, too",
  },
  {
    file: "src/cli/kernel/knock_places.ts",
    from: 'return at > last ? [] : [{ at, text: input[at]?.text ?? "" }];',
    to: ['return at >= last ? [] : [{ at, text: input[at]?.text ?? "" }];'],
    because:
      "a service goes ahead of rules of others only, so that its place is never that of a jump to a knock's chain",
  },
  {
    file: "src/cli/kernel/knock_places.ts",
    from: 'return at > last ? [] : [{ at, text: input[at]?.text ?? "" }];',
    to: ['return at > last ? [] : [{ at, text: input[at]?.text ?? "x" }];'],
    because: "the rule that a knock's jump goes ahead of is not told: only its place is used",
  },
  {
    file: "src/cli/kernel/known_lists.ts",
    from: '[...text.matchAll(/ --name (pk-\\S+)/g)].map(([, name = ""]) => name)',
    to: ['[...text.matchAll(/ --name (pk-\\S+)/g)].map(([, name = "x"]) => name)'],
    because: "the group is part of every match: the default is there for its type alone",
  },
  {
    file: "src/cli/kernel/peer_kinds.ts",
    from: "const kinds = peers.length < 2 ? null : new Kinds(texts, family);",
    to: [
      "const kinds = peers.length <= 2 ? null : new Kinds(texts, family);",
      "const kinds = peers.length < 3 ? null : new Kinds(texts, family);",
      "const kinds = peers.length < 1 ? null : new Kinds(texts, family);",
    ],
    because:
      "a kind is only a key under which a judgement is kept: for one peer or two it saves one at the most",
  },
  {
    file: "src/cli/kernel/peers.ts",
    from: "if (changing.length === 0) return [];",
    to: ["if (false) return [];", ";"],
    because:
      "without a family that changes nothing is read but what nft shows, and nobody is affected",
  },
  {
    file: "src/cli/kernel/peers.ts",
    from: "const edits = plans.find(({ family }) => family === one.family)?.edits ?? [];",
    to: ["const edits = plans.findLast(({ family }) => family === one.family)?.edits ?? [];"],
    because: "each family is in the list once",
  },
  {
    file: "src/cli/kernel/peers.ts",
    from: 'const when = at === now ? "" : change.later?.when ?? "";',
    to: ['const when = at === now ? "" : change.later?.when ?? "x";'],
    because:
      "another moment than now is the later one, which has its words: the default is there for its type alone",
  },
  {
    file: "src/cli/kernel/asked.ts",
    from:
      "const isOwn = (port: number) => ports.some(({ from, to }) => port >= from && port <= to);",
    to: [
      "const isOwn = (port: number) => ports.some(({ from, to }) => port > from && port <= to);",
    ],
    because: "the first port of each range is in the set already",
  },
  {
    file: "src/cli/kernel/asked.ts",
    from:
      "const isOwn = (port: number) => ports.some(({ from, to }) => port >= from && port <= to);",
    to: [
      "const isOwn = (port: number) => ports.some(({ from, to }) => port >= from && port < to);",
    ],
    because: "the last port of each range is in the set already",
  },
  {
    file: "src/cli/kernel/asked.ts",
    from: "for (const text of ports.some(({ from, to }) => from < to) ? rules() : []) {",
    to: ["for (const text of ports.some(({ from, to }) => from <= to) ? rules() : []) {"],
    because:
      "of single ports nothing but themselves is within: the condition only saves reading the rules",
  },
  {
    file: "src/cli/kernel/placement.ts",
    from: "if (asked.length === 0 || others.length === 0) return NOWHERE;",
    to: [
      "if (false) return NOWHERE;",
      ";",
      "if (asked.length === 0 && others.length === 0) return NOWHERE;",
    ],
    because:
      "with nothing to place, or nothing ahead, no place is found either: it only asks for more",
  },
  {
    file: "src/cli/kernel/planned_stages.ts",
    from:
      '.map((line) => line.replace(/^\\[\\d+:\\d+\\] /, "").replace(/ \\[\\d+:\\d+\\]$/, "")).join("\\n");',
    to: [
      '.map((line) => line.replace(/^\\[\\d+:\\d+\\] /, "x").replace(/ \\[\\d+:\\d+\\]$/, "")).join("\\n");',
      '.map((line) => line.replace(/^\\[\\d+:\\d+\\] /, "").replace(/ \\[\\d+:\\d+\\]$/, "x")).join("\\n");',
    ],
    because:
      "each rule has counters, and so has each chain: both sides of the comparison then have the same in their place",
  },
  {
    file: "src/cli/kernel/planned_stages.ts",
    from: 'const payload = emitEmptyMachine({ services, family, version: "", source: "" });',
    to: [
      'const payload = emitEmptyMachine({ services, family, version: "x", source: "" });',
      'const payload = emitEmptyMachine({ services, family, version: "", source: "x" });',
    ],
    because: "version and source are words of a comment ahead of the rules, which no packet meets",
  },
  {
    file: "src/cli/kernel/trace_stages.ts",
    from: "const one = around.value.find(({ family }) => family === table.family);",
    to: ["const one = around.value.findLast(({ family }) => family === table.family);"],
    because: "each family is in the list once",
  },
];
