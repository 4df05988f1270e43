import { assertEquals, assertStringIncludes } from "@std/assert";
import { CODES } from "../../src/diagnostics/codes.ts";
import { diagnose, inFileOrder, type Saying } from "../../src/diagnostics/diagnostic.ts";
import { countDiagnostics, drawDiagnostic } from "../../src/diagnostics/draw.ts";
import { formatJson } from "../../src/diagnostics/json.ts";
import { formatShort } from "../../src/diagnostics/short.ts";
import { makeSource, type Source, spanOf } from "../../src/source/source.ts";

const RULES = `# doors
service web tcp 80
service ssh tcp 22 sny drop
`;

/** The span of the first `word` in a source, at or behind `from`. */
function at(source: Source, word: string, from = 0) {
  const start = source.text.indexOf(word, from);
  return spanOf(source, start, start + word.length);
}

function sourcesOf(...sources: Source[]): Map<string, Source> {
  return new Map(sources.map((source) => [source.name, source]));
}

/** Draws one diagnostic about the first `word` of a text. */
function draw(text: string, word: string, more: Partial<Saying> & { width?: number } = {}): string {
  const source = makeSource("rules.pk", text);
  const { width, ...saying } = more;
  return drawDiagnostic(
    diagnose(CODES.unknownWord, { message: `unknown word`, at: at(source, word), ...saying }),
    { sources: sourcesOf(source), color: false, ...(width === undefined ? {} : { width }) },
  );
}

/** The line of source and the line of marks of a drawn diagnostic. */
function excerpt(drawn: string): string[] {
  return drawn.split("\n").slice(3, 5);
}

Deno.test("a diagnostic is drawn as the language's description shows it", () => {
  const drawn = draw(RULES, "sny", {
    message: "unknown word `sny`",
    label: "expected `syn`, a policy (`drop`, `accept`, `reject`) or an option",
    help: "did you mean `syn`?",
  });
  assertEquals(
    drawn,
    `error[PK004]: unknown word \`sny\`
  --> rules.pk:3:20
   |
 3 | service ssh tcp 22 sny drop
   |                    ^^^ expected \`syn\`, a policy (\`drop\`, \`accept\`, \`reject\`) or an option
   = help: did you mean \`syn\`?
`,
  );
});

Deno.test("two places of a clash are drawn in line order, with dots for the lines between", () => {
  const source = makeSource("a.pk", "service a tcp 1\n\n\n\n\n\n\n\n\nservice a tcp 2\n");
  const drawn = drawDiagnostic(
    diagnose(CODES.duplicateName, {
      message: "the name `a` is used twice",
      at: at(source, "a tcp 2"),
      label: "again here",
      secondary: [{ span: at(source, "a tcp 1"), text: "first used here" }],
    }),
    { sources: sourcesOf(source), color: false },
  );
  assertEquals(
    drawn,
    `error[PK020]: the name \`a\` is used twice
   --> a.pk:10:9
    |
  1 | service a tcp 1
    |         ------- first used here
...
 10 | service a tcp 2
    |         ^^^^^^^ again here
`,
  );
});

Deno.test("two places on one line are marked below each other under one copy of the line", () => {
  const drawn = draw("service a tcp 1 drop accept\n", "accept", {
    secondary: [{ span: { file: "rules.pk", start: 16, end: 20 }, text: "first" }],
    label: "second",
  });
  assertEquals(drawn.split("\n").slice(3, 6), [
    " 1 | service a tcp 1 drop accept",
    "   |                 ---- first",
    "   |                      ^^^^^^ second",
  ]);
});

Deno.test("a place in another file is shown with that file's name", () => {
  const one = makeSource("one.pk", "service a tcp 1\n");
  const two = makeSource("two.pk", "# x\nservice a tcp 2\n");
  const drawn = drawDiagnostic(
    diagnose(CODES.duplicateName, {
      message: "the name `a` is used twice",
      at: at(two, "a"),
      secondary: [{ span: at(one, "a"), text: "" }],
    }),
    { sources: sourcesOf(one, two), color: false },
  );
  assertEquals(
    drawn,
    `error[PK020]: the name \`a\` is used twice
  --> two.pk:2:9
   |
 2 | service a tcp 2
   |         ^
  ::: one.pk:1:9
   |
 1 | service a tcp 1
   |         -
`,
  );
});

