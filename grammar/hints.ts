// The near misses that people write, and what they should have written.
import type { IToken } from "chevrotain";
import type { Code } from "../src/diagnostics/code.ts";
import { CODES } from "../src/diagnostics/codes.ts";
import { nearest } from "../src/diagnostics/nearest.ts";
import { clip } from "../src/diagnostics/quote.ts";
import type { StatementCstNode } from "./cst.d.ts";
import type { Mistake } from "./recovery.ts";
import {
  ADDRESS,
  COMMA,
  DURATION,
  KEYWORD_TOKENS,
  MINUS,
  NAME,
  NUMBER,
  RATE,
  STRING,
} from "./tokens.ts";

const K = KEYWORD_TOKENS;

/**
 * Says what is wrong with a token at a place where it cannot stand.
 *
 * @param key what was expected there, as parser.ts keys it
 * @param found the token
 */
export function describeFound(key: string, found: IToken): { code: Code; message: string } {
  const word = clip(found.image);
  const type = found.tokenType;
  const isWord = type === NAME || type === ADDRESS || type === DURATION || type === RATE ||
    type === NUMBER;
  if (isWord && key === "knock/DURATION") {
    const message = type === NUMBER ? `\`${word}\` has no unit` : `\`${word}\` is no duration`;
    return { code: CODES.badDuration, message };
  }
  if (isWord && key === "log/RATE") {
    const message = type === NUMBER ? `\`${word}\` has no unit` : `\`${word}\` is no rate`;
    return { code: CODES.badRate, message };
  }
  if (isWord && key === "addressItem") {
    return { code: CODES.badAddress, message: `\`${word}\` is no address` };
  }
  if (isWord && key === "interface") {
    return { code: CODES.unquoted, message: `the interface \`${word}\` needs quotes` };
  }
  if (isWord && key.endsWith("/STRING")) {
    return { code: CODES.misplaced, message: `\`${word}\` needs quotes` };
  }
  if (isWord && (key === "source" || key === "expect/ADDRESS")) {
    return { code: CODES.badAddress, message: `\`${word}\` is no address` };
  }
  if (
    isWord &&
    (key === "portItem/NUMBER" || key === "expect/NUMBER" || key === "knockPort/NUMBER" ||
      key === "knock")
  ) {
    return { code: CODES.misplaced, message: `\`${word}\` is no port` };
  }
  return { code: CODES.misplaced, message: `\`${word}\` cannot stand here` };
}

/** The keywords that belong to one option, with its name. */
const OWNERS = new Map([
  [K.within, "knock"],
  [K.for, "knock"],
  [K.close, "knock"],
  [K.by, "knock"],
  [K.prefix, "log"],
  [K.level, "log"],
  [K.limit, "log"],
  [K.burst, "log"],
]);

/** What to do about a mistake, or `null` where the expectation says it all. */
export function helpFor(mistake: Mistake): string | null {
  const { key, found } = mistake;
  if (found === null) return null;
  return key === "end" ? helpAtEnd(found, mistake) : helpAt(key, found, mistake);
}

/** Help where a statement was complete already and something else followed. */
function helpAtEnd(found: IToken, { previous, partial }: Mistake): string | null {
  const before = previous?.tokenType;
  const image = clip(found.image);
  if (previous === null || before === undefined) return null;
  const isNumber = found.tokenType === NUMBER && before === NUMBER;
  const isAddress = found.tokenType === ADDRESS && (before === ADDRESS || before === NAME);
  if (isNumber || isAddress) {
    return `separate the items of a list by commas: \`${clip(previous.image)}, ${image}\``;
  }
  if (partial?.children.expect !== undefined) return helpBehindExpect(found);
  if (partial?.children.service === undefined) return null;
  if (found.tokenType === ADDRESS) return `to let this address in, write \`allow ${image}\``;
  const late = helpForLatePart(found, partial);
  if (late !== null) return late;
  const owner = OWNERS.get(found.tokenType);
  return owner === undefined ? null : `\`${image}\` belongs to \`${owner}\``;
}

/** The parts of an expectation, each at most once and in this order. */
const EXPECT_PARTS = [K.from, K.to, K.on, K.established];
const EXPECT_ORDER = "the order is `from`, `to`, `on`, `established`, and the verdict comes last";

/** Help for what follows an expectation that has its verdict. */
function helpBehindExpect({ tokenType }: IToken): string | null {
  return EXPECT_PARTS.includes(tokenType) ? EXPECT_ORDER : null;
}

/** The parts of a knock, each of which stands ahead of those behind it. */
const KNOCK_PARTS = [
  [K.within, "Within"],
  [K.for, "For"],
  [K.close, "Close"],
  [K.by, "By"],
] as const;

/** Help for a part of a knock that stands behind one that it belongs ahead of. */
function helpForLatePart(found: IToken, partial: StatementCstNode): string | null {
  const at = KNOCK_PARTS.findIndex(([type]) => type === found.tokenType);
  const last = partial.children.service?.[0]?.children.option?.at(-1)?.children.knock?.[0]
    ?.children;
  if (at < 0 || last === undefined) return null;
  const behind = KNOCK_PARTS.slice(at + 1).find(([, name]) => last[name] !== undefined);
  return behind === undefined ? null : `\`${found.image}\` stands ahead of \`${behind[0].LABEL}\``;
}

/** Help where a part of a statement was still to come. */
function helpAt(key: string, found: IToken, { previous }: Mistake): string | null {
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
    return `a list has a name: \`define office = ${image}\``;
  }
  if (isName) return "a name starts with a letter";
  if (key === "policy") {
    if (type === COMMA || type === MINUS) return "an `expect` is about one port";
    return EXPECT_PARTS.includes(type) ? EXPECT_ORDER : null;
  }
  if (key === "protocol" && type === NUMBER) {
    const isProtocol = previous?.tokenType === K.tcp || previous?.tokenType === K.udp;
    return isProtocol
      ? `a service has a name: \`service web ${previous.image} ${image}\``
      : `write \`tcp ${image}\` or \`udp ${image}\``;
  }
  if (key === "portItem/NUMBER" || key === "expect/NUMBER") return helpForPort(found);
  if (key === "knock" && nearest(found.image, ["once"]) !== null) return "did you mean `once`?";
  if (key === "knock" && type === STRING) return `write \`knock once ${image}\``;
  if (key === "knock" || key === "knockPort/NUMBER") {
    return "a step is a port, or a port and its protocol: `7001:udp`";
  }
  if (key === "knock/DURATION" && type === NUMBER) {
    return `write \`${image}s\`, \`${image}m\`, \`${image}h\` or \`${image}d\``;
  }
  if (key === "log/RATE" && type === NUMBER) {
    return `write \`${image}/second\`, \`${image}/minute\`, \`${image}/hour\` or \`${image}/day\``;
  }
  if (type === NAME || type === ADDRESS || type === DURATION) {
    if (key === "knock/STRING") return `write \`knock once "${image}"\``;
    if (key === "include/STRING") return `write \`include "${image}"\``;
    if (key === "log/STRING") return `write \`prefix "${image}"\``;
    if (key === "interface") return `write \`on "${image}"\``;
  }
  return null;
}

function helpForPort(found: IToken): string | null {
  const range = /^(\d+):(\d+)$/.exec(found.image);
  if (range !== null) return `write a range as \`${range[1]}-${range[2]}\``;
  return found.tokenType === NAME ? "ports are written as numbers, ranges as `8000-8010`" : null;
}
