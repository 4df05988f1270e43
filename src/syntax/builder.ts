import { type Source, spanOf } from "../source/source.ts";
import type { Span } from "../source/span.ts";
import type { Report, Word } from "./values.ts";

/** The parts of a token that the tree builder needs. */
export interface Token {
  /** As written. */
  readonly image: string;
  /** Where it starts. */
  readonly startOffset: number;
}

/** What every function that builds a node needs. */
export interface Builder {
  /** The file that is read. */
  readonly source: Source;
  /** Receives the problems. */
  readonly report: Report;
}

/** A token as a word with its place. */
export function wordOf(builder: Builder, token: Token): Word {
  return { text: token.image, span: spanBetween(builder, token, token) };
}

/** The place from the start of one token to the end of another. */
export function spanBetween(builder: Builder, first: Token, last: Token): Span {
  return spanOf(builder.source, first.startOffset, last.startOffset + last.image.length);
}

/** Removes the nodes that could not be built. */
export function compact<T>(items: readonly (T | null)[]): T[] {
  return items.filter((item) => item !== null);
}
