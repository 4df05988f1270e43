import type { Backend } from "../system/system.ts";
import { parseArgs } from "@std/cli/parse-args";
import { nearest } from "../diagnostics/nearest.ts";
import { FAMILIES } from "../firewall/address.ts";
import { ok, type Result } from "../result.ts";
import {
  type Command,
  type GlobalOptions,
  type Invocation,
  type OptionSpec,
  usageOf,
  writtenOption,
} from "./command.ts";
import type { ReporterOptions } from "./report/reporter.ts";
import { type Places, type Sorted, sortWords } from "./sort_words.ts";
import { quote } from "../text/quote.ts";
import { type Parse, type UsageProblem, wrong } from "./usage.ts";

export type { UsageProblem } from "./usage.ts";

/** Options that every verb takes, in the order of the help page. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { name: "ipv4", help: "Only IPv4 (default: both families)" },
  { name: "ipv6", help: "Only IPv6; it is an error if this machine has none" },
  {
    name: "backend",
    value: "NAME",
    choices: ["nft", "legacy"],
    help: "Which iptables to call (default: the system's choice)",
  },
  {
    name: "wait",
    value: "SECONDS",
    help: "How long to wait for other commands and for iptables' lock (default: 10)",
  },
  { name: "quiet", short: "q", help: "Print only results and what goes wrong" },
  {
    name: "syslog",
    help:
      "Also send one line on what was changed or refused to the system's log (logger, facility " +
      "auth, tag pktables)",
  },
  {
    name: "color",
    value: "WHEN",
    choices: ["auto", "always", "never"],
    help: "Colours (default: auto, on a terminal unless NO_COLOR is set)",
  },
  { name: "help", short: "h", help: "Show the help page" },
  { name: "version", short: "V", help: "Show the version" },
];

/** A command line that names a verb, or asks for help or the version. */
export interface ParsedLine {
  /** Name of a verb that exists; `null` if the line names none. */
  readonly verb: string | null;
  /** Whether `--help` was given: then the verb's page is shown and its words are not checked. */
  readonly help: boolean;
  /** Whether `--version` was given. */
  readonly version: boolean;
  /** Verbosity and colour of the output. */
  readonly reporter: ReporterOptions;
  /** Whether what is done is also written to the system log. */
  readonly syslog: boolean;
  /** The arguments of the verb. */
  readonly call: Invocation;
  /** The positions of its words. */
  readonly places: Places;
}

/**
 * Parses a command line. Options and other words may be in any order; `--name=value` and
 * `--name value` mean the same; `--` ends the options; if an option is given twice the last one counts,
 * unless it may repeat.
 *
 * @param words the command line without the program's name
 ** @param commands all verbs
 * @returns the parts, or the problem of the first wrong word
 */
export function parseLine(
  words: readonly string[],
  commands: readonly Command[],
): Result<ParsedLine, UsageProblem> {
  const at = findVerb(words, [...GLOBAL_OPTIONS, ...commands.flatMap(({ options }) => options)]);
  const verb = words[at] ?? null;
  const command = commands.find(({ name }) => name === verb);
  if (verb !== null && command === undefined) return unknownVerb(verb, { commands, at });
  const specs = [...(command?.options ?? []), ...GLOBAL_OPTIONS];
  const page = command === undefined ? "pktables help" : `pktables help ${command.name}`;
  const sorted = sortWords(words, { specs, page, verb: at });
  if (!sorted.ok) return sorted;
  const { places } = sorted.value;
  const values = readValues(sorted.value, specs);
  if (!values.ok) return values;
  const help = values.value.has("help");
  if (!help && !values.value.has("version") && command !== undefined) {
    const problem = checkOperands(command, sorted.value) ??
      checkRequired(command, { values: values.value, places });
    if (problem !== null) return problem;
  }
  const repeated = readRepeated(sorted.value.options, specs);
  return assemble({ verb, values: values.value, repeated, operands: sorted.value.others, places });
}

/**
 * Index of the verb: the first word that is neither an option nor the value of one, of whatever verb. Where
 * there is none, no word has it.
 */
function findVerb(words: readonly string[], specs: readonly OptionSpec[]): number {
  let isValue = false;
  for (const [at, word] of words.entries()) {
    if (isValue) {
      isValue = false;
      continue;
    }
    if (word === "--") return at + 1;
    if (!word.startsWith("-") || word === "-") return at;
    const spec = specs.find(({ name, short }) => word === `--${name}` || word === `-${short}`);
    isValue = spec?.value !== undefined;
  }
  return -1;
}

