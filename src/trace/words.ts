/** One word of a rule, and whether it was quoted (then it is never an option). */
export interface Word {
  /** The word, its quotes and escapes resolved. */
  readonly text: string;
  /** Whether it was printed in quotes. */
  readonly quoted: boolean;
}

/**
 * Options whose value iptables-save prints as it is, even with a `"` in it: names of chains,
 * interfaces, sets and lists. Every other value goes through xtables_save_string(), which quotes it.
 */
const UNQUOTED = new Set([
  ...["-i", "-o", "-j", "-g", "--name", "--hashlimit-name", "--match-set", "--add-set"],
  ...["--del-set", "--map-set", "--physdev-in", "--physdev-out", "--helper", "--nfacct-name"],
  ...["--label", "--rateest-name", "--rateest1", "--rateest2", "--led-trigger-id", "--timeout"],
]);

/**
 * Splits a rule, as iptables-save prints it, into words. A `"` starts a quoted word only where
 * iptables-save prints one, so that a `"` in the name of a chain or interface does no harm.
 *
 * @param text the words behind `-A CHAIN`
 * @returns the words, or `null` if a quote is not closed (a comment with a line feed in it does that)
 */
export function splitRule(text: string): Word[] | null {
  if (!text.includes('"')) {
    return text.split(" ").filter((word) => word !== "").map((word) => ({
      text: word,
      quoted: false,
    }));
  }
  const words: Word[] = [];
  let at = 0;
  let previous = "";
  while (at < text.length) {
    if (text[at] === " ") {
      at++;
      continue;
    }
    const quoted = text[at] === '"' && !UNQUOTED.has(previous);
    const end = quoted ? endOfQuoted(text, at) : endOfBare(text, at);
    if (end < 0) return null;
    const raw = text.slice(at, end);
    const word = quoted ? raw.slice(1, -1).replace(/\\(.)/gs, "$1") : raw;
    words.push({ text: word, quoted });
    previous = quoted ? "" : word;
    at = end;
  }
  return words;
}

function endOfBare(text: string, start: number): number {
  const space = text.indexOf(" ", start);
  return space < 0 ? text.length : space;
}

/** The end of a quoted word: after the first `"` that no backslash precedes; negative if there is none. */
function endOfQuoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') {
      return at + 1 === text.length || text[at + 1] === " " ? at + 1 : -1;
    }
  }
  return -1;
}
