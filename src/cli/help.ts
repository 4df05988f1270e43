import { GLOBAL_OPTIONS } from "./args.ts";
import { type Command, type OptionSpec, usageOf } from "./command.ts";
import type { Block, Term } from "./page.ts";
import { VERSION } from "../version.ts";

/** What the program is for, in one line. */
export const PURPOSE = "opens and closes firewall doors for port knocking";

/** Exit status, as every page shows it. */
export const STATUS: readonly Term[] = [
  ["0", "done, or there was nothing to do"],
  [
    "1",
    "refused by the kernel or the system, or because it would shut out who is connected; diff and fmt --check: there is a difference; trace: " +
    "the packet does not get in",
  ],
  ["2", "the command line is wrong"],
  ["3", "the .pk file has errors"],
  ["4", "no such service"],
  ["5", "trace: nobody can know from the rules alone, or they cannot be read"],
];

/** The shortest way from nothing to an open door and back. */
export const FIRST_STEPS = [
  { line: "pktables init ssh --port 22 --syn", does: "close SSH to all but open doors" },
  { line: "pktables add 203.0.113.9 --service ssh --for 8h", does: "let one address in" },
  { line: "pktables list --watch", does: "see who gets in, and for how long" },
  { line: "pktables remove ssh", does: "take it all back" },
] as const;

/** Verbs that pages and lists name. */
export function shownVerbs(commands: readonly Command[]): Command[] {
  return commands.filter(({ hidden }) => hidden !== true);
}

/** The page that `pktables --help` shows. */
export function overview(commands: readonly Command[]): Block[] {
  return [
    { text: `pktables ${VERSION}: ${PURPOSE}` },
    { text: "Usage: pktables VERB [WORDS] [OPTIONS]" },
    { heading: "Examples" },
    { examples: FIRST_STEPS },
    { heading: "Verbs" },
    { terms: shownVerbs(commands).map(({ name, summary }): Term => [name, summary]) },
    { heading: "Options of every verb" },
    { terms: GLOBAL_OPTIONS.map(describeOption) },
    { heading: "Exit status" },
    { terms: STATUS },
    { heading: "More" },
    {
      terms: [
        ["pktables help VERB", "a verb's own page"],
        ["pktables help language", "the language of rules files"],
        ["pktables help PK004", "a message's code"],
        ["pktables man", "the manual; to read it: pktables man | man -l -"],
      ],
    },
  ];
}

/** The page of one verb. */
export function verbPage(command: Command): Block[] {
  const { options, examples, details } = command;
  const own: Block[] = [{ heading: "Options" }, { terms: options.map(describeOption) }];
  return [
    { text: `pktables ${command.name}: ${command.summary}` },
    { text: `Usage: ${usageOf(command)}` },
    { heading: "Examples" },
    { examples },
    ...(options.length === 0 ? [] : own),
    ...details.map((text): Block => ({ text })),
    { heading: "Options of every verb" },
    { terms: GLOBAL_OPTIONS.map(describeOption) },
    { heading: "Exit status" },
    { terms: STATUS },
  ];
}

/** An option as the help shows it: `-p, --port PORTS`, and what it does. */
export function describeOption({ name, short, value, choices, help }: OptionSpec): Term {
  const shown = choices === undefined ? value : choices.join("|");
  const letter = short === undefined ? "    " : `-${short}, `;
  return [`${letter}--${name}${shown === undefined ? "" : ` ${shown}`}`, help];
}
