// A drawn diagnostic whole: colours, several files, lines that are near each other, odd texts.
import { assert, assertEquals } from "@std/assert";
import { CODES } from "../../src/diagnostics/codes.ts";
import {
  diagnose,
  type Diagnostic,
  inFileOrder,
  type Saying,
} from "../../src/diagnostics/diagnostic.ts";
import { countDiagnostics, drawDiagnostic, drawDiagnostics } from "../../src/diagnostics/draw.ts";
import { formatJson } from "../../src/diagnostics/json.ts";
import { formatShort } from "../../src/diagnostics/short.ts";
import { makeSource, type Source } from "../../src/source/source.ts";

const NUMBERS = makeSource(
  "n.pk",
  Array.from({ length: 12 }, (_, at) => `line ${at + 1}`).join("\n"),
);
const OTHER = makeSource("o.pk", "other\n\n");
const SOURCES = new Map([NUMBERS, OTHER].map((source) => [source.name, source]));

/** The span of a text in a source. */
function at(source: Source, text: string) {
  const start = source.text.indexOf(text);
  return { file: source.name, start, end: start + text.length };
}

/** Draws what is said, without colour. */
function draw(saying: Partial<Saying>, sources = SOURCES): string {
  const diagnostic = diagnose(CODES.duplicateName, {
    ...{ message: "twice", at: at(NUMBERS, "line 2") },
    ...saying,
  });
  return drawDiagnostic(diagnostic, { sources, color: false });
}

Deno.test("each part of a drawing has its colour, an error another one than a warning", () => {
  const saying = {
    message: "twice",
    at: at(NUMBERS, "line 3"),
    label: "again",
    secondary: [{ span: at(NUMBERS, "line 1\n"), text: "here" }],
    help: "rename it\nor not",
  };
  const [frame, end] = ["\x1b[1;34m", "\x1b[0m"];
  for (
    const [code, head, color] of [
      [CODES.duplicateName, "error[PK020]", "\x1b[1;31m"],
      [CODES.unusedDefine, `warning[${CODES.unusedDefine.code}]`, "\x1b[1;33m"],
    ] as const
  ) {
    assertEquals(
      drawDiagnostic(diagnose(code, saying), { sources: SOURCES, color: true }),
      `${color}${head}${end}\x1b[1m: twice${end}
${frame}  -->${end} n.pk:3:1
${frame}   |${end}
${frame} 1 |${end} line 1
${frame}   |${end} \x1b[1;36m------ here${end}
${frame}...${end}
${frame} 3 |${end} line 3
${frame}   |${end} ${color}^^^^^^ again${end}
   ${frame}=${end} \x1b[1mhelp:${end} rename it
           or not
`,
    );
  }
});

Deno.test("dots stand for lines that are left out, and for no others", () => {
  const lines = (first: string, second: string) =>
    draw({ at: at(NUMBERS, first), secondary: [{ span: at(NUMBERS, second), text: "" }] })
      .split("\n").slice(3, -1);
  assertEquals(lines("line 2", "line 3"), [
    " 2 | line 2",
    "   | ^^^^^^",
    " 3 | line 3",
    "   | ------",
  ]);
  assertEquals(lines("line 4", "line 2"), [
    " 2 | line 2",
    "   | ------",
    "...",
    " 4 | line 4",
    "   | ^^^^^^",
  ]);
  assertEquals(lines("line 10", "line 9"), [
    "  9 | line 9",
    "    | ------",
    " 10 | line 10",
    "    | ^^^^^^^",
  ]);
  assertEquals(lines("line 5", "5"), [" 5 | line 5", "   | ^^^^^^", "   |      -"]);
  assertEquals(lines("6", "line 6"), [" 6 | line 6", "   | ------", "   |      ^"]);
});

Deno.test("each file has its name above its lines, all with one gutter", () => {
  const secondary = [
    { span: at(OTHER, "other"), text: "one" },
    { span: at(NUMBERS, "line 1\n"), text: "two" },
    { span: { file: "lost.pk", start: 3, end: 4 }, text: "three" },
    { span: { file: "o.pk", start: 6, end: 6 }, text: "" },
  ];
  assertEquals(
    draw({ at: at(NUMBERS, "line 12"), secondary }),
    `error[PK020]: twice
   --> n.pk:12:1
    |
  1 | line 1
    | ------ two
...
 12 | line 12
    | ^^^^^^^
   ::: o.pk:1:1
    |
  1 | other
    | ----- one
  2 |
    | -
   ::: lost.pk
`,
  );
});

Deno.test("a line that is shown in two parts is shown twice", () => {
  const long = makeSource("n.pk", `first ${"x".repeat(300)} second`);
  const drawn = draw(
    { at: at(long, "second"), secondary: [{ span: at(long, "first"), text: "" }] },
    new Map([["n.pk", long]]),
  );
  assertEquals(drawn.split("\n").slice(3, -1), [
    ` 1 | first ${"x".repeat(112)}…`,
    "   | -----",
    ` 1 | …${"x".repeat(55)} second`,
    `   | ${" ".repeat(57)}^^^^^^`,
  ]);
});

