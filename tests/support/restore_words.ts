// How iptables-restore takes a line apart and how iptables-save prints text. Written from the C
// sources' behaviour as observed, and shares nothing with src/: src/ is compared with it.

/**
 * Splits a line as xtables' add_param_to_argv() does: at spaces and tabs; inside double quotes a
 * backslash takes the next character as it is.
 *
 * @throws {Error} if a quote is not closed
 */
export function splitLine(line: string): string[] {
  const words: string[] = [];
  let word = "";
  let started = false;
  let quoted = false;
  let escaped = false;
  for (const char of line) {
    if (quoted && escaped) {
      word += char;
      escaped = false;
    } else if (quoted && char === "\\") escaped = true;
    else if (char === '"') {
      quoted = !quoted;
      started = true;
    } else if (!quoted && (char === " " || char === "\t")) {
      if (started) words.push(word);
      word = "";
      started = false;
    } else {
      word += char;
      started = true;
    }
  }
  if (quoted) throw new Error("a quote is not closed");
  if (started) words.push(word);
  return words;
}

/** Prints a word as xtables_save_string() does. */
export function saveString(text: string): string {
  if (/^[A-Za-z0-9_-]+$/.test(text)) return text;
  return `"${text.replace(/["'\\]/g, "\\$&")}"`;
}
