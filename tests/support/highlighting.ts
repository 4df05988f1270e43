import type { TokenType } from "chevrotain";
import { tokenize } from "../../grammar/lexer.ts";
import { OPTIONS } from "../../grammar/options.ts";

/** How an editor must classify a word. */
export type Kind =
  | "statement"
  | "protocol"
  | "policy"
  | "option"
  | "defined"
  | "interface"
  | "level"
  | "name"
  | "string"
  | "address"
  | "number"
  | "duration"
  | "rate"
  | "operator"
  | "comma"
  | "comment";

/** A word of a text, with what it is by the lexer and the keyword ahead of it. */
export interface Word {
  readonly text: string;
  /** From 0, in UTF-16 units. */
  readonly offset: number;
  readonly kind: Kind;
}

const KINDS: Readonly<Record<string, Kind>> = {
  include: "statement",
  define: "statement",
  service: "statement",
  expect: "statement",
  tcp: "protocol",
  udp: "protocol",
  ipv4: "protocol",
  ipv6: "protocol",
  drop: "policy",
  accept: "policy",
  reject: "policy",
  NAME: "name",
  STRING: "string",
  ADDRESS: "address",
  NUMBER: "number",
  DURATION: "duration",
  RATE: "rate",
  "-": "operator",
  ":": "operator",
  "=": "operator",
  ",": "comma",
};

/** What the word behind these is, even if it is spelled like a keyword. */
const BEHIND: Readonly<Record<string, Kind>> = {
  service: "defined",
  define: "defined",
  on: "interface",
  level: "level",
};

/** A keyword as a name, near misses of shapes, signs without blanks. */
export const ODD_WORDS = `service log tcp 514 drop # a keyword names it
define on=10.0.0.0/8,::1, log-1
service ssh tcp 22-23,80 on ppp+ knock 1:udp,2:tcp within 5s for 1d close 2,1 by kernel knock once "/f" by knockd log level err limit 1/hour
include "a \\" # b.pk"
expect tcp 22 from anyone to ::1 on br-0 established drop
expect udp 53 from log accept
`;

/** The examples of the table of options, as the lines of a file. */
function tableExamples(): string {
  const examples: readonly string[] = OPTIONS.flatMap((entry): readonly string[] => entry.examples);
  return examples.map((example) => `${example}\n`).join("");
}

/** All .pk files of grammar/examples, the examples of the table of options, and the odd words. */
export function samples(): string[] {
  const read = (folder: URL): string[] =>
    [...Deno.readDirSync(folder)].flatMap((entry) =>
      entry.isDirectory
        ? read(new URL(`${entry.name}/`, folder))
        : Deno.readTextFileSync(new URL(entry.name, folder))
    );
  return [...read(new URL("../../grammar/examples/", import.meta.url)), tableExamples(), ODD_WORDS];
}

/** Splits a text as the program's own lexer does. */
export function wordsOf(text: string): Word[] {
  const { tokens, groups } = tokenize(text);
  const words = tokens.map(({ tokenType, image, startOffset }, at): Word => {
    const before = tokens[at - 1]?.tokenType;
    const behind = before === undefined ? undefined : BEHIND[labelOf(before)];
    // Where a keyword names something, it is no keyword for what comes behind it.
    const named = at > 1 && BEHIND[labelOf(tokens[at - 2]!.tokenType)] !== undefined;
    const kind = behind !== undefined && !named && image[0] !== '"'
      ? behind
      : KINDS[labelOf(tokenType)] ?? "option";
    return { text: image, offset: startOffset, kind };
  });
  const comments = (groups["comments"] ?? []).map(({ image, startOffset }): Word => (
    { text: image, offset: startOffset, kind: "comment" }
  ));
  return [...words, ...comments];
}

function labelOf({ LABEL, name }: TokenType): string {
  return LABEL ?? name;
}
