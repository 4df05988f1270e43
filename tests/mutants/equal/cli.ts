// Equivalent changes in the rest of src/cli.
import type { Equivalent } from "../equal.ts";

/** All that are known there. */
export const CLI: readonly Equivalent[] = [
  {
    file: "src/cli/args.ts",
    from: "const command = commands.find(({ name }) => name === verb);",
    to: ["const command = commands.findLast(({ name }) => name === verb);"],
    because: "each verb is in the list once (held by tests/cli/args_test.ts)",
  },
  {
    file: "src/cli/commands/complete.ts",
    from: 'summary: "for completion scripts: what can follow a command line",',
    to: ['summary: "",'],
    because: "the verb is hidden: no page, list or completion shows its summary",
  },
  {
    file: "src/cli/commands/complete.ts",
    from: 'operand: { name: "WORD", min: 0, max: Infinity },',
    to: ['operand: { name: "", min: 0, max: Infinity },'],
    because:
      "no line has too few or too many words for it, and the verb is on no page: nothing names its operand",
  },
  {
    file: "src/cli/commands/completions.ts",
    from: "const shell = SHELLS.find((one) => one === word);",
    to: ["const shell = SHELLS.findLast((one) => one === word);"],
    because: "each shell is in the list once",
  },
  {
    file: "src/cli/commands/help.ts",
    from: "const command = shownVerbs(commands).find(({ name }) => name === topic);",
    to: ["const command = shownVerbs(commands).findLast(({ name }) => name === topic);"],
    because: "each verb is in the list once (held by tests/cli/args_test.ts)",
  },
  {
    file: "src/cli/commands/list.ts",
    from: "const head = /^Chain (.*?)(?: \\((?:\\d+ references|policy .*)\\))?$/m.exec(block);",
    to: ["const head = /^Chain (.*?)(?: \\((?:\\d* references|policy .*)\\))?$/m.exec(block);"],
    because: "iptables prints a number ahead of the word in every head",
  },
  {
    file: "src/cli/commands/load.ts",
    from: "if (!given.services.some(({ knocks = [] }) => knocks.length > 0)) return null;",
    to: ["if (!given.services.some(({ knocks = [] }) => knocks.length >= 0)) return null;"],
    because:
      "without a knock in the file no list gets longer or goes to another knock: what is asked then finds none, and reads nothing",
  },
  {
    file: "src/cli/commands/remove.ts",
    from: "edits: planTable(table, { services: [], remove: names, now: 0 }).edits,",
    to: ["edits: planTable(table, { services: [], remove: names, now: 1 }).edits,"],
    because: "only chains that stay are swept by the clock, and none is planned here",
  },
  {
    file: "src/cli/commands/unit.ts",
    from: "const kind = KINDS.find((one) => one === word);",
    to: ["const kind = KINDS.findLast((one) => one === word);"],
    because: "each kind of script is in the list once",
  },
  {
    file: "src/cli/completion/candidates.ts",
    from: "const command = commands.find(({ name }) => name === verb) ?? null;",
    to: ["const command = commands.findLast(({ name }) => name === verb) ?? null;"],
    because: "each verb is in the list once (held by tests/cli/args_test.ts)",
  },
  {
    file: "src/cli/completion/candidates.ts",
    from: "const own = commands.find(({ name }) => name === others[0])?.options ?? [];",
    to: ["const own = commands.findLast(({ name }) => name === others[0])?.options ?? [];"],
    because: "each verb is in the list once (held by tests/cli/args_test.ts)",
  },
  {
    file: "src/cli/completion/candidates.ts",
    from: "const spec = line.specs.find(({ name }) => `--${name}` === written);",
    to: ["const spec = line.specs.findLast(({ name }) => `--${name}` === written);"],
    because: "each option of a verb has a name of its own (held by tests/cli/args_test.ts)",
  },
  {
    file: "src/cli/input/import_file.ts",
    from: 'const formatted = formatSource(makeSource("rules.pk", text));',
    to: ['const formatted = formatSource(makeSource("", text));'],
    because:
      "the name of the text stands in diagnostics alone, and a file that import wrote has none",
  },
  {
    file: "src/cli/input/import_kernel.ts",
    from: 'makeSource("rules.pk", `${HEADING}\\n${texts.join("\\n")}\\n${end}`),',
    to: ['makeSource("", `${HEADING}\\n${texts.join("\\n")}\\n${end}`),'],
    because:
      "the name of the text stands in diagnostics alone, and a file that import wrote has none",
  },
  {
    file: "src/cli/input/judge_file.ts",
    from: "if (expectations.length === 0) return compiled;",
    to: ["if (false) return compiled;", ";"],
    because: "without an expectation nothing is found, and the diagnostics stay as they are",
  },
  {
    file: "src/cli/input/judge_file.ts",
    from:
      'return `service \\`${name}\\`${span === undefined ? "" : ` (${placeOf(span, sources)})`}`;',
    to: [
      'return `service \\`${name}\\`${span === undefined ? "x" : ` (${placeOf(span, sources)})`}`;',
    ],
    because: "every service that decides is one of the file, and each has a place",
  },
  {
    file: "src/cli/input/judge_file.ts",
    from: "const source = /^-s (\\S+) /.exec(text)?.[1];",
    to: [
      "const source = /-s (\\S+) /.exec(text)?.[1];",
      "const source = /^-s (\\S*) /.exec(text)?.[1];",
    ],
    because:
      "in a rule that the program writes of a file, -s is first if it is there and has a value",
  },
  {
    file: "src/cli/input/judge_file.ts",
    from: 'const service = /(?:^| )-j pk-(\\S+)$/.exec(place?.text ?? "")?.[1];',
    to: [
      'const service = /(?:^| )-j pk-(\\S+)/.exec(place?.text ?? "")?.[1];',
      'const service = /(?:^| )-j pk-(\\S*)$/.exec(place?.text ?? "")?.[1];',
    ],
    because: "a jump that the program writes of a file ends with the chain of a service",
  },
  {
    file: "src/cli/input/judge_file.ts",
    from: 'const service = /(?:^| )-j pk-(\\S+)$/.exec(place?.text ?? "")?.[1];',
    to: ['const service = /(?:^| )-j pk-(\\S+)$/.exec(place?.text ?? "x")?.[1];'],
    because: "every dependence has a place: the default is there for its type alone",
  },
  {
    file: "src/cli/input/judge_file.ts",
    from: 'const what = on.map((words) => words.replace(/^-i (.*)$/, "`on $1`")).join(", ");',
    to: [
      'const what = on.map((words) => words.replace(/-i (.*)$/, "`on $1`")).join(", ");',
      'const what = on.map((words) => words.replace(/^-i (.*)/, "`on $1`")).join(", ");',
    ],
    because: "the words of an interface are -i and its name, and nothing else",
  },
  {
    file: "src/cli/input/question.ts",
    from: 'const word = words[at] ?? "";',
    to: ['const word = words[at] ?? "x";'],
    because: "no index is asked for that the words do not have",
  },
  {
    file: "src/cli/input/question.ts",
    from: 'const value = word === "established" ? "" : words[++at];',
    to: ['const value = word === "established" ? "x" : words[++at];'],
    because: "of this clause it is only asked whether it is there",
  },
  {
    file: "src/cli/pages/manual.ts",
    from: 'const [, name = "", ...words] = usageOf(verb).match(/\\[[^\\]]*\\]|\\S+/g) ?? [];',
    to: ['const [, name = "", ...words] = usageOf(verb).match(/\\[[^\\]]+\\]|\\S+/g) ?? [];'],
    because: "no usage has brackets with nothing in them",
  },
  {
    file: "src/cli/pages/page.ts",
    from: 'const indent = "  " + /^ */.exec(line)![0];',
    to: ['const indent = "  " + / */.exec(line)![0];'],
    because: "no spaces are found at the very start as well, before any further in",
  },
  {
    file: "src/cli/report/effects.ts",
    from:
      "if (\n    !tables.some(({ chainNames }) => chainNames.some((name) => knockedServiceOf(name) !== null))\n  ) {\n    return asked;\n  }",
    to: [";"],
    because:
      "without a chain that hears knocks none are found: the block only saves loading what looks for them",
  },
  {
    file: "src/cli/report/effects.ts",
    from:
      "const open = trace.outcomes.flatMap(({ path }) => path).find(({ chain }) => isOwn(chain, name));",
    to: [
      "const open = trace.outcomes.flatMap(({ path }) => path).findLast(({ chain }) => isOwn(chain, name));",
    ],
    because:
      "at one moment a packet comes to one of a service's two chains: all its ways name the same",
  },
  {
    file: "src/cli/report/effects.ts",
    from:
      "!tables.some(({ chainNames }) => chainNames.some((name) => knockedServiceOf(name) !== null))",
    to: ["false"],
    because:
      "without a chain that hears knocks none are found: the block only saves loading what looks for them",
  },
  {
    file: "src/cli/report/effects.ts",
    from:
      "!tables.some(({ chainNames }) => chainNames.some((name) => knockedServiceOf(name) !== null))",
    to: [
      "!tables.some(({ chainNames }) => chainNames.some((name) => knockedServiceOf(name) === null))",
    ],
    because:
      "without a chain that hears knocks none are found: the block only saves loading what looks for them, and there is always another chain as well",
  },
  {
    file: "src/cli/report/view.ts",
    from: "const isDead = at > end;",
    to: ["const isDead = at >= end;"],
    because: "what ends a chain is a policy or a foreign rule, never a door",
  },
  {
    file: "src/cli/run.ts",
    from: 'const PLAIN: ReporterOptions = { quiet: false, color: "auto" };',
    to: ['const PLAIN: ReporterOptions = { quiet: true, color: "auto" };'],
    because: "only errors are said by it, and --quiet leaves out no error",
  },
  {
    file: "src/cli/run.ts",
    from: "const command = commands.find(({ name }) => name === topic);",
    to: ["const command = commands.findLast(({ name }) => name === topic);"],
    because: "each verb is in the list once (held by tests/cli/args_test.ts)",
  },
  {
    file: "src/cli/sort_words.ts",
    from:
      "const spec = specs.find(({ name, short }) => written === `--${name}` || written === `-${short}`);",
    to: [
      "const spec = specs.findLast(({ name, short }) => written === `--${name}` || written === `-${short}`);",
    ],
    because:
      "each option of a verb has a name and a letter of its own (held by tests/cli/args_test.ts)",
  },
  {
    file: "src/cli/commands/sweep.ts",
    from: "if (!table.mayBeUnconfirmed) return sweepTable(table, now);",
    to: [";"],
    because:
      "without unconfirmed rules the other way plans the same sweep: the line only saves loading it",
  },
];