Deno.test("the caret stands under its column behind tabs", () => {
  assertEquals(excerpt(draw("\tx\tsny\n", "sny")), [
    " 1 |     x   sny",
    "   |         ^^^",
  ]);
});

Deno.test("the caret stands under its column behind wide characters, accents and emoji", () => {
  assertEquals(excerpt(draw('"漢字" sny', "sny")), [' 1 | "漢字" sny', "   |        ^^^"]);
  assertEquals(excerpt(draw("cafe\u0301 sny", "sny")), [" 1 | cafe\u0301 sny", "   |      ^^^"]);
  assertEquals(excerpt(draw("👩‍👩‍👧 ❤️ sny", "sny")), [" 1 | 👩‍👩‍👧 ❤️ sny", "   |       ^^^"]);
  assertEquals(excerpt(draw("a 漢字 b", "漢字")), [" 1 | a 漢字 b", "   |   ^^^^"]);
});

Deno.test("an accent that stands alone takes no column, as a terminal has it", () => {
  assertEquals(excerpt(draw("\u0301 é sny", "sny")), [" 1 | \u0301 é sny", "   |    ^^^"]);
});

Deno.test("CRLF leaves no trace in the drawing", () => {
  assertEquals(draw(RULES.replaceAll("\n", "\r\n"), "sny"), draw(RULES, "sny"));
});

Deno.test("a long line is cut on both sides and the caret stays under its word", () => {
  const long = "a".repeat(5000) + " sny " + "b".repeat(5000);
  const [line, marks] = excerpt(draw(long, "sny", { width: 40 }));
  const text = line?.slice(5) ?? "";
  assertEquals(text.length <= 40 && text.startsWith("…a") && text.endsWith("b…"), true);
  assertEquals(marks?.slice(5), " ".repeat(text.indexOf("sny")) + "^^^");
});

Deno.test("a mark that is wider than the line ends with the line", () => {
  const [line, marks] = excerpt(draw("x " + "y".repeat(3000), "y".repeat(3000), { width: 40 }));
  assertEquals((marks?.length ?? 0) <= (line?.length ?? 0), true);
});

Deno.test("a place between two characters has one caret, also at the end of the file", () => {
  const drawn = draw("service", "service", { at: { file: "rules.pk", start: 7, end: 7 } });
  assertEquals(excerpt(drawn), [" 1 | service", "   |        ^"]);
});

Deno.test("control characters of a file reach the terminal as pictures only", () => {
  const drawn = draw("a \x1b[31m\u202e sny", "sny", { message: "odd \x1b]0;x\x07" });
  // deno-lint-ignore no-control-regex -- control characters are what this looks for
  assertEquals(/[\x00-\x09\x0b-\x1f\u202e]/.test(drawn), false);
  assertEquals(excerpt(drawn), [" 1 | a ␛[31m� sny", "   |          ^^^"]);
  assertEquals(excerpt(draw("\x7f sny", "sny")), [" 1 | ␡ sny", "   |   ^^^"]);
});

