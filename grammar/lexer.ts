import { type ILexingResult, Lexer } from "chevrotain";
import { VOCABULARY } from "./tokens.ts";

let lexer: Lexer | null = null;

/**
 * The lexer, made when first asked for: a hook that reads no `.pk` file never pays for it.
 *
 * @throws Error if the vocabulary contradicts itself, which a test finds out
 */
export function getLexer(): Lexer {
  lexer ??= new Lexer([...VOCABULARY], {
    // The ends of tokens are needed, and only the full tracking has them.
    positionTracking: "full",
    ensureOptimizations: true,
  });
  return lexer;
}

/**
 * Splits text into tokens. Every text can be split: a word of no known shape is a NAME, so there are
 * no lexing errors.
 */
export function tokenize(text: string): ILexingResult {
  return getLexer().tokenize(text);
}
