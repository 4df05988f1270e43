// Reads a value of each kind from its token, and prints it.
import { inDoubleQuotes } from "../text/quoted.ts";
import type { ValueKind } from "../../grammar/option_entry.ts";
import type { LogPart, Option, Spanned, Values } from "./ast.ts";
import {
  isPlainWord,
  readDuration,
  readInterface,
  readNumber,
  readRate,
  readString,
  type Report,
  type Word,
} from "./values.ts";

/** A value of a kind without its place. */
export type Bare<V extends ValueKind> = Values[V][keyof Values[V]] extends Spanned<infer T> ? T
  : never;

/** How values of one kind are read and printed. */
export interface ValueForm<V extends ValueKind> {
  /** The field of a node; `null` if it cannot be read, which is reported. */
  readonly read: (word: Word, report: Report) => Values[V] | null;
  /** The value of a node, without its place. */
  readonly bare: (node: Values[V]) => Bare<V>;
  /** Its canonical form. */
  readonly print: (value: Bare<V>) => string;
}

/** The forms of all kinds of value. */
export const VALUE_FORMS: { readonly [V in ValueKind]: ValueForm<V> } = {
  string: {
    read: (word, report) => spanned(word, readString(word, report), (text) => ({ text })),
    bare: ({ text }) => text.value,
    print: inDoubleQuotes,
  },
  level: {
    read: (word) => spanned(word, word.text, (name) => ({ name })),
    bare: ({ name }) => name.value,
    print: (name) => name,
  },
  interface: {
    read: (word, report) => {
      const read = word.text.startsWith('"') ? readString : readInterface;
      return spanned(word, read(word, report), (name) => ({ name }));
    },
    bare: ({ name }) => name.value,
    print: (name) => isPlainWord(name) ? name : inDoubleQuotes(name),
  },
  number: {
    read: (word, report) => spanned(word, readNumber(word, report), (count) => ({ count })),
    bare: ({ count }) => count.value,
    print: String,
  },
  rate: {
    read: (word, report) => spanned(word, readRate(word, report), (rate) => ({ rate })),
    bare: ({ rate }) => rate.value,
    print: ({ count, unit }) => `${count}/${unit}`,
  },
  duration: {
    read: (word, report) => spanned(word, readDuration(word, report), (duration) => ({ duration })),
    bare: ({ duration }) => duration.value,
    print: ({ count, unit }) => `${count}${unit}`,
  },
};

/**
 * The value that a node holds, without its place.
 *
 * @param kind the kind of value of its word in the table of options: a node of another kind has none
 */
export function valueOf<V extends ValueKind>(kind: V, node: Option | LogPart): Bare<V> {
  return VALUE_FORMS[kind].bare(node as unknown as Values[V]);
}

function spanned<T, N>(
  { span }: Word,
  value: T | null,
  make: (value: Spanned<T>) => N,
): N | null {
  return value === null ? null : make({ value, span });
}
