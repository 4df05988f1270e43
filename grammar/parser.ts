// One method for each rule of pk.ebnf, except those that are derived from the table of options. The
// grammar needs one token of lookahead throughout, which keeps parsing linear. chevrotain's own recovery
// is off: it guesses by single tokens, and in a language whose keywords may be names a guess often leads
// to a second message. parse.ts recovers by statement.
import { KEYS } from "./keys.ts";
import { type CstNode, CstParser, type ParserMethod, type TokenType } from "chevrotain";
import { makeLookahead } from "./lookahead.ts";
import type { Entry } from "./option_entry.ts";
import {
  ADDRESS,
  COLON,
  COMMA,
  DURATION,
  EQUALS,
  KEYWORD_TOKENS,
  MINUS,
  NAME,
  NUMBER,
  PARSED_TOKENS,
  STRING,
  tokensOf,
} from "./tokens.ts";
import {
  BODY_OPTIONS,
  type Keyword,
  LOG_PARTS,
  type OwnKind,
  SERVICE_OPTIONS,
  type ServiceEntry,
} from "./words.ts";

const K = KEYWORD_TOKENS;

/** How many tokens of lookahead the grammar needs. */
const LOOKAHEAD = 1;

/** The parser: turns tokens into a concrete syntax tree. */
export class PkParser extends CstParser {
  /**
   * Makes the parser, which takes some milliseconds.
   *
   * @param options with `validate`, chevrotain looks for contradictions in the grammar, which takes as
   * long as all the rest; a test asks for it, so that normal runs do not have to
   * @throws Error if the grammar contradicts itself
   */
  constructor({ validate = false }: { validate?: boolean } = {}) {
    super([...PARSED_TOKENS], {
      maxLookahead: LOOKAHEAD,
      lookaheadStrategy: makeLookahead(LOOKAHEAD),
      skipValidations: !validate,
      recoveryEnabled: false,
      nodeLocationTracking: "onlyOffset",
      errorMessageProvider: KEYS,
    });
    // The analysis looks up each rule by its name, and puts a method of its own named `option` in the
    // way while it runs: an accessor that cannot be overwritten keeps the rule of that name in place.
    // The analysis itself deletes it at its end.
    Object.defineProperty(this, "option", {
      get: () => this.optionRule,
      set: () => {},
      configurable: true,
    });
    this.performSelfAnalysis();
  }

  /** A whole file. */
  readonly file: ParserMethod<[], CstNode> = this.RULE("file", () => {
    this.MANY(() => this.SUBRULE(this.statement));
  });

