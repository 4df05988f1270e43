// What is derived from the table of options, entry by entry: a forgotten one fails here.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { EBNF } from "../../grammar/ebnf.ts";
import { type Entry, VALUES } from "../../grammar/option_entry.ts";
import { OPTIONS } from "../../grammar/options.ts";
import { getParser } from "../../grammar/parser.ts";
import { PARSED_TOKENS, tokensOf } from "../../grammar/tokens.ts";
import { KEYWORDS, ownedBy, SERVICE_OPTIONS, STATEMENTS } from "../../grammar/words.ts";
import { LANGUAGE } from "../../src/cli/pages/language.ts";
import { CODES } from "../../src/diagnostics/codes.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import { format } from "../../src/syntax/formatter.ts";
import { VALUE_FORMS } from "../../src/syntax/value_kinds.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { readSyntax } from "../../src/syntax/ast_reader.ts";
import { makeSource } from "../../src/source/source.ts";

const ENTRIES: readonly Entry[] = OPTIONS;
const SERVICE = "service ssh tcp 22";

function compile(text: string) {
  return compileFile("a.pk", { reader: memoryReader({ "a.pk": text }), now: 1_735_689_600 });
}

/** An example as a file by itself. */
function fileOf(example: string): string {
  const [word] = example.split(" ");
  const isStatement = STATEMENTS.some(({ words: [known] }) => known === word);
  return `${isStatement ? example : `${SERVICE} ${example}`}\n`;
}

Deno.test("each word stands once in the table and is a token of the parser", () => {
  assertEquals(KEYWORDS.toSorted(), [...new Set(KEYWORDS)].sort());
  const labels = PARSED_TOKENS.flatMap(({ LABEL = "" }) => /^\w+$/.test(LABEL) ? [LABEL] : []);
  assertEquals([...KEYWORDS].sort(), labels.sort());
});

Deno.test("each owner is a word of the table, and two of its parts never have the same place", () => {
  const kinds = ENTRIES.map(({ kind }) => kind);
  assertEquals(kinds.length, new Set(kinds).size);
  for (const owner of ENTRIES.flatMap(({ owners }) => owners)) {
    assert(owner === "file" || kinds.includes(owner), owner);
    const places = ownedBy(owner).map(({ order }) => order);
    assertEquals(places.length, new Set(places).size, owner);
  }
});

Deno.test("a word and a value says which kind of value, and each kind has tokens and a printer", () => {
  for (const { kind, form, value } of ENTRIES) {
    assertEquals(value !== undefined, form === "value", kind);
  }
  for (const kind of Object.keys(VALUES) as (keyof typeof VALUES)[]) {
    assertEquals(tokensOf(kind).map(({ name }) => name), [...VALUES[kind].tokens]);
    assert(typeof VALUE_FORMS[kind].print === "function");
  }
});

Deno.test("each option of a service but `syn` and the policy is an alternative of pk.ebnf's option", () => {
  const rules = new Set(
    getParser().getSerializedGastProductions().map((rule) => (rule as { name?: string }).name),
  );
  for (const { kind, form } of SERVICE_OPTIONS) {
    assertEquals(rules.has(kind), kind !== "syn", `${kind} (${form})`);
  }
});

for (const { words, examples, kind } of ENTRIES) {
  Deno.test(`the examples of ${words.join(", ")} use each of these, and are canonical`, () => {
    for (const word of words) {
      assert(examples.some((example) => example.split(/[ :]/).includes(word)), word);
    }
    for (const example of examples) {
      const text = fileOf(example);
      const { diagnostics } = readSyntax(makeSource("a.pk", text));
      assertEquals(diagnostics, [], kind);
      assertEquals(format(text, "a.pk"), { ok: true, value: text });
    }
  });
}

Deno.test("the language page names each word ahead of the grammar", () => {
  const page = LANGUAGE;
  const end = page.findIndex((block) => "heading" in block && block.heading === "Grammar");
  const text = JSON.stringify(page.slice(0, end));
  for (const word of KEYWORDS) {
    assert(new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text), word);
  }
});

Deno.test("each statement and each option of a service has a line on the language page", () => {
  const terms = LANGUAGE.flatMap((block) => "terms" in block ? block.terms : []);
  for (const { help = [], words, owners } of ENTRIES) {
    const isOption = owners.includes("file") || owners.includes("service");
    if (isOption && words[0] !== "tcp") assert(help.length > 0, words[0]);
    for (const line of help) {
      assert(terms.some((term) => term[0] === line[0] && term[1] === line[1]), line[0]);
    }
  }
});

Deno.test("a bare word is a property of its own service, and of no other", () => {
  for (const { kind: flag, form } of SERVICE_OPTIONS) {
    if (form !== "flag") continue;
    const [given, bare] = [`${SERVICE} ${flag}\n`, `${SERVICE}\n`].map((text) =>
      compile(text).services[0] as unknown as Record<string, unknown>
    );
    assertEquals([given?.[flag], bare?.[flag]], [true, false], flag);
  }
});

Deno.test("the reference grammar names the options that may repeat", () => {
  const repeating = SERVICE_OPTIONS.filter((entry: Entry) => entry.repeats).map(({ kind }) => kind);
  assertStringIncludes(EBNF, `only ${repeating.join(" and ")} may repeat`);
});

/** Options of a service, and parts of a log, twice in a row. */
function twice({ owners, words: [word = ""], examples: [example = ""] }: Entry): string {
  if (!owners.includes("log")) return `${SERVICE} ${example} ${example}`;
  const part = example.slice(example.indexOf(` ${word} `));
  return `${SERVICE} log${part}${part}`;
}

Deno.test("what may not repeat is an error if it is given twice, and only that", () => {
  const isRepeated = ({ code }: { code: string }) => code === CODES.repeatedOption.code;
  for (const entry of [...ownedBy("service"), ...ownedBy("log")] as readonly Entry[]) {
    const { diagnostics } = compile(`${twice(entry)}\n`);
    assertEquals(diagnostics.filter(isRepeated).length, entry.repeats === true ? 0 : 1, entry.kind);
    if (entry.repeats) assertStringIncludes(CODES.repeatedOption.text, `\`${entry.kind}\``);
  }
});

Deno.test("a part of an option in another place is reported with its option", () => {
  for (const { words, owners } of ENTRIES) {
    const [owner = "", ...others] = owners;
    if (others.length > 0 || owner !== "knock" && owner !== "log") continue;
    for (const word of words) {
      const [first] = compile(`${SERVICE} syn ${word}\n`).diagnostics;
      assertEquals(first?.help, `\`${word}\` is an option of \`${owner}\``);
    }
  }
});

Deno.test("a misspelt word of a service gets a suggestion", () => {
  for (const { words } of SERVICE_OPTIONS as readonly Entry[]) {
    for (const word of words.filter(({ length }) => length > 3)) {
      const [first] = compile(`${SERVICE} ${word}${word.at(-1)}\n`).diagnostics;
      assertEquals(first?.help, `did you mean \`${word}\`?`);
    }
  }
});
