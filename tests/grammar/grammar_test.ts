import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  type CstNode,
  type ISerializedGast,
  Lexer,
  type ParserMethod,
  type TokenType,
} from "chevrotain";
import { describeSyntaxError, KNOWN_KEYS } from "../../grammar/expectations.ts";
import { getLexer, makeLexer, tokenize } from "../../grammar/lexer.ts";
import { getParser, PkParser } from "../../grammar/parser.ts";
import { NAME, PARSED_TOKENS, VOCABULARY } from "../../grammar/tokens.ts";
import { makeSource } from "../../src/source/source.ts";

/** A production as chevrotain serializes it, with the fields that are looked at here. */
type Production = ISerializedGast & {
  name?: string;
  label?: string;
  definition?: Production[];
};

const RULES = getParser().getSerializedGastProductions() as unknown as Production[];

/** Tokens by name, with the way in which pk.ebnf writes them. */
const SPELLING = new Map(
  PARSED_TOKENS.map((token) => [
    token.name,
    token.LABEL === undefined ? token.name : `"${token.LABEL}"`,
  ]),
);

/** Writes a production as pk.ebnf would. */
function write(production: Production): string {
  const parts = production.definition ?? [];
  const sequence = () => parts.map(write).join(" ");
  switch (production.type) {
    case "Terminal":
      return SPELLING.get(production.name ?? "") ?? `?${production.name}?`;
    case "NonTerminal":
      return production.name ?? "?";
    case "Option":
      return `[ ${inner(production)} ]`;
    case "Repetition":
      return `{ ${inner(production)} }`;
    case "Alternation":
      return `( ${inner({ ...production, type: "Option", definition: [production] })} )`;
    default:
      return sequence();
  }
}

/** The content of brackets or the top of a rule, where an alternation needs no parentheses. */
function inner(production: Production): string {
  const [only, ...more] = production.definition ?? [];
  if (only?.type === "Alternation" && more.length === 0) {
    return (only.definition ?? []).map(write).join(" | ");
  }
  return (production.definition ?? []).map(write).join(" ");
}

Deno.test("pk.ebnf and the parser say the same, rule by rule", () => {
  const text = Deno.readTextFileSync(new URL("../../grammar/pk.ebnf", import.meta.url));
  const reference = text.replace(/\(\*[^]*?\*\)/g, " ").split(";")
    .map((rule) => rule.replace(/\s+/g, " ").trim()).filter((rule) => rule !== "");
  assertEquals(reference, RULES.map((rule) => `${rule.name} = ${inner(rule)}`));
});

Deno.test("the parser uses every token of the vocabulary", () => {
  const used = new Set(
    JSON.stringify(RULES).matchAll(/"type":"Terminal","name":"(\w+)"/g)
      .map(([, name]) => name),
  );
  const unused = PARSED_TOKENS.filter(({ name }) => !used.has(name)).map(({ name }) => name);
  assertEquals(unused, []);
  assertEquals(VOCABULARY.filter((token) => !PARSED_TOKENS.includes(token)).length, 2);
});

Deno.test("the lexer splits every text without an error", () => {
  assertEquals(getLexer().lexerDefinitionErrors, []);
  let text = "";
  for (let code = 0; code < 0x10000; code += 7) text += String.fromCharCode(code) + "a:1 ";
  assertEquals(tokenize(text).errors, []);
});

Deno.test("grammar and vocabulary contradict themselves nowhere, which no run looks for again", () => {
  // Both throw if they do.
  assertEquals(makeLexer({ validate: true }).lexerDefinitionErrors, []);
  assert(new PkParser({ validate: true }) instanceof PkParser);
});

/** The parser with one rule more, which is there before the parser analyses itself. */
class Doubtful extends PkParser {
  declare doubtful: ParserMethod<[], CstNode>;

  override performSelfAnalysis(): void {
    this.doubtful = this.RULE("doubtful", () => {
      this.OR([
        { ALT: () => this.CONSUME(NAME) },
        { ALT: () => this.CONSUME2(NAME) },
      ]);
    });
    super.performSelfAnalysis();
  }
}

Deno.test("a contradiction in the grammar would be found", () => {
  const found = assertThrows(() => new Doubtful({ validate: true }));
  assertStringIncludes(String(found), "inside <doubtful> Rule");
  assert(new Doubtful() instanceof PkParser, "only where it is looked for");
});

Deno.test("a rule that has to repeat something would be reported by its name too", () => {
  class Demanding extends PkParser {
    declare demanding: ParserMethod<[], CstNode>;

    override performSelfAnalysis(): void {
      this.demanding = this.RULE("demanding", () => {
        this.AT_LEAST_ONE(() => this.CONSUME(NAME));
      });
      super.performSelfAnalysis();
    }
  }
  const parser = new Demanding();
  parser.input = tokenize("= 1").tokens;
  parser.demanding();
  assertEquals(parser.errors.map(({ message }) => message), ["demanding"]);
});

Deno.test("an error for which there are no words yet is still reported at its place", () => {
  const [first, found] = tokenize("service 22").tokens;
  assert(first !== undefined && found !== undefined);
  const mistake = { key: "of/tomorrow", found, previous: first, first, partial: null };
  const { code, primary } = describeSyntaxError(makeSource("a.pk", "service 22"), mistake);
  assertEquals([code, primary.span.start, primary.text], ["PK005", 8, "expected something else"]);
});

