// The vocabulary. A word is everything between separators, and its whole shape decides its kind:
// every pattern but the keywords' looks ahead to the word's end. So a near miss stays one word, and
// one word gives one message. What fits no shape is a NAME; whether it is valid depends on the place.
import { createToken, type ITokenConfig, Lexer, type TokenType } from "chevrotain";
import { type ValueKind, VALUES } from "./option_entry.ts";
import { type Keyword, KEYWORDS, tokenName } from "./words.ts";

/** What ends a word. */
const SEPARATORS = ' \\t\\r\\n,="#';
/** One character of a word. */
const INNER = `[^${SEPARATORS}]`;
/** The place where a word ends. */
const END = `(?!${INNER})`;

/**
 * Makes a token type. What its words can start with, and that none holds the end of a line, is stated
 * here: otherwise chevrotain analyses each pattern at each start of the program.
 *
 * @param starts every character that a word of it can start with
 */
function makeToken(config: ITokenConfig, starts: string | number[]): TokenType {
  const hint = typeof starts === "string" ? [...starts] : starts;
  return createToken({ line_breaks: false, start_chars_hint: hint, ...config });
}

const DIGITS = "0123456789";

/** Any character code that can start a word; above 255 one of each of chevrotain's buckets is enough. */
function wordStarts(): number[] {
  const codes: number[] = [];
  for (let code = 0; code < 256; code++) {
    if (!' \t\r\n,="#'.includes(String.fromCharCode(code))) codes.push(code);
  }
  for (let code = 256; code < 0xffff; code += 255) codes.push(code);
  return [...codes, 0xffff];
}

/** A name, a keyword where a name is expected, or a word of no known shape. */
export const NAME: TokenType = makeToken(
  { name: "NAME", pattern: new RegExp(`${INNER}+`) },
  wordStarts(),
);

/** Token types of the keywords, by word. Each is a NAME too. */
export const KEYWORD_TOKENS: Readonly<Record<Keyword, TokenType>> = Object.fromEntries(
  KEYWORDS.map((word) => [
    word,
    createToken({
      name: tokenName(word),
      label: word,
      pattern: word,
      longer_alt: NAME,
      categories: [NAME],
    }),
  ]),
) as Record<Keyword, TokenType>;

/** Text in quotes; one that its line does not close is a STRING too, and is reported later. */
export const STRING: TokenType = makeToken({
  name: "STRING",
  pattern: /"(?:[^"\\\r\n]|\\[^\r\n]?)*"?/,
}, '"');

/**
 * What looks like an address: two colons, digits and a dot, a number and a slash, or two numbers and
 * a colon (as iptables writes ranges of ports, so that the message can say what to write instead).
 */
export const ADDRESS: TokenType = makeToken({
  name: "ADDRESS",
  pattern: new RegExp(
    `(?:[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*(?:[/%]${INNER}*)?` +
      `|[0-9]+\\.${INNER}*|[0-9]+/[0-9]*|[0-9]+:[0-9]+)${END}`,
  ),
}, `${DIGITS}ABCDEFabcdef:`);

/** A number with a unit, known or not. */
export const DURATION: TokenType = makeToken({
  name: "DURATION",
  pattern: new RegExp(`[0-9]+[A-Za-z]+${END}`),
}, DIGITS);

/** A number by a unit, known or not. */
export const RATE: TokenType = makeToken({
  name: "RATE",
  pattern: new RegExp(`[0-9]+/[A-Za-z]+${END}`),
}, DIGITS);

/** A number: a word of its own, or what precedes `-` in a range and `:` in a knock. */
export const NUMBER: TokenType = makeToken({
  name: "NUMBER",
  pattern: new RegExp(`[0-9]+(?:(?=-[0-9]*${END})|(?=:[A-Za-z]*${END})|${END})`),
}, DIGITS);

/** Joins the two ends of a range of ports. */
export const MINUS: TokenType = makeToken({
  name: "MINUS",
  label: "-",
  pattern: new RegExp(`-(?=[0-9]*${END})`),
}, "-");

/** Joins port and protocol of a knock. */
export const COLON: TokenType = makeToken({
  name: "COLON",
  label: ":",
  pattern: new RegExp(`:(?=[A-Za-z]*${END})`),
}, ":");

/** Separates the items of a list. */
export const COMMA: TokenType = createToken({ name: "COMMA", label: ",", pattern: "," });

/** Stands between the name of a list and its items. */
export const EQUALS: TokenType = createToken({ name: "EQUALS", label: "=", pattern: "=" });

const WHITE_SPACE = makeToken({
  name: "WHITE_SPACE",
  pattern: /[ \t\r\n]+/,
  group: Lexer.SKIPPED,
  line_breaks: true,
}, " \t\r\n");

/** Name of the lexer's group that collects comments. */
export const COMMENTS = "comments";

const COMMENT = makeToken(
  { name: "COMMENT", pattern: /#[^\r\n]*/, group: COMMENTS },
  "#",
);

/** All tokens that the parser sees, in the order in which the lexer tries them. */
export const PARSED_TOKENS: readonly TokenType[] = [
  COMMA,
  EQUALS,
  STRING,
  // The longer first: `on` would be found at the start of `once`.
  ...KEYWORDS.toSorted((a, b) => b.length - a.length).map((word) => KEYWORD_TOKENS[word]),
  ADDRESS,
  DURATION,
  RATE,
  NUMBER,
  MINUS,
  COLON,
  NAME,
];

/** The tokens that hold a value of a kind, by their names in the table of options. */
export function tokensOf(value: ValueKind): readonly TokenType[] {
  const names: readonly string[] = VALUES[value].tokens;
  return PARSED_TOKENS.filter(({ name }) => names.includes(name))
    .sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
}

/** The whole vocabulary. */
export const VOCABULARY: readonly TokenType[] = [WHITE_SPACE, COMMENT, ...PARSED_TOKENS];
