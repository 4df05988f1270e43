/** How a family is called in messages. */
export const FAMILY_NAMES: Readonly<Record<"ipv4" | "ipv6", string>> = {
  ipv4: "IPv4",
  ipv6: "IPv6",
};

/** Joins words as a sentence does: `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return [words.slice(0, -1).join(", "), words.at(-1)].join(" and ");
}
