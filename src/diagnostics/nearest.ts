/** Words longer than this are not compared: they are no typos of a keyword. */
const MAX_WORD = 64;

/**
 * The known word that was most likely meant.
 *
 * @param word what was written
 * @param known the valid words; of equally near ones the first wins
 * @returns the nearest word within one edit for every three letters (at least one), or `null`; an
 * edit is a letter added, left out, changed, or swapped with its neighbour (Damerau–Levenshtein,
 * optimal string alignment); letter case does not count
 *
 * @example
 * ```ts
 * nearest("sny", ["drop", "syn"]); // "syn"
 * ```
 */
export function nearest(word: string, known: Iterable<string>): string | null {
  if (word.length > MAX_WORD) return null;
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let limit = Math.max(1, Math.floor(word.length / 3));
  for (const candidate of known) {
    // At least one character of the candidate has to remain after the edits.
    const own = Math.min(limit, candidate.length - 1);
    if (Math.abs(candidate.length - word.length) > own) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance <= own) {
      best = candidate;
      limit = distance - 1;
    }
  }
  return best;
}

/**
 * The least number of edits that turn one word into the other; a swap of neighbours is one edit.
 *
 * @returns 0 for equal words
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let least = Math.min(
        above[column]! + 1,
        current[column - 1]! + 1,
        above[column - 1]! + same,
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] &&
        a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, before[column - 2]! + 1);
      current.push(least);
    }
    before = above;
    above = current;
  }
  return above[b.length]!;
}
