import type { CstNode, IToken } from "chevrotain";
import type { Diagnostic } from "../src/diagnostics/diagnostic.ts";
import type { Source } from "../src/source/source.ts";
import type { FileCstNode } from "./cst.d.ts";
import { describeSyntaxError } from "./expectations.ts";
import { tokenize } from "./lexer.ts";
import { getParser } from "./parser.ts";
import { recover } from "./recovery.ts";
import { COMMENTS } from "./tokens.ts";

/** What a text was read into. */
export interface ParseResult {
  /** The tree; statements with errors are left out, or there in the part that could be read. */
  readonly cst: FileCstNode;
  /** All comments in file order, each from its `#` to the end of its line. */
  readonly comments: readonly IToken[];
  /** One message an error, in file order. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a `.pk` file into its concrete syntax tree.
 *
 * @param source the file; its `problem` must be null
 * @returns the tree and what is wrong with it; never throws, whatever the text
 */
export function parse(source: Source): ParseResult {
  const { tokens, groups } = tokenize(source.text);
  const comments = groups[COMMENTS] ?? [];
  const parser = getParser();
  parser.input = tokens;
  const whole = parser.file() as CstNode | undefined;
  if (whole !== undefined && parser.errors.length === 0) {
    return { cst: whole as FileCstNode, comments, diagnostics: [] };
  }
  const { statements, mistakes } = recover(source.text, tokens);
  return {
    cst: { name: "file", children: { statement: [...statements] } },
    comments,
    diagnostics: mistakes.map((mistake) => describeSyntaxError(source, mistake)),
  };
}
