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
