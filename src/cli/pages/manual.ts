import { GLOBAL_OPTIONS } from "../args.ts";
import { type Command, type OptionSpec, usageOf } from "../command.ts";
import { wrap } from "../../text/wrap.ts";
import { ENVIRONMENT, FILES, REQUIREMENTS_PAGE } from "./files.ts";
import { CONVENTIONS, FIRST_STEPS, PURPOSE, shownVerbs, STATUS } from "./help.ts";
import type { Block, Term } from "./page.ts";
import { TOPIC_PAGES } from "./topic_pages.ts";
import { TOPICS } from "./topics.ts";
import { VERSION } from "../../version.ts";

/**
 * mdoc(7) requires a date. One kept by hand would be wrong after the next change, and that of the build would
 * make two builds differ: this keyword without a date means the day on which the page is read.
 */
const NO_DATE = "$Mdocdate$";

const DESCRIPTION = [
  `This is version ${VERSION}. ` +
  "A service is a chain pk-NAME in table filter and a jump to it at the end of INPUT. Its end, the " +
  "policy, blocks everyone; doors ahead of it let single addresses in, permanently or for a time " +
  "that the kernel itself ends. Programs such as knockd(1) open doors by `pktables add`.",
  "Services come from `pktables init`, or all together from a rules file by `pktables load`. " +
  "Everything outside of these chains and the jumps to them stays as it is. One command is one " +
  "transaction for each address family: the kernel takes all of it or nothing. Every verb may be " +
  "run twice.",
];

/**
 * Writes the manual page in mdoc(7), for `man -l` and mandoc(1).
 *
 * @param commands the verbs, in their order
 * @returns text that ends with a newline; the same for the same version
 */
export function writeManual(commands: readonly Command[]): string {
  const verbs = shownVerbs(commands);
  const lines = [
    `.\\" The manual of pktables ${VERSION}, printed by \`pktables man\`.`,
    `.Dd ${NO_DATE}`,
    ".Dt PKTABLES 8",
    ".Os",
    ".Sh NAME",
    ".Nm pktables",
    `.Nd ${roff(PURPOSE)}`,
    ".Sh SYNOPSIS",
    ...verbs.flatMap((verb) => [".Nm", ...usageLine(verb)]),
    ".Sh DESCRIPTION",
    ...[...DESCRIPTION, ...CONVENTIONS].flatMap((
      text,
      at,
    ) => [...(at === 0 ? [] : [".Pp"]), ...sentences(text)]),
    ".Ss Options of every verb",
    ...termList(GLOBAL_OPTIONS.map(flagTerm)),
    ...verbs.flatMap(verbSection),
    ...TOPICS.flatMap(({ name, about }) => [
      `.Ss help ${name}: ${roff(about)}`,
      // The first part of the page on files has sections of its own here.
      ...(name === "files" ? REQUIREMENTS_PAGE : TOPIC_PAGES[name]).flatMap(typeset),
    ]),
    ".Sh ENVIRONMENT",
    ...termList(ENVIRONMENT.map(([word, text]) => [`.It Ev ${roff(word)}`, text])),
    ".Sh FILES",
    ...termList(FILES.map(([word, text]) => [`.It Pa ${roff(word)}`, text])),
    ".Sh EXIT STATUS",
    ...termList(STATUS.map(([word, text]) => [`.It ${word}`, text])),
    ".Sh EXAMPLES",
    ...typeset({ examples: FIRST_STEPS }),
    ".Sh SEE ALSO",
    ".Xr knockd 1 ,",
    ".Xr ip6tables 8 ,",
    ".Xr iptables 8 ,",
    ".Xr iptables-restore 8",
  ];
  return `${tidy(lines).join("\n")}\n`;
}

/** The words of a verb's usage; `pktables` itself is what .Nm prints. */
function usageLine(verb: Command): string[] {
  // Brackets are one part, however many words are in them.
  const [, name = "", ...words] = usageOf(verb).match(/\[[^\]]*\]|\S+/g) ?? [];
  return [
    `.Cm ${name}`,
    ...words.map((word) => {
      if (word === "[OPTIONS]") return ".Op Ar options";
      if (word.startsWith("--")) return `.Fl ${roff(word.slice(1))}`;
      return word.startsWith("[") ? `.Op Ar ${roff(word.slice(1, -1))}` : `.Ar ${roff(word)}`;
    }),
  ];
}

function verbSection(verb: Command): string[] {
  return [
    `.Ss ${roff(verb.name)}: ${roff(verb.summary)}`,
    ...verb.details.flatMap((text, at) => [...(at === 0 ? [] : [".Pp"]), ...sentences(text)]),
    ...(verb.options.length === 0 ? [] : termList(verb.options.map(flagTerm))),
    ...(verb.examples.length === 0 ? [] : [".Pp", "Examples:"]),
    ...typeset({ examples: verb.examples }),
  ];
}

/** An option as an item of a list: `.It Fl q , -quiet`. */
function flagTerm({ name, short, value, choices, help }: OptionSpec): Term {
  const letter = short === undefined ? "" : `Fl ${short} , `;
  const shown = choices === undefined ? value : choices.join("|");
  const argument = shown === undefined ? "" : ` Ar ${roff(shown)}`;
  return [`.It ${letter}Fl ${roff(`-${name}`)}${argument}`, help];
}

function typeset(block: Block): string[] {
  if ("heading" in block) return [".Pp", `.Sy \\&${roff(block.heading)} :`];
  if ("text" in block) return [".Pp", ...sentences(block.text)];
  if ("code" in block) {
    return [".Bd -literal -offset indent", ...block.code.map(roff), ".Ed"];
  }
  if ("terms" in block) {
    return termList(block.terms.map(([word, text]) => [`.It ${item(word)}`, text]));
  }
  return termList(block.examples.map(({ line, does }) => [`.It Li ${item(line)}`, does]));
}

function termList(terms: readonly Term[]): string[] {
  const items = terms.flatMap(([item, text]) => [item, ...sentences(text)]);
  return [".Bl -tag -width Ds", ...items, ".El"];
}

/** Text as short lines of roff, each sentence on lines of its own, as mdoc(7) wants it. */
function sentences(text: string): string[] {
  return text.split(/(?<=[.?!]) +(?=[A-Z])/).flatMap((one) => wrap(one, 66)).map(roff);
}

/** A word of a macro's line, with quotes escaped for roff. */
function item(text: string): string {
  return `"${roff(text).replaceAll('"', "\\(dq")}"`;
}

/** Text whose characters roff(7) prints as they are. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replaceAll("`", "\\(ga").replace(/^(?=[.'])/, "\\&");
}

/** Without paragraphs that mandoc(1) would call empty: those right below the head of a section. */
function tidy(lines: readonly string[]): string[] {
  return lines.filter((line, at) => line !== ".Pp" || !/^\.S[hs]/.test(lines[at - 1]!));
}
