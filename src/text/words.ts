/** The names of the families in messages. */
export const FAMILY_NAMES: Readonly<Record<"ipv4" | "ipv6", string>> = {
  ipv4: "IPv4",
  ipv6: "IPv6",
};

/** Joins words for a sentence: `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return [words.slice(0, -1).join(", "), words.at(-1)].join(" and ");
}

/** The most words that a list names; the rest is counted. */
const MOST_NAMED = 4;

/** Joins a few words: `a, b, c, d and 12 more`. */
export function shorten(words: readonly string[]): string {
  const more = words.length - MOST_NAMED;
  if (more <= 1) return joinWords(words);
  return joinWords([...words.slice(0, MOST_NAMED), `${more} more`]);
}