Deno.test("each token type says all characters that its words can start with", () => {
  // In safe mode chevrotain tries every type at every place, whatever they say of themselves.
  const all = new Lexer([...VOCABULARY], { safeMode: true });
  const read = (lexer: Lexer, text: string) =>
    lexer.tokenize(text).tokens.map(({ tokenType, image }) => `${tokenType.name} ${image}`);
  for (let code = 0; code < 0x10000; code++) {
    const start = String.fromCharCode(code);
    const rest = code < 256 ? ["", "1", "a", ":", "::1", "1.2", "1s", "1/s", ":udp", "-2"] : ["a"];
    for (const text of rest.map((end) => start + end)) {
      assertEquals(read(getLexer(), text), read(all, text), JSON.stringify(text));
    }
  }
});

Deno.test("there are words for everything that the parser can miss", () => {
  const keys: string[] = [];
  const walk = (rule: string, production: Production, isFirst: boolean): void => {
    if (production.type === "Terminal" && !isFirst) {
      const name = production.name ?? "";
      keys.push(`${rule}/${name}`);
    }
    if (production.type === "Alternation") keys.push(rule);
    const isChoice = production.type === "Alternation";
    for (const [index, part] of (production.definition ?? []).entries()) {
      // What a choice, an option or a repetition starts with is looked ahead for, never missed.
      const leads = index === 0 && production.type !== "Rule";
      walk(rule, part, isChoice || leads);
    }
  };
  for (const rule of RULES) {
    // A rule whose first token is a keyword is only entered because the keyword is there.
    const [first, ...rest] = rule.definition ?? [];
    const isKeyword = first?.type === "Terminal" && SPELLING.get(first.name ?? "")?.startsWith('"');
    for (const part of isKeyword ? rest : rule.definition ?? []) {
      walk(rule.name ?? "", part, false);
    }
  }
  const unreachable = ["service", "option", "policy", "family", "log"];
  const missing = new Set(
    keys.filter((key) => !KNOWN_KEYS.includes(key) && !unreachable.includes(key)),
  );
  assertEquals([...missing], []);
});

/** The tokens of a text as `TYPE text`, keywords as `"word"`. */
function kinds(text: string): string[] {
  return tokenize(text).tokens.map((
    { tokenType, image }: { tokenType: TokenType; image: string },
  ) => tokenType.LABEL === undefined ? `${tokenType.name} ${image}` : `"${tokenType.LABEL}"`);
}

const SHAPES: readonly (readonly [string, readonly string[]])[] = [
  ["2001:db8::/48", ["ADDRESS 2001:db8::/48"]],
  ["::ffff:10.0.0.1", ["ADDRESS ::ffff:10.0.0.1"]],
  ["10.0.0.0/8", ["ADDRESS 10.0.0.0/8"]],
  ["::", ["ADDRESS ::"]],
  ["beef::1", ["ADDRESS beef::1"]],
  ["8000:udp", ["NUMBER 8000", '":"', '"udp"']],
  ["8000:", ["NUMBER 8000", '":"']],
  ["8000-8010", ["NUMBER 8000", '"-"', "NUMBER 8010"]],
  ["8000 - 8010", ["NUMBER 8000", '"-"', "NUMBER 8010"]],
  ["30s", ["DURATION 30s"]],
  ["10/minute", ["RATE 10/minute"]],
  ["30", ["NUMBER 30"]],
  ["ppp+", ["NAME ppp+"]],
  ["a-b_c9", ["NAME a-b_c9"]],
  // Near misses: one word stays one token, so that it gives one message.
  ["300.1.1.1", ["ADDRESS 300.1.1.1"]],
  ["10.0.0", ["ADDRESS 10.0.0"]],
  ["1::2::3", ["ADDRESS 1::2::3"]],
  ["10.0.0.1-10.0.0.9", ["ADDRESS 10.0.0.1-10.0.0.9"]],
  ["fe80::1%eth0", ["ADDRESS fe80::1%eth0"]],
  ["8000:8010", ["ADDRESS 8000:8010"]],
  ["10/8", ["ADDRESS 10/8"]],
  ["8000-", ["NUMBER 8000", '"-"']],
  ["80-90-100", ["NAME 80-90-100"]],
  ["10/fortnight", ["RATE 10/fortnight"]],
  ["30parsecs", ["DURATION 30parsecs"]],
  ["--syn", ["NAME --syn"]],
  ["drop;", ["NAME drop;"]],
  ["eth0.100", ["NAME eth0.100"]],
  // Separators need no blanks around them, and keywords end where words end.
  ["a=b,c#d", ["NAME a", '"="', "NAME b", '","', "NAME c"]],
  ["log logs log-1", ['"log"', "NAME logs", "NAME log-1"]],
  ['on"eth0.100"', ['"on"', 'STRING "eth0.100"']],
  ['"a \\" b \\\\" c', ['STRING "a \\" b \\\\"', "NAME c"]],
  ['"open # no comment', ['STRING "open # no comment']],
  ["a\r\nb\rc", ["NAME a", "NAME b", "NAME c"]],
  ["# all\rservice", ['"service"']],
];

for (const [text, expected] of SHAPES) {
  Deno.test(`${JSON.stringify(text)} is read as ${expected.join(", ")}`, () => {
    assertEquals(kinds(text), [...expected]);
  });
}

Deno.test("lexer and parser are made once", () => {
  assert(getLexer() === getLexer() && getParser() === getParser());
});
