/** A word of a shell command, with the place where it starts. */
export interface ShellWord {
  /** The word with its quotes taken off. */
  readonly text: string;
  /** Offset of its first character in the command. */
  readonly start: number;
  /** Offset behind its last character. */
  readonly end: number;
}

/** A part of a command that ends a word: an operator, blanks, quotes, an escape or one character. */
const PART =
  /(?<operator>[;&|()<>\n]+)|(?<blank>\s+)|'(?<single>[^']*)'?|"(?<double>(?:[^"\\]|\\.)*)"?|\\(?<escaped>.?)|(?<plain>[^])/gu;

/**
 * Splits a shell command line into its simple commands, each into words. Expansions are not done, a
 * redirection counts as the start of a new command: enough to see which programs are called with what.
 *
 * @param line what knockd would give to system(3)
 * @returns the simple commands, none of them empty
 */
export function splitCommands(line: string): ShellWord[][] {
  const commands: ShellWord[][] = [];
  let words: ShellWord[] = [];
  let word = null as { text: string; start: number } | null;
  const endWord = (end: number) => {
    if (word !== null) words.push({ ...word, end });
    word = null;
  };
  for (const { index, groups = {}, 0: whole } of line.matchAll(PART)) {
    const { operator, blank, single, double, escaped, plain } = groups;
    if (plain === "#" && word === null) {
      endWord(index);
      break;
    }
    if (operator !== undefined || blank !== undefined) {
      endWord(index);
      if (operator !== undefined && words.length > 0) {
        commands.push(words);
        words = [];
      }
      continue;
    }
    const text = single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain ?? whole;
    word = { text: (word?.text ?? "") + text, start: word?.start ?? index };
  }
  endWord(line.length);
  if (words.length > 0) commands.push(words);
  return commands;
}
