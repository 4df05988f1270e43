/** The most characters of a word that a message quotes. */
const MAX_QUOTED = 40;

/**
 * Shortens a word for a message.
 *
 * @param word what the user wrote
 * @returns the word, or its beginning and `…`
 */
export function clip(word: string): string {
  const characters = Array.from(word.slice(0, 2 * MAX_QUOTED + 2));
  if (characters.length <= MAX_QUOTED) return word;
  return characters.slice(0, MAX_QUOTED - 1).join("") + "…";
}
