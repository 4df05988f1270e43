import { GLOBAL_OPTIONS } from "../args.ts";
import { type Command, type OptionSpec, usageOf } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Block, Term } from "./page.ts";
import { VERSION } from "../../version.ts";
import { TOPICS } from "./topics.ts";

/** What the program is for, in one line. */
export const PURPOSE = "opens and closes firewall doors for port knocking";

/** What each exit status means; the compiler requires one for each. */
const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  done: "done, or there was nothing to do",
  refused:
    "refused by the kernel or the system, or because it would shut out a connected client; diff and " +
    "fmt --check: there is a difference; knockd --check and import: there is something to look at; " +
    "trace: the packet does not get in",
  usage: "the command line is wrong",
  file: "the .pk file has errors",
  noService: "no such service",
  unknown: "trace: the rules alone do not decide it, or they cannot be read",
};

/** Exit status, as every page shows it. */
export const STATUS: readonly Term[] = Object.entries(MEANINGS).map(([name, meaning]) => [
  String(EXIT[name as keyof typeof EXIT]),
  meaning,
]);

/** How every command line is read and what is printed where. */
export const CONVENTIONS: readonly string[] = [
  "Options and other words may stand in any order; --name=value and --name value are the same; -- " +
  "ends the options. Results go to standard output, everything else to standard error. A command " +
  "that waits for more than a second, for another pktables or for iptables, says so on a terminal.",
];

/** The first commands to try. */
export const FIRST_STEPS = [
  { line: "pktables init ssh --port 22 --syn", does: "close SSH to everyone without an open door" },
  { line: "pktables add 203.0.113.9 --service ssh --for 8h", does: "open a door for one address" },
  { line: "pktables list --watch", does: "see who gets in, and for how long" },
  { line: "pktables remove ssh", does: "remove it again" },
] as const;

/** The verbs that pages and lists show. */
export function shownVerbs(commands: readonly Command[]): Command[] {
  return commands.filter(({ hidden }) => hidden !== true);
}

/** The page that `pktables --help` shows. */
export function overview(commands: readonly Command[]): Block[] {
  return [
    { text: `pktables ${VERSION}: ${PURPOSE}` },
    { text: "Usage: pktables VERB [ARGUMENTS] [OPTIONS]" },
    { heading: "Examples" },
    { examples: FIRST_STEPS },
    { heading: "Verbs" },
    { terms: shownVerbs(commands).map(({ name, summary }): Term => [name, summary]) },
    { heading: "Options of every verb" },
    { terms: GLOBAL_OPTIONS.map(describeOption) },
    { heading: "Exit status" },
    { terms: STATUS },
    ...CONVENTIONS.map((text): Block => ({ text })),
    { heading: "More" },
    {
      terms: [
        ["pktables help VERB", "a verb's own page"],
        ...TOPICS.map(({ name, about }): Term => [`pktables help ${name}`, about]),
        ["pktables help PK004", "the code of a message"],
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
function describeOption({ name, short, value, choices, help }: OptionSpec): Term {
  const shown = choices === undefined ? value : choices.join("|");
  const letter = short === undefined ? "    " : `-${short}, `;
  return [`${letter}--${name}${shown === undefined ? "" : ` ${shown}`}`, help];
}
