// Words for syntax errors. Each error is described from two things: what was expected at its place
// (by the parser's key) and what was found there.
import type { IToken } from "chevrotain";
import { CODES } from "../src/diagnostics/codes.ts";
import { diagnose, type Diagnostic } from "../src/diagnostics/diagnostic.ts";
import { nearest } from "../src/diagnostics/nearest.ts";
import type { KnockCstChildren } from "./cst.d.ts";
import { clip } from "../src/text/clip.ts";
import { type Source, spanOf } from "../src/source/source.ts";
import { describeFound, hasPart, helpFor } from "./hints.ts";
import { type Owner, VALUES } from "./option_entry.ts";
import { OPTIONS } from "./options.ts";
import type { SyntaxProblem } from "./recovery.ts";
import { NAME } from "./tokens.ts";
import {
  BODY_OPTIONS,
  EXPECT_PARTS,
  HEAD_OPTIONS,
  type Keyword,
  KNOCK_PARTS,
  LOG_PARTS,
  quoteWords,
  STATEMENTS,
  wordsOf,
  wordsOfKind,
} from "./words.ts";

/** What is allowed at a place. */
export interface Expectation {
  /** Follows the word "expected". */
  readonly what: string;
  /** The keywords among it. */
  readonly words: readonly Keyword[];
}

const STATEMENT_WORDS = wordsOf(STATEMENTS);
const HEAD_WORDS = wordsOf(HEAD_OPTIONS);
const OPTION_WORDS = wordsOf(BODY_OPTIONS);
const LOG_WORDS = wordsOf(LOG_PARTS);
/** What an expectation ends with. */
const VERDICT_WORDS = wordsOfKind("policy");
const PROTOCOL_WORDS = wordsOfKind("protocol");

const STATEMENT: Expectation = {
  what: quoteWords(STATEMENT_WORDS, " or "),
  words: STATEMENT_WORDS,
};

/** What is expected behind the words that a value follows. */
function valuesByKey(): [string, Expectation][] {
  return OPTIONS.flatMap((entry): [string, Expectation][] => {
    if (entry.form !== "value") return [];
    const owners: readonly Owner[] = entry.owners;
    const { tokens, what } = VALUES[entry.value];
    // An option of a service has a rule of its own; of two tokens the rule as a whole is missed.
    const rule = owners.includes("service") ? entry.kind : owners[0];
    return [[tokens.length > 1 ? `${rule}` : `${rule}/${tokens[0]}`, { what, words: [] }]];
  });
}

/** What the parser expected, by the key that parser.ts gives. */
const BY_KEY: Readonly<Record<string, Expectation>> = {
  ...Object.fromEntries(valuesByKey()),
  "statement": STATEMENT,
  "include/STRING": { what: "a path in double quotes", words: [] },
  "define/NAME": { what: "a name for the list", words: [] },
  "define/EQUALS": { what: "`=`", words: [] },
  "addressItem": { what: "an address or the name of a `define`", words: [] },
  "service/NAME": { what: "a name for the service", words: [] },
  "protocol": { what: quoteWords(PROTOCOL_WORDS, " or "), words: PROTOCOL_WORDS },
  "portItem/NUMBER": { what: "a port", words: [] },
  "knock": { what: "a port, or `once` and a file", words: [] },
  "knock/STRING": { what: "a path in double quotes", words: [] },
  "listener": { what: "`kernel` or `knockd`", words: ["kernel", "knockd"] },
  "knockPort/NUMBER": { what: "a port", words: [] },
  "expect/NUMBER": { what: "a port", words: [] },
  "expect/ADDRESS": { what: "an address of this machine", words: [] },
  "source": { what: "an address, the name of a `define` or `anyone`", words: [] },
  "policy": {
    what: `a verdict: ${quoteWords(VERDICT_WORDS, " or ")}`,
    words: [...wordsOf(EXPECT_PARTS), ...VERDICT_WORDS],
  },
};

/** Keys for which expectations.ts has words; a test compares them with what the parser can expect. */
export const KNOWN_KEYS: readonly string[] = Object.keys(BY_KEY);

/** What may be behind a knock that is complete, to go on with it or with its service. */
function expectedInKnock(knock: KnockCstChildren, words: readonly Keyword[]): Expectation {
  const given = KNOCK_PARTS.findLastIndex((part) => hasPart(knock, part));
  const last = KNOCK_PARTS[given];
  const rest = wordsOf(KNOCK_PARTS.slice(given + 1));
  const isList = last === undefined ? knock.Once === undefined : last.kind === "close";
  const list = [...isList ? ["`,`"] : [], ...rest.map((word) => `\`${word}\``)];
  const what = list.length === 0 ? "an option" : `${list.join(", ")} or an option`;
  return { what, words: [...rest, ...words] };
}

/** What may be behind a statement that is complete, or behind a service to go on with it. */
function expectedAtEnd(mistake: SyntaxProblem): Expectation {
  const statement = mistake.partial?.children;
  if (statement?.define !== undefined) {
    return { what: "`,` and another address, or the next statement", words: STATEMENT_WORDS };
  }
  const service = statement?.service?.[0]?.children;
  if (service === undefined) return STATEMENT;
  const words = [...HEAD_WORDS, ...OPTION_WORDS, ...STATEMENT_WORDS];
  const last = service.option?.at(-1);
  const isLast = last !== undefined && last.location?.endOffset === mistake.previous?.endOffset;
  const knock = isLast ? last.children.knock?.[0]?.children : undefined;
  if (knock !== undefined) return expectedInKnock(knock, words);
  if (isLast && last.children.log !== undefined) {
    const what = `${quoteWords(LOG_WORDS)} or an option`;
    return { what, words: [...LOG_WORDS, ...words] };
  }
  return {
    what: `\`syn\`, a policy (${quoteWords(VERDICT_WORDS)}) or an option`,
    words,
  };
}

/**
 * Describes an error.
 *
 * @param source the file it is in
 * @param error what the parser reported
 */
export function describeSyntaxError(source: Source, mistake: SyntaxProblem): Diagnostic {
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
  { mistake, expectation }: { mistake: SyntaxProblem; expectation: Expectation },
): Diagnostic {
  const { first, previous } = mistake;
  const last = previous ?? first;
  const end = last.startOffset + last.image.length;
  return diagnose(CODES.incomplete, {
    message: `incomplete \`${clip(first.image)}\``,
    at: spanOf(source, end, end),
    label: `expected ${expectation.what}`,
    help: helpFor(mistake),
  });
}

function suggest(found: IToken, expectation: Expectation): string | null {
  const word = nearest(found.image.replace(/^-+/, ""), expectation.words);
  return word === null ? null : `did you mean \`${word}\`?`;
}
