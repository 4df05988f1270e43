// What the parser missed, in words. Each mistake is described from two things: what was expected at
// its place (by the parser's key) and what was found there.
import type { IToken } from "chevrotain";
import { CODES } from "../src/diagnostics/codes.ts";
import { diagnose, type Diagnostic } from "../src/diagnostics/diagnostic.ts";
import { nearest } from "../src/diagnostics/nearest.ts";
import type { KnockCstChildren } from "./cst.d.ts";
import { clip } from "../src/diagnostics/quote.ts";
import { type Source, spanOf } from "../src/source/source.ts";
import { describeFound, helpFor } from "./hints.ts";
import type { Mistake } from "./recovery.ts";
import { type Keyword, NAME } from "./tokens.ts";

/** What may stand at a place. */
export interface Expectation {
  /** Goes behind the word "expected". */
  readonly what: string;
  /** The keywords among it. */
  readonly words: readonly Keyword[];
}

const STATEMENT_WORDS: readonly Keyword[] = ["service", "define", "include", "expect"];
const POLICY_WORDS: readonly Keyword[] = ["syn", "drop", "accept", "reject"];
const OPTION_WORDS: readonly Keyword[] = [
  "ipv4",
  "ipv6",
  "on",
  "established",
  "allow",
  "knock",
  "log",
];
const LOG_WORDS: readonly Keyword[] = ["prefix", "level", "limit", "burst"];
/** The parts of an expectation, in their order, and what it ends with. */
const EXPECT_PARTS: readonly Keyword[] = ["from", "to", "on", "established"];
const VERDICT_WORDS: readonly Keyword[] = ["drop", "accept", "reject"];

const STATEMENT: Expectation = {
  what: "`service`, `define`, `include` or `expect`",
  words: STATEMENT_WORDS,
};

/** What the parser expected, by the key that parser.ts gives. */
const BY_KEY: Readonly<Record<string, Expectation>> = {
  "file": STATEMENT,
  "statement": STATEMENT,
  "include/STRING": { what: "a path in double quotes", words: [] },
  "define/NAME": { what: "a name for the list", words: [] },
  "define/EQUALS": { what: "`=`", words: [] },
  "addressItem": { what: "an address or the name of a `define`", words: [] },
  "service/NAME": { what: "a name for the service", words: [] },
  "protocol": { what: "`tcp` or `udp`", words: ["tcp", "udp"] },
  "portItem/NUMBER": { what: "a port", words: [] },
  "interface": { what: "the name of an interface", words: [] },
  "knock": { what: "a port, or `once` and a file", words: [] },
  "knock/STRING": { what: "a path in double quotes", words: [] },
  "listener": { what: "`kernel` or `knockd`", words: ["kernel", "knockd"] },
  "knockPort/NUMBER": { what: "a port", words: [] },
  "knock/DURATION": { what: "a duration such as `30s`", words: [] },
  "log/STRING": { what: "a text in double quotes", words: [] },
  "log/NAME": { what: "a log level such as `info`", words: [] },
  "log/RATE": { what: "a rate such as `10/minute`", words: [] },
  "log/NUMBER": { what: "a number", words: [] },
  "expect/NUMBER": { what: "a port", words: [] },
  "expect/ADDRESS": { what: "an address of this machine", words: [] },
  "source": { what: "an address, the name of a `define` or `anyone`", words: [] },
  "policy": {
    what: "what is to become of the packet: `drop`, `accept` or `reject`",
    words: [...EXPECT_PARTS, ...VERDICT_WORDS],
  },
};

/** Keys for which expectations.ts has words; a test compares them with what the parser can ask for. */
export const KNOWN_KEYS: readonly string[] = Object.keys(BY_KEY);

/** What may stand behind a knock that is complete, to go on with it or with its service. */
function expectedInKnock(
  { Once, Within, For, Close, By }: KnockCstChildren,
  words: readonly Keyword[],
): Expectation {
  if (By !== undefined) return { what: "an option", words };
  const parts: readonly Keyword[] = ["within", "for", "close", "by"];
  const known = [Within, For, Close];
  const rest = parts.slice(known.findLastIndex((part) => part !== undefined) + 1);
  const quoted = rest.map((word) => `\`${word}\``);
  const isList = Close !== undefined || Once === undefined && rest.length === parts.length;
  const list = isList ? ["`,`", ...quoted] : quoted;
  return { what: `${list.join(", ")} or an option`, words: [...rest, ...words] };
}

/** What may stand behind a statement that is complete, or behind a service to go on with it. */
function expectedAtEnd(mistake: Mistake): Expectation {
  const statement = mistake.partial?.children;
  if (statement?.define !== undefined) {
    return { what: "`,` and another address, or the next statement", words: STATEMENT_WORDS };
  }
  const service = statement?.service?.[0]?.children;
  if (service === undefined) return STATEMENT;
  const words = [...POLICY_WORDS, ...OPTION_WORDS, ...STATEMENT_WORDS];
  const last = service.option?.at(-1);
  const isLast = last !== undefined && last.location?.endOffset === mistake.previous?.endOffset;
  const knock = isLast ? last.children.knock?.[0]?.children : undefined;
  if (knock !== undefined) return expectedInKnock(knock, words);
  if (isLast && last.children.log !== undefined) {
    const what = "`prefix`, `level`, `limit`, `burst` or an option";
    return { what, words: [...LOG_WORDS, ...words] };
  }
  return {
    what: "`syn`, a policy (`drop`, `accept`, `reject`) or an option",
    words,
  };
}

/**
 * Puts a mistake into words.
 *
 * @param source the file in which it stands
 * @param mistake what the parser found out
 */
export function describeMistake(source: Source, mistake: Mistake): Diagnostic {
  const expectation = mistake.key === "end"
    ? expectedAtEnd(mistake)
    : BY_KEY[mistake.key] ?? { what: "something else", words: [] };
  const { found } = mistake;
  if (found === null) return describeEnd(source, { mistake, expectation });
  const at = spanOf(source, found.startOffset, found.startOffset + found.image.length);
  const label = `expected ${expectation.what}`;
  if (found.tokenType === NAME && expectation.words.length > 0) {
    return diagnose(CODES.unknownWord, {
      message: `unknown word \`${clip(found.image)}\``,
      at,
      label,
      help: suggest(found, expectation) ?? helpFor(mistake),
    });
  }
  const { code, message } = describeFound(mistake.key, found);
  return diagnose(code, { message, at, label, help: helpFor(mistake) });
}

/** A statement that ends too early is shown behind its last token: there the rest is missing. */
function describeEnd(
  source: Source,
  { mistake, expectation }: { mistake: Mistake; expectation: Expectation },
): Diagnostic {
  const { first, previous } = mistake;
  const last = previous ?? first;
  const end = last.startOffset + last.image.length;
  return diagnose(CODES.incomplete, {
    message: `this \`${clip(first.image)}\` ends too early`,
    at: spanOf(source, end, end),
    label: `expected ${expectation.what}`,
    help: helpFor(mistake),
  });
}

function suggest(found: IToken, expectation: Expectation): string | null {
  const word = nearest(found.image.replace(/^-+/, ""), expectation.words);
  return word === null ? null : `did you mean \`${word}\`?`;
}
