// Reads the tokens of values. Each function returns the value, or reports why there is none.
import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { clip } from "../text/clip.ts";
import type { Span } from "../source/span.ts";
import type { Duration, WrittenRate } from "./ast.ts";

/** A word of the file with its place. */
export interface Word {
  /** As written. */
  readonly text: string;
  /** Its place in the source. */
  readonly span: Span;
}

/** Receives the problems. */
export type Report = (diagnostic: Diagnostic) => void;

/** More digits would not fit a number exactly, and none of the language's numbers has as many. */
const MAX_DIGITS = 9;

/** Units of a duration and of a rate. */
const DURATION_UNITS: readonly Duration["unit"][] = ["s", "m", "h", "d"];
const RATE_UNITS: readonly WrittenRate["unit"][] = ["second", "minute", "hour", "day"];

/** Short and plural units that people write, with the correct ones. */
const UNIT_ALIASES: Readonly<Record<string, Duration["unit"]>> = {
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  min: "m",
  mins: "m",
  minute: "m",
  minutes: "m",
  hr: "h",
  hrs: "h",
  hour: "h",
  hours: "h",
  day: "d",
  days: "d",
};

/**
 * Reads a decimal number.
 *
 * @returns the number, or `null` if it has over nine digits
 */
export function readNumber(word: Word, report: Report): number | null {
  if (word.text.length <= MAX_DIGITS) return Number(word.text);
  report(diagnose(CODES.badNumber, {
    message: `the number \`${clip(word.text)}\` is too long`,
    at: word.span,
    label: `expected at most ${MAX_DIGITS} digits`,
  }));
  return null;
}

/**
 * Reads a text in quotes.
 *
 * @returns the text between the quotes with its escapes resolved, or `null` if it is not closed or
 * holds an unknown escape
 */
export function readString(word: Word, report: Report): string | null {
  const body = /^"((?:[^"\\]|\\.)*)"$/.exec(word.text)?.[1];
  if (body === undefined) {
    report(diagnose(CODES.unclosedString, {
      message: "missing closing quote",
      at: word.span,
      label: 'expected `"` on this line',
    }));
    return null;
  }
  const wrong = /^(?:[^\\]|\\["\\])*?(\\[^"\\])/.exec(body);
  if (wrong !== null) {
    const start = word.span.start + 1 + wrong[0].length - 2;
    report(diagnose(CODES.badEscape, {
      message: `unknown escape \`${wrong[1]}\``,
      at: { ...word.span, start, end: start + 2 },
      label: 'expected `\\"` or `\\\\`',
      help: "to write a backslash, double it",
    }));
    return null;
  }
  return body.replace(/\\(.)/g, "$1");
}

/**
 * Reads a duration such as `90s`.
 *
 * @returns number and unit, or `null` if the unit is unknown or the number too long
 */
export function readDuration(word: Word, report: Report): Duration | null {
  const end = word.text.search(/\D|$/);
  const [digits, written] = [word.text.slice(0, end), word.text.slice(end)];
  const unit = DURATION_UNITS.find((known) => known === written);
  if (unit === undefined) {
    const meant = UNIT_ALIASES[written.toLowerCase()] ??
      DURATION_UNITS.find((known) => known === written.toLowerCase());
    report(diagnose(CODES.badDuration, {
      message: `\`${clip(word.text)}\` has an unknown unit`,
      at: word.span,
      label: "expected `s`, `m`, `h` or `d` after the number",
      help: meant === undefined ? null : `did you mean \`${clip(digits)}${meant}\`?`,
    }));
    return null;
  }
  const count = readNumber({ text: digits, span: word.span }, report);
  return count === null ? null : { count, unit };
}

/**
 * Reads a rate such as `10/minute`.
 *
 * @returns number and unit, or `null` if the unit is unknown or the number too long
 */
export function readRate(word: Word, report: Report): WrittenRate | null {
  const [digits = "", written = ""] = word.text.split("/");
  const unit = RATE_UNITS.find((known) => known === written);
  if (unit === undefined) {
    const short = written.toLowerCase().replace(/(?<=.)s$/, "");
    const meant = RATE_UNITS.find((known) => short !== "" && known.startsWith(short)) ??
      nearest(written, RATE_UNITS);
    report(diagnose(CODES.badRate, {
      message: `\`${clip(word.text)}\` has an unknown unit`,
      at: word.span,
      label: "expected `second`, `minute`, `hour` or `day` after the slash",
      help: meant === null ? null : `did you mean \`${clip(digits)}/${meant}\`?`,
    }));
    return null;
  }
  const count = readNumber({ text: digits, span: word.span }, report);
  return count === null ? null : { count, unit };
}

/** Whether a name needs no quotes. A `+` at the end is the kernel's wildcard for interfaces. */
export function isPlainWord(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]*\+?$/.test(text);
}

/**
 * Reads an interface name without quotes.
 *
 * @returns the name, or `null` if it needs quotes
 */
export function readInterface(word: Word, report: Report): string | null {
  if (isPlainWord(word.text)) return word.text;
  report(diagnose(CODES.unquoted, {
    message: `the interface \`${clip(word.text)}\` needs quotes`,
    at: word.span,
    label: "expected a plain word or a text in double quotes",
    help: `write \`on "${clip(word.text)}"\``,
  }));
  return null;
}
