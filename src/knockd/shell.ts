/** A word of a shell command, with the place where it starts. */
export interface ShellWord {
  /** The word without its quotes. */
  readonly text: string;
  /** Offset of its first character in the command. */
  readonly start: number;
  /** Offset behind its last character. */
  readonly end: number;
  /** Whether the shell expands it: a variable, a command, file names. */
  readonly expands: boolean;
}

/**
 * A part of a command: a redirection, a run of characters that mean nothing to a shell, an operator,
 * blanks, quotes, an escape or one other character.
 */
const PART =
  /(?<redirect>\d*(?:&>>|&>|<<<|<<-?|<>|<&|>>|>\||>&|[<>]))|(?<run>(?:[A-Za-z%_.\/:=,@+-]|\d+(?![\d<>&]))+)|(?<operator>[;&|()\n]+)|(?<blank>\s+)|'(?<single>[^']*)'?|"(?<double>(?:[^"\\]|\\.)*)"?|\\(?<escaped>.?)|(?<plain>[^])/gu;

/** A word while its parts are read. */
interface Open {
  text: string;
  start: number;
  expands: boolean;
}

/**
 * Splits a shell command line into its simple commands, each into words. Expansions are not done and
 * redirections left out: enough to see which programs are called with what.
 *
 * @param line what knockd would give to system(3)
 * @returns the simple commands, none of them empty
 */
export function splitCommands(line: string): ShellWord[][] {
  const commands: ShellWord[][] = [];
  let words: ShellWord[] = [];
  let word = null as Open | null;
  let isTarget = false;
  const endWord = (end: number) => {
    if (word !== null && !isTarget) words.push({ ...word, end });
    if (word !== null) isTarget = false;
    word = null;
  };
  for (const { index, groups = {}, 0: whole } of line.matchAll(PART)) {
    const { redirect, run, operator, blank, single, double, escaped, plain } = groups;
    if (plain === "#" && word === null) break;
    if (redirect !== undefined) {
      // Digits belong to the redirection only if they are the whole word before it.
      const digits = redirect.slice(0, redirect.search(/\D/));
      if (word !== null) word.text += digits;
      endWord(index + digits.length);
      isTarget = true;
      continue;
    }
    if (operator !== undefined || blank !== undefined) {
      endWord(index);
      if (operator !== undefined) {
        isTarget = false;
        if (words.length > 0) commands.push(words);
        words = [];
      }
      continue;
    }
    const text = single ?? double?.replace(/\\(["\\$`])/g, "$1") ?? escaped ?? plain ?? run ??
      whole;
    const expands = /[$`]/.test(double?.replace(/\\./g, "") ?? "") ||
      /[$`*?[]/.test(plain ?? "") || (plain === "~" && word === null);
    word ??= { text: "", start: index, expands: false };
    word.text += text;
    word.expands ||= expands;
  }
  endWord(line.length);
  if (words.length > 0) commands.push(words);
  return commands;
}