Deno.test("a line of 120 columns is shown whole", () => {
  for (const [length, shown] of [[120, "x".repeat(120)], [121, `${"x".repeat(118)}…`]] as const) {
    const source = makeSource("n.pk", "x".repeat(length));
    const drawn = draw({ at: { file: "n.pk", start: 0, end: 1 } }, new Map([["n.pk", source]]));
    assertEquals(drawn.split("\n")[3], ` 1 | ${shown}`);
  }
});

Deno.test("of a file that is too large, only the name is shown", () => {
  const text = "x".repeat(5 * 1024 * 1024);
  const [large, bad] = [makeSource("n.pk", text), makeSource("n.pk", "a\0")];
  const head = "error[PK020]: twice\n  --> n.pk";
  const span = { file: "n.pk", start: 0, end: 0 };
  assertEquals(draw({ at: span }, new Map([["n.pk", large]])), `${head}\n`);
  assertEquals(
    draw({ at: span }, new Map([["n.pk", bad]])),
    `${head}:1:1\n   |\n 1 | a␀\n   | ^\n`,
  );
});

Deno.test("nothing that a diagnostic says steers the terminal", () => {
  const odd = "a\x1b[2Jb";
  const source = makeSource(odd, odd);
  const span = { file: odd, start: 0, end: 1 };
  const saying = { message: odd, at: span, label: odd, help: `${odd}\n${odd}` };
  const lost = { span: { file: `x${odd}`, start: 0, end: 0 }, text: "" };
  const shown = "a␛[2Jb";
  const sources = new Map([[odd, source]]);
  assertEquals(
    draw({ ...saying, secondary: [lost] }, sources),
    `error[PK020]: ${shown}
  --> ${shown}:1:1
   |
 1 | ${shown}
   | ^ ${shown}
  ::: x${shown}
   = help: ${shown}
           ${shown}
`,
  );
  const diagnostic = diagnose(CODES.duplicateName, saying);
  assertEquals(
    formatShort(diagnostic, sources),
    `${shown}:1:1: error[PK020]: ${shown} (${shown} ${shown})\n`,
  );
  assertEquals(JSON.parse(formatJson(diagnostic, sources)).help, `${odd}\n${odd}`);
});

Deno.test("several diagnostics have an empty line between them, none is no text", () => {
  const one = diagnose(CODES.unreadable, { message: "a", at: { file: "x", start: 0, end: 0 } });
  const options = { sources: SOURCES, color: false };
  const drawn = "error[PK025]: a\n  --> x\n";
  assertEquals([[], [one], [one, one, one]].map((some) => drawDiagnostics(some, options)), [
    "",
    drawn,
    `${drawn}\n${drawn}\n${drawn}`,
  ]);
});

Deno.test("errors and warnings are counted, one of them as one, those that are none not at all", () => {
  const make = (code: typeof CODES.duplicateName) =>
    diagnose(code, { message: "", at: { file: "", start: 0, end: 0 } });
  const [error, warning] = [make(CODES.duplicateName), make(CODES.unusedDefine)];
  const cases: readonly [Diagnostic[], string][] = [
    [[error], "1 error"],
    [[error, error], "2 errors"],
    [[warning], "1 warning"],
    [[warning, warning, warning], "3 warnings"],
    [[warning, error, warning], "1 error, 2 warnings"],
  ];
  for (const [some, words] of cases) assertEquals(countDiagnostics(some), words);
});

Deno.test("diagnostics of one place keep their order, files that of their first", () => {
  const make = (file: string, start: number, message = `${file}${start}`) =>
    diagnose(CODES.unknownWord, { message, at: { file, start, end: start } });
  const given = [make("c", 9), make("a", 3, "x"), make("b", 1), make("c", 2), make("a", 3, "y")];
  const before = given.map(({ message }) => message);
  assertEquals(inFileOrder(given).map(({ message }) => message), ["c2", "c9", "x", "y", "b1"]);
  assertEquals(given.map(({ message }) => message), before);
});

Deno.test("what is not said of a diagnostic is empty, nothing or none", () => {
  const span = at(NUMBERS, "line 2");
  assertEquals(diagnose(CODES.duplicateName, { message: "m", at: span }), {
    ...{ code: "PK020", severity: "error", message: "m" },
    ...{ primary: { span, text: "" }, secondary: [], help: null },
  });
  const json = formatJson(diagnose(CODES.unusedDefine, { message: "m", at: span }), SOURCES);
  assert(json.endsWith("}\n") && !json.slice(0, -1).includes("\n"));
  assertEquals(JSON.parse(json).severity, "warning");
});
