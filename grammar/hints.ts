// The near misses that people write, and what they should have written.
import type { IToken, TokenType } from "chevrotain";
import type { Code } from "../src/diagnostics/code.ts";
import { CODES } from "../src/diagnostics/codes.ts";
import { nearest } from "../src/diagnostics/nearest.ts";
import { clip } from "../src/text/clip.ts";
import type { KnockCstChildren, StatementCstNode } from "./cst.d.ts";
import { OPTIONS } from "./options.ts";
import type { SyntaxProblem } from "./recovery.ts";
import {
  ADDRESS,
  COLON,
  COMMA,
  DURATION,
  KEYWORD_TOKENS,
  MINUS,
  NAME,
  NUMBER,
  RATE,
  STRING,
} from "./tokens.ts";
import { EXPECT_PARTS, KNOCK_PARTS, type Known, quoteWords, tokenName, wordsOf } from "./words.ts";

const K = KEYWORD_TOKENS;

/**
 * Describes a token at a place where it is not allowed.
 *
 * @param key what was expected there, as parser.ts keys it
 * @param found the token
 */
export function describeFound(key: string, found: IToken): { code: Code; message: string } {
  const word = clip(found.image);
  const type = found.tokenType;
  const isValue = isWord(found);
  if (isValue && key.endsWith("/DURATION")) {
    const message = type === NUMBER ? `\`${word}\` has no unit` : `invalid duration \`${word}\``;
    return { code: CODES.badDuration, message };
  }
  if (isValue && key.endsWith("/RATE")) {
    const message = type === NUMBER ? `\`${word}\` has no unit` : `invalid rate \`${word}\``;
    return { code: CODES.badRate, message };
  }
  if (isValue && key === "addressItem") {
    return { code: CODES.badAddress, message: `invalid address \`${word}\`` };
  }
  if (isValue && key === "interface") {
    return { code: CODES.unquoted, message: `the interface \`${word}\` needs quotes` };
  }
  if (isValue && key.endsWith("/STRING")) {
    return { code: CODES.misplaced, message: `\`${word}\` needs quotes` };
  }
  if (isValue && (key === "source" || key === "expect/ADDRESS")) {
    return { code: CODES.badAddress, message: `invalid address \`${word}\`` };
  }
  if (
    isValue &&
    (key === "portItem/NUMBER" || key === "expect/NUMBER" || key === "knockPort/NUMBER" ||
      key === "knock")
  ) {
    return { code: CODES.misplaced, message: `invalid port \`${word}\`` };
  }
  return { code: CODES.misplaced, message: `unexpected \`${word}\`` };
}

/** Whether a token is a word of any shape but that of a keyword. */
function isWord({ tokenType }: IToken): boolean {
  return [NAME, ADDRESS, DURATION, RATE, NUMBER].includes(tokenType);
}

/** The keywords that belong to one option of a service, with its name. */
const OWNERS = new Map(
  OPTIONS.flatMap(({ words, owners: [owner, ...others] }) => {
    const isPart = others.length === 0 && (owner === "knock" || owner === "log");
    return isPart ? words.map((word): [TokenType, string] => [K[word], owner]) : [];
  }),
);

/** What to do about an error, or `null` if the expectation is enough. */
export function helpFor(mistake: SyntaxProblem): string | null {
  const { key, found } = mistake;
  if (found === null) return null;
  return key === "end" ? helpAtEnd(found, mistake) : helpAt(key, found, mistake);
}

/** Help if a statement was already complete and something else followed. */
function helpAtEnd(found: IToken, { previous, partial }: SyntaxProblem): string | null {
  const before = previous?.tokenType;
  const image = clip(found.image);
  if (previous === null || before === undefined) return null;
  const isNumber = found.tokenType === NUMBER && before === NUMBER;
  const isAddress = found.tokenType === ADDRESS && (before === ADDRESS || before === NAME);
  if ((isNumber || isAddress) && endsWithList(partial)) {
    return `separate the items of a list by commas: \`${clip(previous.image)}, ${image}\``;
  }
  if (partial?.children.expect !== undefined) return helpBehindExpect(found);
  if (partial?.children.service === undefined) return null;
  if (found.tokenType === ADDRESS) {
    return helpForRange(found) ?? `to allow this address, write \`allow ${image}\``;
  }
  const late = helpForLatePart(found, partial);
  if (late !== null) return late;
  const owner = OWNERS.get(found.tokenType);
  return owner === undefined ? null : `\`${image}\` is an option of \`${owner}\``;
}

