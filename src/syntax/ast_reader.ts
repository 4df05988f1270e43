import { parse } from "../../grammar/parse.ts";
import { MAX_MISTAKES } from "../../grammar/recovery.ts";
import { CODES } from "../diagnostics/codes.ts";
import { diagnose, type Diagnostic, inFileOrder } from "../diagnostics/diagnostic.ts";
import { type Source, spanOf } from "../source/source.ts";
import type { Span } from "../source/span.ts";
import type { File } from "./ast.ts";
import { buildAst } from "./ast_builder.ts";

/** A comment, from its `#` to the end of its line. */
export interface Comment {
  /** Its place in the source. */
  readonly span: Span;
  /** As written, without blanks at its end. */
  readonly text: string;
}

/** The content of one file by itself: nothing is included, looked up or expanded. */
export interface Syntax {
  /**
   * The tree, or `null` if the file is not text. If there are errors, statements may be missing or
   * incomplete: then do not warn about what is not there.
   */
  readonly file: File | null;
  /** All comments in file order. */
  readonly comments: readonly Comment[];
  /** Its syntax errors, in file order. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads one `.pk` file.
 *
 * @param source the file, as `decodeSource` or `makeSource` gives it
 * @returns its tree, its comments and its errors; never throws, whatever the file holds
 *
 * @example
 * ```ts
 * const { file, diagnostics } = readSyntax(makeSource("rules.pk", "service ssh tcp 22 syn drop\n"));
 * ```
 */
export function readSyntax(source: Source): Syntax {
  const problem = describeProblem(source);
  if (problem !== null) return { file: null, comments: [], diagnostics: [problem] };
  const { cst, comments, diagnostics } = parse(source);
  const built = buildAst(source, cst);
  return {
    file: built.file,
    comments: comments.map(({ image, startOffset }) => {
      const text = image.trimEnd();
      return { text, span: spanOf(source, startOffset, startOffset + text.length) };
    }),
    diagnostics: limit(source, inFileOrder([...diagnostics, ...built.diagnostics])),
  };
}

/** Drops the errors after the limit, and adds an error that says so. */
function limit(source: Source, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const last = diagnostics[MAX_MISTAKES - 1];
  if (last === undefined || diagnostics.length === MAX_MISTAKES) return diagnostics;
  const { end } = last.primary.span;
  const stop = diagnose(CODES.tooManySyntaxErrors, {
    message: `more than ${MAX_MISTAKES} errors`,
    at: spanOf(source, end, end),
    label: "what follows was not read",
    help: "is this a `.pk` file?",
  });
  return [...diagnostics.slice(0, MAX_MISTAKES), stop];
}

/** Why a file is not readable text, or `null`. */
function describeProblem(source: Source): Diagnostic | null {
  if (source.problem === null) return null;
  const { kind, offset } = source.problem;
  if (kind === "too-large") {
    return diagnose(CODES.fileTooLarge, {
      message: `the file \`${source.name}\` is over 4 MiB`,
      at: spanOf(source, 0, 0),
      help: "split it, and `include` the parts",
    });
  }
  const at = spanOf(source, offset, offset + 1);
  return kind === "nul"
    ? diagnose(CODES.nulByte, {
      message: "the file contains a NUL byte",
      at,
      help: "it may be saved as UTF-16, or not be text",
    })
    : diagnose(CODES.badUtf8, {
      message: "the file is not UTF-8",
      at,
      label: "the first invalid byte",
      help: "save the file as UTF-8",
    });
}
