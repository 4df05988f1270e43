/**
 * Writes one word of an iptables-restore line. iptables-restore splits lines at spaces; inside double
 * quotes a backslash takes the next character as it is (xtables' add_param_to_argv()). A word of
 * plain characters stays bare, as iptables-save prints it.
 *
 * @param word any text without control characters; a newline cannot be written and is a bug here
 * @throws {TypeError} if the word holds a control character: the callers have refused it before
 */
export function quoteWord(word: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what this refuses
  if (/[\x00-\x1f\x7f]/.test(word)) throw new TypeError("a control character cannot be written");
  if (/^[A-Za-z0-9_.,:+\/-]+$/.test(word)) return word;
  return `"${word.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * Splits a rule as iptables-save prints it into its words, quotes and escapes resolved.
 *
 * @returns the words, or `null` if a quote is not closed
 */
export function splitWords(text: string): string[] | null {
  if (!text.includes('"')) return text.split(" ").filter((word) => word !== "");
  const words: string[] = [];
  let word: string | null = null;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quoted && char === "\\") word += text.charAt(++at);
    else if (char === '"') {
      quoted = !quoted;
      word ??= "";
    } else if (char === " " && !quoted) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + char;
  }
  if (quoted) return null;
  if (word !== null) words.push(word);
  return words;
}

/**
 * Writes a word so that sh(1) reads it as it is: for files that a shell reads later. pktables itself
 * starts no shell.
 *
 * @param word any text without control characters; those are a bug here, the callers refuse them
 * @throws {TypeError} if the word holds a control character
 */
export function quoteForShell(word: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what this refuses
  if (/[\x00-\x1f\x7f]/.test(word)) throw new TypeError("a control character cannot be written");
  if (/^[A-Za-z0-9_.,:+\/@%-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