Deno.test("colour adds escape sequences and changes no other character", () => {
  const source = makeSource("rules.pk", RULES);
  const diagnostic = diagnose(CODES.unknownWord, {
    message: "unknown word `sny`",
    at: at(source, "sny"),
    help: "did you mean `syn`?",
  });
  const colored = drawDiagnostic(diagnostic, { sources: sourcesOf(source), color: true });
  const plain = drawDiagnostic(diagnostic, { sources: sourcesOf(source), color: false });
  assertEquals(colored.includes("\x1b[1;31merror[PK004]\x1b[0m"), true);
  // deno-lint-ignore no-control-regex -- escape sequences are what this takes out
  assertEquals(colored.replace(/\x1b\[[\d;]*m/g, ""), plain);
});

Deno.test("help of several lines is drawn below each other", () => {
  const drawn = draw(RULES, "sny", { help: "write one of\nsyn\ndrop" });
  assertEquals(drawn.split("\n").slice(-4), [
    "   = help: write one of",
    "           syn",
    "           drop",
    "",
  ]);
});

Deno.test("in a file that could not be read every place is its start", () => {
  const lost = diagnose(CODES.unreadable, {
    message: "cannot read `x.pk`",
    at: { file: "x.pk", start: 7, end: 9 },
  });
  assertEquals(formatShort(lost, new Map()), "x.pk:1:1: error[PK025]: cannot read `x.pk`\n");
  const { file, line, column, endLine, endColumn } = JSON.parse(formatJson(lost, new Map()));
  assertEquals([file, line, column, endLine, endColumn], ["x.pk", 1, 1, 1, 1]);
});

Deno.test("the JSON form is safe on a terminal, and says the same", () => {
  const message = "odd \x7f\x9b\u2028\u202e\u2066 é";
  const odd = diagnose(CODES.unknownWord, { message, at: { file: "a", start: 0, end: 0 } });
  const json = formatJson(odd, new Map());
  assertStringIncludes(json, "odd \\u007f\\u009b\\u2028\\u202e\\u2066 é");
  assertEquals(JSON.parse(json).message, message);
});

Deno.test("a diagnostic about a file that could not be read shows the name alone", () => {
  const diagnostic = diagnose(CODES.unreadable, {
    message: "cannot read `x.pk`: no such file",
    at: { file: "x.pk", start: 0, end: 0 },
  });
  assertEquals(
    drawDiagnostic(diagnostic, { sources: new Map(), color: false }),
    "error[PK025]: cannot read `x.pk`: no such file\n  --> x.pk\n",
  );
});

Deno.test("the short form is one line that an editor can jump from", () => {
  const source = makeSource("rules.pk", RULES);
  const diagnostic = diagnose(CODES.unknownWord, {
    message: "unknown word `sny`",
    at: at(source, "sny"),
    help: "did you mean `syn`?",
  });
  assertEquals(
    formatShort(diagnostic, sourcesOf(source)),
    "rules.pk:3:20: error[PK004]: unknown word `sny` (did you mean `syn`?)\n",
  );
});

Deno.test("the JSON form has places as an editor counts them", () => {
  const source = makeSource("r.pk", "# 😀\n😀 sny\n");
  const diagnostic = diagnose(CODES.unknownWord, {
    message: "unknown word `sny`",
    at: at(source, "sny"),
    secondary: [{ span: at(source, "#"), text: "here" }],
  });
  assertEquals(JSON.parse(formatJson(diagnostic, sourcesOf(source))), {
    code: "PK004",
    severity: "error",
    message: "unknown word `sny`",
    file: "r.pk",
    line: 2,
    column: 3,
    endLine: 2,
    endColumn: 6,
    label: "",
    help: null,
    related: [{ file: "r.pk", line: 1, column: 1, endLine: 1, endColumn: 2, label: "here" }],
  });
});

Deno.test("diagnostics are counted in words", () => {
  const one = diagnose(CODES.unknownWord, { message: "", at: { file: "", start: 0, end: 0 } });
  const two = diagnose(CODES.unusedDefine, { message: "", at: { file: "", start: 0, end: 0 } });
  assertEquals(countDiagnostics([]), null);
  assertEquals(countDiagnostics([one, two, one]), "2 errors, 1 warning");
});

Deno.test("diagnostics are brought into file order, file by file", () => {
  const make = (file: string, start: number) =>
    diagnose(CODES.unknownWord, { message: `${file}${start}`, at: { file, start, end: start } });
  const sorted = inFileOrder([make("b", 5), make("a", 3), make("b", 1), make("a", 2)]);
  assertEquals(sorted.map(({ message }) => message), ["b1", "b5", "a2", "a3"]);
});