  /** What is allowed at the top level of a file. */
  readonly statement: ParserMethod<[], CstNode> = this.RULE("statement", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.include) },
      { ALT: () => this.SUBRULE(this.define) },
      { ALT: () => this.SUBRULE(this.service) },
      { ALT: () => this.SUBRULE(this.expect) },
    ]);
  });

  private readonly include = this.RULE("include", () => {
    this.CONSUME(K.include);
    this.CONSUME(STRING);
  });

  private readonly define = this.RULE("define", () => {
    this.CONSUME(K.define);
    this.CONSUME(NAME);
    this.CONSUME(EQUALS);
    this.SUBRULE(this.addressList);
  });

  private readonly addressList = this.RULE("addressList", () => {
    this.SUBRULE(this.addressItem);
    this.MANY(() => {
      this.CONSUME(COMMA);
      this.SUBRULE2(this.addressItem);
    });
  });

  private readonly addressItem = this.RULE("addressItem", () => {
    this.OR([
      { ALT: () => this.CONSUME(ADDRESS) },
      { ALT: () => this.CONSUME(NAME) },
    ]);
  });

  private readonly service = this.RULE("service", () => {
    this.CONSUME(K.service);
    this.CONSUME(NAME);
    this.SUBRULE(this.protocol);
    this.SUBRULE(this.ports);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(K.syn) },
        { ALT: () => this.SUBRULE(this.policy) },
        { ALT: () => this.SUBRULE(this.optionRule) },
      ]);
    });
  });

  private readonly protocol = this.RULE("protocol", () => {
    this.OR([
      { ALT: () => this.CONSUME(K.tcp) },
      { ALT: () => this.CONSUME(K.udp) },
    ]);
  });

  private readonly ports = this.RULE("ports", () => {
    this.SUBRULE(this.portItem);
    this.MANY(() => {
      this.CONSUME(COMMA);
      this.SUBRULE2(this.portItem);
    });
  });

  private readonly portItem = this.RULE("portItem", () => {
    this.CONSUME(NUMBER);
    this.OPTION(() => {
      this.CONSUME(MINUS);
      this.CONSUME2(NUMBER);
    });
  });

  private readonly policy = this.makeRule(
    SERVICE_OPTIONS.find(({ kind }) => kind === "policy")!,
  );

  private readonly bodyOptions = BODY_OPTIONS.map(({ kind }) => ({
    ALT: () => this.SUBRULE(this.ruleOf(kind)),
  }));

  private readonly optionRule = this.RULE("option", () => {
    this.OR(this.bodyOptions);
  });

  /** The options that are a word, one of several, or a word and its value. */
  private readonly plain: Readonly<Record<string, ParserMethod<[], CstNode>>> = Object.fromEntries(
    BODY_OPTIONS.filter(({ form }) => form !== "own")
      .map((entry) => [entry.kind, this.makeRule(entry)]),
  );

  /** Makes the rule of an entry of the table; a rule has to be a property of its name. */
  private makeRule({ kind, words, value }: Entry): ParserMethod<[], CstNode> {
    const choose = (types: readonly TokenType[]) => {
      const alternatives = types.map((type) => ({ ALT: () => this.CONSUME(type) }));
      const [only, ...more] = alternatives;
      return more.length === 0 && only !== undefined ? only.ALT : () => this.OR(alternatives);
    };
    const consumeWord = choose(words.map((word) => K[word as Keyword]));
    const consumeValue = value === undefined ? null : choose(tokensOf(value));
    const rule = this.RULE(kind, () => {
      consumeWord();
      consumeValue?.();
    });
    Object.assign(this, { [kind]: rule });
    return rule;
  }

  /** The rule of an option of a service. */
  private ruleOf(kind: ServiceEntry["kind"]): ParserMethod<[], CstNode> {
    const { allow, knock, log } = this;
    const own: Readonly<Record<OwnKind, ParserMethod<[], CstNode>>> = { allow, knock, log };
    return this.plain[kind] ?? own[kind as OwnKind];
  }

  private readonly allow = this.RULE("allow", () => {
    this.CONSUME(K.allow);
    this.SUBRULE(this.addressList);
  });

  private readonly knock = this.RULE("knock", () => {
    this.CONSUME(K.knock);
    this.OR([
      { ALT: () => this.SUBRULE(this.knockPorts) },
      {
        ALT: () => {
          this.CONSUME(K.once);
          this.CONSUME(STRING);
        },
      },
    ]);
    this.OPTION(() => {
      this.CONSUME(K.within);
      this.CONSUME(DURATION);
    });
    this.OPTION2(() => {
      this.CONSUME(K.for);
      this.CONSUME2(DURATION);
    });
    this.OPTION3(() => {
      this.CONSUME(K.close);
      this.SUBRULE2(this.knockPorts);
    });
    this.OPTION4(() => {
      this.CONSUME(K.by);
      this.SUBRULE(this.listener);
    });
  });

  private readonly listener = this.RULE("listener", () => {
    this.OR([
      { ALT: () => this.CONSUME(K.kernel) },
      { ALT: () => this.CONSUME(K.knockd) },
    ]);
  });

  private readonly knockPorts = this.RULE("knockPorts", () => {
    this.SUBRULE(this.knockPort);
    this.MANY(() => {
      this.CONSUME(COMMA);
      this.SUBRULE2(this.knockPort);
    });
  });

  private readonly knockPort = this.RULE("knockPort", () => {
    this.CONSUME(NUMBER);
    this.OPTION(() => {
      this.CONSUME(COLON);
      this.SUBRULE(this.protocol);
    });
  });

  /** chevrotain distinguishes repeated uses of a token type by a number. */
  private readonly logParts = LOG_PARTS.map(({ words: [word], value }, at) => ({
    ALT: () => {
      this.CONSUME(K[word]);
      this.consume(at, tokensOf(value)[0]!);
    },
  }));

  private readonly log = this.RULE("log", () => {
    this.CONSUME(K.log);
    this.MANY(() => this.OR(this.logParts));
  });

  private readonly expect = this.RULE("expect", () => {
    this.CONSUME(K.expect);
    this.SUBRULE(this.protocol);
    this.CONSUME(NUMBER);
    this.OPTION(() => {
      this.CONSUME(K.from);
      this.SUBRULE(this.source);
    });
    this.OPTION2(() => {
      this.CONSUME(K.to);
      this.CONSUME(ADDRESS);
    });
    this.OPTION3(() => this.SUBRULE(this.ruleOf("interface")));
    this.OPTION4(() => this.SUBRULE(this.ruleOf("established")));
    this.SUBRULE(this.policy);
  });

  private readonly source = this.RULE("source", () => {
    this.OR([
      { ALT: () => this.CONSUME(ADDRESS) },
      { ALT: () => this.CONSUME(NAME) },
    ]);
  });
}

let parser: PkParser | null = null;

/** The parser, made on first use. */
export function getParser(): PkParser {
  parser ??= new PkParser();
  return parser;
}
