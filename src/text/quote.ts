import { escaped } from "./printable.ts";

/** Shows a user's word without letting it write to the terminal. */
export function quote(word: string): string {
  const shown = word.length > 60 ? `${word.slice(0, 60)}…` : word;
  return `\`${escaped(shown)}\``;
}
