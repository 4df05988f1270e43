// Recovery at the next statement. The tokens are cut where statements seem to start and each piece is
// parsed by itself, so that an error in one cannot reach the next: one error, one message.
import type { IToken } from "chevrotain";
import type { StatementCstNode } from "./cst.d.ts";
import { getParser } from "./parser.ts";
import { COMMA, EQUALS, KEYWORD_TOKENS, NAME, NUMBER, STRING } from "./tokens.ts";
import { STATEMENTS, wordsOf } from "./words.ts";

const K = KEYWORD_TOKENS;

const STATEMENT_TOKENS = wordsOf(STATEMENTS).map((word) => K[word]);

/** The error in one piece of a file. */
export interface SyntaxProblem {
  /** What was expected, as parser.ts keys it: `rule`, `rule/token` or `end`. */
  readonly key: string;
  /** The token that was not allowed there, or `null` if the piece ended too early. */
  readonly found: IToken | null;
  /** The token ahead of that place. */
  readonly previous: IToken | null;
  /** The first token of the piece. */
  readonly first: IToken;
  /** What could be read of the statement. */
  readonly partial: StatementCstNode | null;
}

/**
 * After this many errors nothing more is read: it is another kind of file, and 4 MiB of it must
 * not keep a router busy for a minute.
 */
export const MAX_MISTAKES = 10_000;

/** What could be read of a file with errors in it. */
export interface Recovered {
  /** Statements, some of them in part. */
  readonly statements: readonly StatementCstNode[];
  /** One an error. */
  readonly mistakes: readonly SyntaxProblem[];
}

/**
 * Reads a file that does not parse as a whole.
 *
 * @param text the file, from which line starts are seen
 * @param tokens all its tokens
 * @returns statements and errors in file order; one more than `MAX_MISTAKES` at most, what
 * follows is not read
 */
export function recover(text: string, tokens: readonly IToken[]): Recovered {
  const statements: StatementCstNode[] = [];
  const mistakes: SyntaxProblem[] = [];
  const starts = findStarts(text, tokens);
  for (let i = 0; i < starts.length && mistakes.length <= MAX_MISTAKES; i++) {
    const start = starts[i] ?? 0;
    let outcome = parsePiece(tokens.slice(start, starts[i + 1]));
    const rest = startOfRest(outcome);
    if (rest !== null) {
      // The statement was complete; what follows starts a second one, but does not look like one.
      if (outcome.statement !== null) statements.push(outcome.statement);
      outcome = parsePiece(tokens.slice(start + rest, starts[i + 1]));
    } else if (outcome.mistake?.found === null) {
      // The keyword that seemed to start the next statement may be the missing name of this one.
      const joined = parsePiece(tokens.slice(start, starts[i + 2]));
      if (joined.mistake === null) {
        outcome = joined;
        i++;
      }
    }
    if (outcome.statement !== null) statements.push(outcome.statement);
    if (outcome.mistake !== null) mistakes.push(outcome.mistake);
  }
  return { statements, mistakes };
}

/** Where a piece continues with the keyword of another statement, or `null`. */
function startOfRest({ mistake, index }: Outcome): number | null {
  const isRest = mistake?.key === "end" && mistake.found !== null && isStatementWord(mistake.found);
  return isRest ? index : null;
}

function isStatementWord({ tokenType }: IToken): boolean {
  return STATEMENT_TOKENS.includes(tokenType);
}

/** Indices of the tokens with which statements seem to start; the first token is always one. */
function findStarts(text: string, tokens: readonly IToken[]): number[] {
  const starts: number[] = [];
  for (const [index, token] of tokens.entries()) {
    const isStart = isUnknownLine(text, token, tokens[index - 1]) || isStatementWord(token) &&
        (isFirstOnLine(text, token) || looksLikeStatement(tokens, index));
    if (index === 0 || isStart) starts.push(index);
  }
  return starts;
}

/**
 * Whether an unknown word starts at the left edge of a line, where statements do: most likely it was meant to
 * start one. After a comma or an equals sign it continues a list.
 */
function isUnknownLine(text: string, token: IToken, previous: IToken | undefined): boolean {
  const before = text[token.startOffset - 1];
  const isAtEdge = before === "\n" || before === "\r";
  const isListed = previous?.tokenType === COMMA || previous?.tokenType === EQUALS;
  return token.tokenType === NAME && isAtEdge && !isListed;
}

/** Whether there are only blanks between the start of the line and a token. */
function isFirstOnLine(text: string, token: IToken): boolean {
  let at = token.startOffset - 1;
  while (text[at] === " " || text[at] === "\t") at--;
  return text[at] === "\n" || text[at] === "\r";
}

/** Whether the keyword at `index` is followed by what its statement expects. */
function looksLikeStatement(tokens: readonly IToken[], index: number): boolean {
  const [word, second, third] = tokens.slice(index, index + 3).map((token) => token.tokenType);
  if (word === K.include) return second === STRING;
  if (word === K.expect) return (second === K.tcp || second === K.udp) && third === NUMBER;
  const isNamed = second !== undefined &&
    (second === NAME || (second.CATEGORIES ?? []).includes(NAME));
  if (word === K.define) return isNamed && third === EQUALS;
  return isNamed && (third === K.tcp || third === K.udp);
}

/** A statement, complete or partial, and its error. */
interface Outcome {
  readonly statement: StatementCstNode | null;
  readonly mistake: SyntaxProblem | null;
  /** Index in the piece of the token that the error is about. */
  readonly index: number;
}

function parsePiece(piece: IToken[]): Outcome {
  const parser = getParser();
  parser.input = piece;
  const statement = parser.statement() as StatementCstNode | undefined;
  const error = parser.errors[0];
  const first = piece[0];
  if (error === undefined || first === undefined) {
    return { statement: statement ?? null, mistake: null, index: 0 };
  }
  const index = piece.indexOf(error.token);
  const isAtEnd = index < 0;
  const partial = statement ?? parsePart(piece, isAtEnd ? piece.length : index);
  const previous = piece[(isAtEnd ? piece.length : index) - 1] ?? null;
  const found = isAtEnd ? null : error.token;
  const mistake = { key: error.message, found, previous, first, partial };
  return { statement: partial, mistake, index };
}

/** How many tokens may be cut off ahead of an error to be left with a statement: `log`, `prefix`. */
const MAX_CUT = 2;

/**
 * What is ahead of an error, as far as it is a statement. Of a list at least the name is
 * kept, so that an error among its addresses does not make every use of the name a second one.
 */
function parsePart(piece: IToken[], length: number): StatementCstNode | null {
  const parser = getParser();
  for (let cut = 0; cut <= MAX_CUT && cut < length; cut++) {
    parser.input = piece.slice(0, length - cut);
    const statement = parser.statement() as StatementCstNode | undefined;
    if (statement !== undefined) return statement;
  }
  const [word, name] = piece;
  if (word?.tokenType === K.define && name !== undefined && length >= 2) {
    const define = { name: "define", children: { Define: [word], NAME: [name] } };
    return { name: "statement", children: { define: [define] } } as unknown as StatementCstNode;
  }
  return null;
}
