import { wrap } from "../text/wrap.ts";
import type { Code } from "./code.ts";
import { KNOCKD_CODES } from "./codes_knockd.ts";
import { SEMANTIC_CODES } from "./codes_semantic.ts";
import { SYNTAX_CODES } from "./codes_syntax.ts";
import { WARNING_CODES } from "./codes_warning.ts";

/** Every kind of diagnostic, by name: `CODES.unknownWord.code` is `PK004`. */
export const CODES: Readonly<
  typeof SYNTAX_CODES & typeof SEMANTIC_CODES & typeof WARNING_CODES & typeof KNOCKD_CODES
> = { ...SYNTAX_CODES, ...SEMANTIC_CODES, ...WARNING_CODES, ...KNOCKD_CODES };

/** All codes in the order of their numbers. */
export const ALL_CODES: readonly Code[] = Object.values(CODES);

/**
 * What `pktables help PK004` prints.
 *
 * @param code a code such as `PK004`, in any letter case
 * @returns a page that ends with a newline, or `null` if there is no such code
 */
export function explain(code: string): string | null {
  const entry = ALL_CODES.find((known) => known.code === code.toUpperCase());
  if (entry === undefined) return null;
  return [
    `${entry.code} (${entry.severity}): ${entry.title}`,
    "",
    ...wrap(entry.text, 78),
    "",
    "Wrong:",
    ...indent(entry.wrong),
    "",
    "Right:",
    ...indent(entry.right),
    "",
  ].join("\n");
}

function indent(lines: string): string[] {
  return lines.split("\n").map((line) => `    ${line}`);
}
