import { escaped } from "./printable.ts";

/** Quotes a user's word for a message, safe for a terminal. */
export function quote(word: string): string {
  const shown = word.length > 60 ? `${word.slice(0, 60)}…` : word;
  return `\`${escaped(shown)}\``;
}
