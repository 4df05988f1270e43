/**
 * Writes one word of an iptables-restore line. iptables-restore splits lines at spaces and tabs; inside
 * double quotes a backslash takes the next character as it is (xtables' add_param_to_argv()). A word of
 * plain characters stays bare, as iptables-save prints it.
 *
 * @param word any text without a newline or NUL: one ends the line, the other cannot be passed on
 * @throws {TypeError} if the word holds one of these: callers must refuse it before
 */
export function quoteWord(word: string): string {
  if (!isWritable(word)) throw new TypeError("a newline or NUL cannot be written");
  if (/^[A-Za-z0-9_.,:+\/-]+$/.test(word)) return word;
  return `"${word.replace(/["\\]/g, "\\$&")}"`;
}

/** Whether a text can be in a line of iptables-restore, quoted or not. */
export function isWritable(text: string): boolean {
  return !/[\n\0]/.test(text);
}

/**
 * Options whose value iptables-save prints through xtables_save_string(): in double quotes unless it is
 * plain, with a backslash ahead of a quote or backslash inside. Names of chains, interfaces, sets and
 * lists are printed as they are, so that a `"` in them has no meaning.
 */
const QUOTING = new Set([
  "--comment",
  "--log-prefix",
  "--nflog-prefix",
  "--ulog-prefix",
  "--string",
  "--hex-string",
  "--helper",
  "--path",
  "--selctx",
]);

/** Index of the quote that closes the one at `open`; `end` if there is none. */
function closingQuote(text: string, open: number, end: number): number {
  let at = open + 1;
  while (at < end && text.charAt(at) !== '"') at += text.charAt(at) === "\\" ? 2 : 1;
  return Math.min(at, end);
}

/** Whether the `"` at an index opens a quoted value: behind a space and an option that quotes. */
function opensQuote(text: string, at: number, from: number): boolean {
  if (text.charAt(at - 1) !== " ") return false;
  const space = text.lastIndexOf(" ", at - 2);
  return QUOTING.has(text.slice(Math.max(space + 1, from), at - 1));
}

/**
 * Whether a quoted value of a printed rule continues after `end`: a comment may hold newlines, which
 * iptables-save prints as they are.
 *
 * @param text the output that holds the line from `from` to `end`
 */
export function endsInQuotes(text: string, from: number, end: number): boolean {
  for (let at = quoteIn(text, from, end); at !== null;) {
    const close = opensQuote(text, at, from) ? closingQuote(text, at, end) : at;
    if (close === end) return true;
    at = quoteIn(text, close + 1, end);
  }
  return false;
}

/** The first `"` of a line, which alone is searched: the next one may be megabytes behind it. */
function quoteIn(text: string, from: number, end: number): number | null {
  const at = text.slice(from, end).indexOf('"');
  return at < 0 ? null : from + at;
}

/**
 * Splits a rule as iptables-save prints it into its words, quotes and escapes resolved. Any `"` other
 * than those around the value of an option that quotes is a character of a name.
 *
 * @returns the words, or `null` if a quote is not closed
 */
export function splitWords(text: string): string[] | null {
  if (!text.includes('"')) return text.split(" ").filter((word) => word !== "");
  const words: string[] = [];
  for (let at = 0; at < text.length;) {
    const isQuoted = text.charAt(at) === '"' && QUOTING.has(words.at(-1) ?? "");
    if (isQuoted) {
      const close = closingQuote(text, at, text.length);
      if (close === text.length) return null;
      words.push(text.slice(at + 1, close).replace(/\\([^])/g, "$1"));
      at = close + 1;
      continue;
    }
    const space = text.indexOf(" ", at);
    const end = space < 0 ? text.length : space;
    if (end > at) words.push(text.slice(at, end));
    at = end + 1;
  }
  return words;
}

/**
 * Writes the words of a printed rule so that iptables-restore reads the same rule from them:
 * iptables-save does not quote names, and a `"` in one would open a quote.
 *
 * @param text the words behind `-A CHAIN` as iptables-save printed them
 */
export function rewriteRule(text: string): string {
  if (!text.includes('"')) return text;
  return splitWords(text)?.map(quoteWord).join(" ") ?? text;
}
