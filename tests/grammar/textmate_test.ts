// The TextMate grammar in the engine of the editors that use such grammars, word by word against
// the program's own lexer.
import { assertEquals } from "@std/assert";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";
import { type Kind, samples, wordsOf } from "../support/highlighting.ts";

const GRAMMAR = new URL("../../grammar/editors/pk.tmLanguage.json", import.meta.url);

const SCOPES: Readonly<Record<Kind, string>> = {
  statement: "keyword.control",
  protocol: "storage.type",
  policy: "support.constant.policy",
  option: "keyword.other",
  defined: "entity.name.section",
  interface: "variable.parameter.interface",
  level: "support.constant.level",
  name: "variable.other",
  string: "string.quoted.double",
  address: "constant.numeric.address",
  number: "constant.numeric.integer",
  duration: "constant.numeric.duration",
  rate: "constant.numeric.rate",
  operator: "keyword.operator",
  comma: "punctuation.separator",
  comment: "comment.line.number-sign",
};

async function load(): Promise<textmate.IGrammar> {
  const wasm = new URL("onig.wasm", import.meta.resolve("vscode-oniguruma"));
  await oniguruma.loadWASM(await Deno.readFile(wasm));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () =>
      textmate.parseRawGrammar(await Deno.readTextFile(GRAMMAR), "pk.tmLanguage.json"),
  });
  return (await registry.loadGrammar("source.pk"))!;
}

Deno.test("editors with TextMate grammars see every word of the examples for what it is", async () => {
  const grammar = await load();
  for (const text of samples()) {
    const scopes: string[][] = [];
    let stack = textmate.INITIAL;
    for (const line of text.split("\n")) {
      const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
      for (const { startIndex, endIndex, scopes: names } of tokens) {
        // The engine counts the newline too.
        const end = Math.min(endIndex, line.length);
        for (let at = startIndex; at < end; at++) scopes.push(names);
      }
      scopes.push([]);
      stack = ruleStack;
    }
    for (const { text: word, offset, kind } of wordsOf(text)) {
      for (let at = offset; at < offset + word.length; at++) {
        const right = scopes[at]?.includes(`${SCOPES[kind]}.pk`);
        assertEquals(right, true, `${word} is ${scopes[at]}, not ${SCOPES[kind]}`);
      }
    }
  }
});
