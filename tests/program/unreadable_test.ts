// What is said of a file that cannot be read: for the first one, for one that is included, for the input.
import { assertEquals } from "@std/assert";
import { reportUnreadable } from "../../src/program/unreadable.ts";
import type { ReadProblem } from "../../src/source/reader.ts";

const AT = { file: "rules.pk", start: 8, end: 14 };
const CHAIN = [{
  span: { file: "all.pk", start: 8, end: 18 },
  text: "`rules.pk` is included here",
}];
const GLOB = "name a file, or include the files in it by a glob such as `services/*.pk`";
const INPUT = "give `-` to read the standard input";

/** Each problem, what is said behind the file's name, and the help for the first file and an included one. */
const CASES: readonly [
  problem: ReadProblem,
  words: string,
  first: string | null,
  help: string | null,
][] = [
  [{ kind: "missing" }, "no such file", null, null],
  [{ kind: "directory" }, "is a directory", GLOB, GLOB],
  [
    { kind: "permission" },
    "permission denied",
    "run as a user who may read it",
    "run as a user who may read it",
  ],
  [{ kind: "special" }, "not a regular file", INPUT, null],
  [{ kind: "other", words: "Input/output error" }, "Input/output error", null, null],
];

Deno.test("each reason why a file cannot be read has its words, and what to do about it", () => {
  for (const [problem, words, first, help] of CASES) {
    const common = { code: "PK025", severity: "error" } as const;
    assertEquals(reportUnreadable({ path: "a.pk", problem, at: null, chain: [] }), {
      ...common,
      message: `cannot read \`a.pk\`: ${words}`,
      primary: { span: { file: "a.pk", start: 0, end: 0 }, text: "" },
      secondary: [],
      help: first,
    });
    assertEquals(reportUnreadable({ path: "a.pk", problem, at: AT, chain: CHAIN }), {
      ...common,
      message: `cannot read \`a.pk\`: ${words}`,
      primary: { span: AT, text: "" },
      secondary: CHAIN,
      help,
    });
    assertEquals(reportUnreadable({ path: "-", problem, at: null, chain: [] }), {
      ...common,
      message: `cannot read the standard input: ${words}`,
      primary: { span: { file: "-", start: 0, end: 0 }, text: "" },
      secondary: [],
      help,
    });
  }
});

Deno.test("a file that is too large is to be split, wherever it comes from", () => {
  for (
    const [path, at, name] of [
      ["a.pk", null, "`a.pk`"],
      ["a.pk", AT, "`a.pk`"],
      ["-", null, "the standard input"],
    ] as const
  ) {
    const chain = at === null ? [] : CHAIN;
    assertEquals(reportUnreadable({ path, problem: { kind: "too-large" }, at, chain }), {
      code: "PK003",
      severity: "error",
      message: `${name} is over 4 MiB`,
      primary: { span: at ?? { file: path, start: 0, end: 0 }, text: "" },
      secondary: chain,
      help: "split it, and `include` its parts",
    });
  }
});