/** What users of other programs type. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  open: "add",
  allow: "add",
  close: "delete",
  del: "delete",
  rm: "remove",
  show: "list",
  status: "list",
  apply: "load",
  reload: "load",
  format: "fmt",
};

function unknownVerb(
  verb: string,
  { commands, at }: { readonly commands: readonly Command[]; readonly at: number },
): Parse<never> {
  const shown = commands.filter(({ hidden }) => hidden !== true);
  const other = Object.hasOwn(OTHER_WORDS, verb) ? OTHER_WORDS[verb] : undefined;
  const near = other ?? nearest(verb, shown.map(({ name }) => name));
  const help = near === null ? "`pktables help` lists the verbs" : `did you mean \`${near}\`?`;
  return wrong(`unknown verb ${quote(verb)}`, help, at);
}

/** Parses the normalized options; the parser sees nothing else, so it has nothing to guess. */
function readValues(
  { options, places }: Sorted,
  specs: readonly OptionSpec[],
): Parse<Map<string, string>> {
  const switches = specs.filter(({ value }) => value === undefined).map(({ name }) => name);
  const valued = specs.filter(({ value }) => value !== undefined);
  // The compiler does not know the names, so @std infers `never` for each value.
  const parsed: Readonly<Record<string, unknown>> = parseArgs(options, {
    boolean: switches,
    string: valued.map(({ name }) => name),
  });
  const values = new Map<string, string>();
  for (const name of switches) if (parsed[name] === true) values.set(name, "");
  for (const { name, choices } of valued) {
    // Given twice, one parser keeps all values and another the last: the last counts.
    const value = parsed[name];
    const found: unknown = Array.isArray(value) ? value.at(-1) : value;
    if (typeof found !== "string") continue;
    values.set(name, found);
    if (choices === undefined || choices.includes(found)) continue;
    const near = nearest(found, choices);
    const help = near === null
      ? `must be one of ${choices.join(", ")}`
      : `did you mean \`${near}\`?`;
    const at = places.options.get(name);
    return wrong(`invalid value ${quote(found)} for \`--${name}\``, help, at);
  }
  return ok(values);
}

/** The values of options that may repeat; of the uniform options, each is `--name=value`. */
function readRepeated(
  options: readonly string[],
  specs: readonly OptionSpec[],
): Map<string, string[]> {
  const repeated = new Map<string, string[]>();
  for (const { name } of specs.filter(({ repeats }) => repeats === true)) {
    const start = `--${name}=`;
    const given = options.filter((option) => option.startsWith(start));
    repeated.set(name, given.map((option) => option.slice(start.length)));
  }
  return repeated;
}

/** Checks the number of operands. An error shows the usage of the verb. */
function checkOperands(
  command: Command,
  { others: words, places }: Sorted,
): { ok: false; problem: UsageProblem } | null {
  const { name, operand } = command;
  const help = `write \`${usageOf(command)}\``;
  if (operand !== null && words.length < operand.min) {
    return wrong(`\`${name}\` needs ${operand.name}`, help, places.verb);
  }
  const max = operand?.max ?? 0;
  if (words.length <= max) return null;
  return wrong(`unexpected argument ${quote(words[max]!)}`, help, places.operands[max]);
}

/** Checks that the required options of a verb are there. */
function checkRequired(
  command: Command,
  { values, places }: {
    readonly values: ReadonlyMap<string, string>;
    readonly places: Places;
  },
): { ok: false; problem: UsageProblem } | null {
  const missing = command.options.find(({ name, required }) => required && !values.has(name));
  if (missing === undefined) return null;
  const option = writtenOption(missing);
  return wrong(
    `\`${command.name}\` needs \`${option}\``,
    `write \`${usageOf(command)}\``,
    places.verb,
  );
}

function assemble(
  { verb, values, repeated, operands, places }: {
    verb: string | null;
    values: Map<string, string>;
    repeated: Map<string, string[]>;
    operands: readonly string[];
    places: Places;
  },
): Parse<ParsedLine> {
  const wait = values.get("wait") ?? "10";
  if (!/^\d{1,4}$/.test(wait)) {
    return wrong(
      `invalid value ${quote(wait)} for \`--wait\`: must be 0-9999 seconds`,
      null,
      places.options.get("wait"),
    );
  }
  const asked = FAMILIES.filter((family) => values.has(family));
  const global: GlobalOptions = {
    families: asked.length === 0 ? FAMILIES : asked,
    familyAsked: asked.length === 1,
    backend: (values.get("backend") ?? "system") as Backend,
    wait: Number(wait),
  };
  return ok({
    verb,
    help: values.has("help"),
    version: values.has("version"),
    syslog: values.has("syslog"),
    reporter: {
      quiet: values.has("quiet"),
      color: (values.get("color") ?? "auto") as ReporterOptions["color"],
    },
    call: { global, options: values, repeated, operands },
    places,
  });
}