/** Whether what could be read ends with a list: all do that end with a number or a name but these. */
function endsWithList(partial: StatementCstNode | null): boolean {
  const last = partial?.children.service?.[0]?.children.option?.at(-1)?.children;
  return last?.interface === undefined && last?.log === undefined;
}

/** The parts of an expectation, each at most once and in this order. */
const EXPECT_WORDS = wordsOf(EXPECT_PARTS);
const EXPECT_TOKENS = EXPECT_WORDS.map((word) => K[word]);
const EXPECT_ORDER = `the order is ${quoteWords(EXPECT_WORDS)}, and the verdict comes last`;

/** Help for what follows the verdict of an expectation. */
function helpBehindExpect({ tokenType }: IToken): string | null {
  return EXPECT_TOKENS.includes(tokenType) ? EXPECT_ORDER : null;
}

/** Whether a knock has one of its parts, each of which is a word. */
export function hasPart(knock: KnockCstChildren, { words: [word] }: Known): boolean {
  const children: Readonly<Record<string, unknown>> = { ...knock };
  return children[tokenName(word)] !== undefined;
}

/** Help for a part of a knock that is behind one that must follow it. */
function helpForLatePart(found: IToken, partial: StatementCstNode): string | null {
  const at = KNOCK_PARTS.findIndex(({ words: [word] }) => K[word] === found.tokenType);
  const last = partial.children.service?.[0]?.children.option?.at(-1)?.children.knock?.[0]
    ?.children;
  if (at < 0 || last === undefined) return null;
  const behind = KNOCK_PARTS.slice(at + 1).find((part) => hasPart(last, part));
  return behind === undefined ? null : `\`${found.image}\` comes before \`${behind.words[0]}\``;
}

/** Help if a part of a statement was still missing. */
function helpAt(key: string, found: IToken, { previous }: SyntaxProblem): string | null {
  const image = clip(found.image);
  const type = found.tokenType;
  const isName = key === "service/NAME" || key === "define/NAME";
  if (
    type === STRING && (isName || key === "addressItem" || key === "source" || key === "log/NAME")
  ) {
    const bare = image.replaceAll('"', "");
    return bare === "" ? null : `write it without quotes: \`${bare}\``;
  }
  if (key === "define/NAME" && type === ADDRESS) {
    return `a list needs a name: \`define office = ${image}\``;
  }
  if (isName) return "a name starts with a letter";
  if (key === "policy") {
    if (type === COMMA || type === MINUS) return "an `expect` takes one port";
    return EXPECT_TOKENS.includes(type) ? EXPECT_ORDER : null;
  }
  if (key === "protocol" && type === NUMBER && previous?.tokenType !== COLON) {
    const isProtocol = previous?.tokenType === K.tcp || previous?.tokenType === K.udp;
    return isProtocol
      ? `a service needs a name: \`service web ${previous.image} ${image}\``
      : `write \`tcp ${image}\` or \`udp ${image}\``;
  }
  if (key === "portItem/NUMBER" || key === "expect/NUMBER") return helpForPort(found);
  if (key === "knock" && nearest(found.image, ["once"]) !== null) return "did you mean `once`?";
  if (key === "knock" && type === STRING) return `write \`knock once ${image}\``;
  if (key === "knock" || key === "knockPort/NUMBER") {
    return "a step is a port, or a port and its protocol: `7001:udp`";
  }
  if (key.endsWith("/DURATION") && type === NUMBER) {
    return `write \`${image}s\`, \`${image}m\`, \`${image}h\` or \`${image}d\``;
  }
  if (key.endsWith("/RATE") && type === NUMBER) {
    return `write \`${image}/second\`, \`${image}/minute\`, \`${image}/hour\` or \`${image}/day\``;
  }
  if (isWord(found)) {
    if (key === "knock/STRING") return `write \`knock once "${image}"\``;
    if (key === "include/STRING") return `write \`include "${image}"\``;
    if (key.endsWith("/STRING")) return `write \`${previous?.image} "${image}"\``;
    if (key === "interface") return `write \`on "${image}"\``;
  }
  return null;
}

function helpForPort(found: IToken): string | null {
  return helpForRange(found) ??
    (found.tokenType === NAME ? "ports are written as numbers, ranges as `8000-8010`" : null);
}

/** Help for a range of ports as iptables writes it. */
function helpForRange({ image }: IToken): string | null {
  const range = /^(\d+):(\d+)$/.exec(image);
  return range === null ? null : `write a range as \`${range[1]}-${range[2]}\``;
}
