import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { lineBounds, type Source, spanOf } from "../source/source.ts";
import type { Span } from "../source/span.ts";

/** A line `key = value`. */
export interface Setting {
  /** In lower case; `command` is reported as `start_command`, as knockd does. */
  readonly key: string;
  /** Without white space around it. */
  readonly value: string;
  /** The place of the value. */
  readonly span: Span;
}

/** A section that opens or closes something; `[options]` is not one. */
export interface Section {
  /** The name between the brackets. */
  readonly name: string;
  /** The place of its heading. */
  readonly span: Span;
  /** Its lines that knockd would accept, in their order. */
  readonly settings: readonly Setting[];
}

/** A knockd.conf, and what knockd would refuse in it. */
export interface KnockdConf {
  /** In the order of the file. */
  readonly sections: readonly Section[];
  /** The lines of `[options]` that knockd would accept, in their order. */
  readonly options: readonly Setting[];
  /** One for each line on which knockd exits. */
  readonly refused: readonly Diagnostic[];
}

/** Keys of `[options]`. */
const OPTION_KEYS = ["usesyslog", "logfile", "pidfile", "interface"];

/** Keys of the other sections, and the key that each is reported as. */
const SECTION_KEYS: Readonly<Record<string, string>> = {
  target: "target",
  sequence: "sequence",
  one_time_sequences: "one_time_sequences",
  seq_timeout: "seq_timeout",
  timeout: "seq_timeout",
  start_command: "start_command",
  command: "start_command",
  start_command_6: "start_command_6",
  command_6: "start_command_6",
  cmd_timeout: "cmd_timeout",
  stop_command: "stop_command",
  stop_command_6: "stop_command_6",
  tcpflags: "tcpflags",
};

const FLAGS = ["fin", "syn", "rst", "psh", "ack", "urg"];

/** A section while its lines are read. */
interface Open extends Section {
  readonly settings: Setting[];
}

/** A line without the white space around it. */
interface Line {
  readonly text: string;
  readonly start: number;
}

/**
 * Reads a knockd.conf as knockd 0.8 does: a comment is a line that starts with `#`, keys may be in any
 * letter case, knockd exits on an unknown key.
 *
 * @returns all sections, and a diagnostic for each line on which knockd would exit
 */
export function readKnockdConf(source: Source): KnockdConf {
  const sections: Open[] = [];
  const options: Setting[] = [];
  const refused: Diagnostic[] = [];
  let current: Open | "options" | null = null;
  for (const line of linesOf(source)) {
    if (line.text === "" || line.text.startsWith("#")) continue;
    if (line.text.startsWith("[") && line.text.endsWith("]")) {
      const name = line.text.slice(1, -1);
      const span = spanOf(source, line.start, line.start + line.text.length);
      current = name === "options" ? "options" : { name, span, settings: [] };
      if (current !== "options") sections.push(current);
      if (name === "") {
        refused.push(refuse(span, { message: "a section has no name", help: "give it a name" }));
      }
      continue;
    }
    const read = readSetting(line, { source, current });
    if ("code" in read) refused.push(read);
    else if (current === "options") options.push(read);
    else current?.settings.push(read);
  }
  return { sections, options, refused: [...refused, ...sections.flatMap(withoutSequence)] };
}

function* linesOf(source: Source): Generator<Line> {
  for (let number = 1; number <= source.lineStarts.length; number++) {
    const { start, end } = lineBounds(source, number);
    const raw = source.text.slice(start, end);
    yield { text: raw.trim(), start: start + raw.length - raw.trimStart().length };
  }
}

function readSetting(
  { text, start }: Line,
  { source, current }: { source: Source; current: Open | "options" | null },
): Setting | Diagnostic {
  const equals = text.indexOf("=");
  const written = (equals < 0 ? text : text.slice(0, equals)).trimEnd();
  const key = written.toLowerCase();
  const place = spanOf(source, start, start + Math.max(1, written.length));
  if (current === null) {
    return refuse(place, {
      message: "this line is outside of any section",
      help: "put a line such as [open ssh] above it",
    });
  }
  const keys = current === "options" ? OPTION_KEYS : Object.keys(SECTION_KEYS);
  if (!keys.includes(key)) {
    const near = nearest(key, keys);
    const help = near === null ? `the keys are ${keys.join(", ")}` : `did you mean ${near}?`;
    return refuse(place, { message: `unknown key \`${written}\``, help });
  }
  if ((key === "usesyslog") !== (equals < 0)) {
    return key === "usesyslog"
      ? refuse(place, { message: "UseSyslog takes no value", help: "write it alone on its line" })
      : refuse(place, { message: `${written} needs a value`, help: `write ${written} = …` });
  }
  const value = text.slice(equals + 1).trim();
  const from = start + equals + 1 +
    (text.slice(equals + 1).length - text.slice(equals + 1).trimStart().length);
  const setting = {
    key: SECTION_KEYS[key] ?? key,
    value,
    span: spanOf(source, from, from + Math.max(1, value.length)),
  };
  return wrongFlag(setting) ?? wrongInterface(setting) ?? setting;
}

/** knockd takes the rest of the line as the name (`eth0 # wan`), and finds no such interface. */
function wrongInterface({ key, value, span }: Setting): Diagnostic | null {
  if (key !== "interface" || /^[^\s/]{1,15}$/.test(value)) return null;
  const [name = ""] = value.split(/\s/);
  const help = value.includes("#")
    ? `write ${name} alone, and the comment above it`
    : `write its name alone`;
  return refuse(span, { message: `invalid interface name \`${value}\``, help });
}

function wrongFlag({ key, value, span }: Setting): Diagnostic | null {
  if (key !== "tcpflags") return null;
  const flag = value.split(",").find((one) => !FLAGS.includes(one.replace(/^!/, "").toLowerCase()));
  if (flag === undefined) return null;
  // knockd does not trim flags: it exits on `syn, ack`.
  const help = `write ${FLAGS.join(", ")}, each also with a ! before it, joined by commas alone`;
  return refuse(span, { message: `unknown flag \`${flag}\``, help });
}

function withoutSequence({ name, span, settings }: Section): Diagnostic[] {
  const has = settings.some(({ key }) => key === "sequence" || key === "one_time_sequences");
  if (has || name === "") return [];
  return [
    refuse(span, {
      message: `section ${name} has no sequence`,
      help: "knockd exits on a section without one",
    }),
  ];
}

/** The setting of a key that counts: knockd takes the last of two equal ones. */
export function lastOf({ settings }: Section, wanted: string): Setting | undefined {
  return settings.findLast(({ key }) => key === wanted);
}

/** No duration of a knock is longer: what is, was hardly meant, and a rules file could not keep it. */
const MAX_SECONDS = 10 * 365 * 86_400;

/** Seconds as knockd reads them (atoi(3)); `null` where a rules file could not keep them. */
export function secondsIn(value: string): number | null {
  const seconds = Number(/^\+?\d+/.exec(value)?.[0] ?? 0);
  return seconds >= 1 && seconds <= MAX_SECONDS ? seconds : null;
}

/** Reports a line on which knockd exits. */
export function refuse(
  at: Span,
  { message, help }: { readonly message: string; readonly help: string },
): Diagnostic {
  return diagnose(CODES.knockdRefuses, { message, at, label: "knockd does not start", help });
}
