import { hasControl } from "./printable.ts";

/**
 * Quotes a word for sh(1), for files that a shell reads later. pktables itself
 * starts no shell.
 *
 * @param word any text without control characters; callers must refuse those before
 * @throws {TypeError} if the word holds a control character
 */
export function quoteForShell(word: string): string {
  if (hasControl(word)) throw new TypeError("a control character cannot be written");
  if (/^[A-Za-z0-9_.,:+\/@%-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Writes a text in double quotes, with a backslash ahead of each `"` and backslash in it: as a rules file
 * has it, and systemd.syntax(7).
 */
export function inDoubleQuotes(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
