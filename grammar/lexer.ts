import { type ILexingResult, Lexer } from "chevrotain";
import { VOCABULARY } from "./tokens.ts";

/**
 * Makes a lexer.
 *
 * @param options with `validate`, chevrotain looks for contradictions in the vocabulary; a test asks
 * for it, so that normal runs do not have to
 * @throws Error if the vocabulary contradicts itself
 */
export function makeLexer({ validate }: { validate: boolean }): Lexer {
  return new Lexer([...VOCABULARY], {
    // The end positions of tokens are needed, and only full tracking has them.
    positionTracking: "full",
    ensureOptimizations: true,
    skipValidations: !validate,
  });
}

let lexer: Lexer | null = null;

/** The lexer, made on first use: it costs nothing in a hook, which reads no `.pk` file. */
export function getLexer(): Lexer {
  lexer ??= makeLexer({ validate: false });
  return lexer;
}

/**
 * Splits text into tokens. Every text can be split: a word of no known shape is a NAME, so there are
 * no lexing errors.
 */
export function tokenize(text: string): ILexingResult {
  return getLexer().tokenize(text);
}
