// What a terminal may see. Names of chains and interfaces, comments of rules and file names are other
// people's text: a control sequence in them would control the reader's terminal, and a bidirectional
// control would show a rule in another order than it has ("Trojan Source", CVE-2021-42574). Only this
// module defines these characters.

/** Characters that look like a space or are invisible, but do not separate words. */
const INVISIBLE = "\\xa0\\xad\\u200b\\u202f\\u2060\\ufeff";

/** C1 and DEL; marks and controls of direction; the two line ends of Unicode. */
const HIDDEN = "\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069";

/** Half of a surrogate pair, which no terminal encoding has. */
const LONE = "[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]";

/** Everything that must not reach a terminal in a single-line text. */
const IN_LINE = new RegExp(`[\\x00-\\x1f${INVISIBLE}${HIDDEN}]|${LONE}`, "g");

/** The same for a multi-line text. */
const IN_LINES = new RegExp(`[\\x00-\\x09\\x0b-\\x1f${INVISIBLE}${HIDDEN}]|${LONE}`, "g");

/** The same for JSON, which has escaped C0 and lone surrogates already (ECMA-404, well-formed stringify). */
const IN_JSON = new RegExp(`[${INVISIBLE}${HIDDEN}]`, "g");

const INVISIBLE_ONE = new RegExp(`[${INVISIBLE}]`);

/** Whether a text has a control character of ASCII, a newline too: no name and no path may hold one. */
export function hasControl(text: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what this finds
  return /[\x00-\x1f\x7f]/.test(text);
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (INVISIBLE_ONE.test(character)) return "\u2423";
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}

/**
 * Makes a single-line text safe to print on a terminal: control characters, including newlines, become
 * their pictures (U+2400…), false spaces become `␣`, controls of text direction become U+FFFD.
 *
 * @returns a text of the same length in UTF-16 units
 */
export function printable(text: string): string {
  return text.replace(IN_LINE, picture);
}

/**
 * The same as {@link printable} for a multi-line text: newlines stay.
 *
 * @returns a text of the same length in UTF-16 units, with the same lines
 */
export function printableLines(text: string): string {
  return text.replace(IN_LINES, picture);
}

/**
 * Writes what must not reach a terminal by its code point, as `\u{1b}`: for a word that a message quotes,
 * and for a log, where it matters which character it was.
 */
export function escaped(text: string): string {
  return text.replace(IN_LINE, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`);
}

/**
 * Writes JSON that is safe on a terminal: JSON.stringify() leaves U+007F to U+009F and the controls of
 * direction as they are. They are escaped, so that a parser reads exactly the same text.
 *
 * @param value what JSON.stringify() takes
 * @param indent spaces a level; 0 for all in one line
 */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(
    IN_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
