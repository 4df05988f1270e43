import { GLOBAL_OPTIONS } from "./args.ts";
import type { Command, OptionSpec } from "./command.ts";
import { VERSION } from "../version.ts";

/** Exit status, as every help page shows it. */
const STATUS = [
  "0  done, or there was nothing to do",
  "1  refused by the kernel or the system; diff and fmt --check: there is a difference",
  "2  the command line is wrong",
  "3  the .pk file has errors",
  "4  no such service",
];

/** The page that `pktables --help` shows. */
export function overview(commands: readonly Command[], width: number): string {
  const verbs = commands.map(({ name, summary }) => [name, summary] as const);
  return [
    `pktables ${VERSION}: opens and closes firewall doors for port knocking`,
    "",
    "Usage: pktables VERB [WORDS] [OPTIONS]",
    "",
    "Verbs:",
    ...columns(verbs, width),
    "",
    "Options of every verb:",
    ...columns(GLOBAL_OPTIONS.map(describeOption), width),
    "",
    ...wrap(
      "`pktables help VERB` shows a verb's own page, `pktables help PK004` the code of a message.",
      width,
    ),
  ].join("\n");
}

/** The page of one verb. */
export function verbPage(command: Command, width: number): string {
  const { operand, options, examples, details } = command;
  const word = operand === null
    ? ""
    : operand.min === 0
    ? ` [${operand.name}${operand.max > 1 ? "…" : ""}]`
    : ` ${operand.name}${operand.max > 1 ? "…" : ""}`;
  return [
    `pktables ${command.name}: ${command.summary}`,
    "",
    `Usage: pktables ${command.name}${word} [OPTIONS]`,
    "",
    "Examples:",
    ...columns(examples.map(({ line, does }) => [line, does] as const), width),
    ...(options.length === 0
      ? []
      : ["", "Options:", ...columns(options.map(describeOption), width)]),
    "",
    "Options of every verb:",
    ...columns(GLOBAL_OPTIONS.map(describeOption), width),
    ...details.flatMap((text) => ["", ...wrap(text, width)]),
    "",
    "Exit status:",
    ...STATUS.flatMap((line) =>
      wrap(line, width - 2).map((part, at) => `${at ? "     " : "  "}${part}`)
    ),
  ].join("\n");
}

function describeOption(
  { name, short, value, choices, help }: OptionSpec,
): readonly [string, string] {
  const shown = choices === undefined ? value : choices.join("|");
  const letter = short === undefined ? "    " : `-${short}, `;
  return [`${letter}--${name}${shown === undefined ? "" : ` ${shown}`}`, help];
}

/** Two columns; where the first is too wide for the terminal, the second goes below it. */
function columns(rows: readonly (readonly [string, string])[], width: number): string[] {
  const widest = Math.max(...rows.map(([left]) => left.length));
  const indent = Math.min(widest + 4, 32, Math.max(8, Math.floor(width / 3)));
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, Math.max(20, width - indent));
    const below = lines.map((line) => " ".repeat(indent) + line);
    if (left.length + 4 > indent) return [`  ${left}`, ...below];
    return [`  ${left}`.padEnd(indent) + (lines[0] ?? ""), ...below.slice(1)];
  });
}

/** Breaks a text at spaces into lines of at most `width` columns. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
