// How a value of each kind is read from its token, and how it is printed.
import type { ValueKind } from "../../grammar/option_entry.ts";
import type { Spanned, Values } from "./ast.ts";
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

/** What is done with values of one kind. */
export interface ValueForm<V extends ValueKind> {
  /** What a node holds of it; `null` where it cannot be read, which is reported. */
  readonly read: (word: Word, report: Report) => Values[V] | null;
  /** As the canonical form writes it. */
  readonly print: (value: Values[V]) => string;
}

/** The forms of all kinds of value. */
export const VALUE_FORMS: { readonly [V in ValueKind]: ValueForm<V> } = {
  string: {
    read: (word, report) => spanned(word, readString(word, report), (text) => ({ text })),
    print: ({ text }) => quote(text.value),
  },
  level: {
    read: (word) => spanned(word, word.text, (name) => ({ name })),
    print: ({ name }) => name.value,
  },
  interface: {
    read: (word, report) => {
      const read = word.text.startsWith('"') ? readString : readInterface;
      return spanned(word, read(word, report), (name) => ({ name }));
    },
    print: ({ name: { value } }) => isPlainWord(value) ? value : quote(value),
  },
  number: {
    read: (word, report) => spanned(word, readNumber(word, report), (count) => ({ count })),
    print: ({ count }) => String(count.value),
  },
  rate: {
    read: (word, report) => spanned(word, readRate(word, report), (rate) => ({ rate })),
    print: ({ rate: { value } }) => `${value.count}/${value.unit}`,
  },
  duration: {
    read: (word, report) => spanned(word, readDuration(word, report), (duration) => ({ duration })),
    print: ({ duration: { value } }) => `${value.count}${value.unit}`,
  },
};

function spanned<T, N>(
  { span }: Word,
  value: T | null,
  make: (value: Spanned<T>) => N,
): N | null {
  return value === null ? null : make({ value, span });
}

/** Writes a text in quotes. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
