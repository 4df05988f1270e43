// Equivalent changes in the language, knockd and what all share.
import type { Equivalent } from "../equal.ts";

/** All that are known there. */
export const LANGUAGE: readonly Equivalent[] = [
  {
    file: "grammar/expectations.ts",
    from: "if (found.tokenType === NAME && expectation.words.length > 0) {",
    to: ["if (found.tokenType === NAME && expectation.words.length > 1) {"],
    because: "no place of the language expects exactly one keyword",
  },
  {
    file: "grammar/options.ts",
    from: "order: 0,",
    to: ["order: 1,"],
    because: "what stands at one place of its owner is left out before anything is sorted by it",
  },
  {
    file: "grammar/options.ts",
    from: "order: 1,",
    to: ["order: 0,"],
    because: "nothing that is sorted with these has a place ahead of 1, so they stay the first",
  },
  {
    file: "grammar/options.ts",
    from: "order: 2,",
    to: ["order: 3,"],
    because:
      "`to` is the only one that can have 3 without sharing a place, which a test refuses: what follows it has 4",
  },
  {
    file: "grammar/options.ts",
    from: "order: 4,",
    to: ["order: 5,"],
    because:
      "where nothing has 5 these are the last of their owner; where something has, a test refuses the shared place",
  },
  {
    file: "grammar/options.ts",
    from: "order: 8,",
    to: ["order: 9,"],
    because: "the last option of a service stays the last",
  },
  {
    file: "grammar/parser.ts",
    from: 'SERVICE_OPTIONS.find(({ kind }) => kind === "policy")!,',
    to: ['SERVICE_OPTIONS.findLast(({ kind }) => kind === "policy")!,'],
    because: "each kind is in the table once, which a test holds",
  },
  {
    file: "grammar/recovery.ts",
    from: "} else if (outcome.mistake?.found === null) {",
    to: ["} else if (true) {"],
    because:
      "with the next piece behind it, a piece that was wrong about a token is wrong about the same one, and a whole one has too much: both stay as they are",
  },
  {
    file: "grammar/recovery.ts",
    from: "const MAX_CUT = 2;",
    to: ["const MAX_CUT = 3;"],
    because:
      "no statement has to lose three tokens: knock once and log prefix are the longest starts that cannot stand without what follows",
  },
  {
    file: "grammar/tokens.ts",
    from: '{ name: "COMMENT", pattern: /#[^\\r\\n]*/, group: COMMENTS },',
    to: ['{ name: "", pattern: /#[^\\r\\n]*/, group: COMMENTS },'],
    because: "comments are found by their group; no rule of the parser names the token",
  },
  {
    file: "grammar/tokens.ts",
    from: "return createToken({ line_breaks: false, start_chars_hint: hint, ...config });",
    to: ["return createToken({ line_breaks: true, start_chars_hint: hint, ...config });"],
    because:
      "it only says whether the lexer counts lines in a token, and nobody asks a token for its line: places are offsets",
  },
  {
    file: "grammar/tokens.ts",
    from: "for (let code = 256; code < 0xffff; code += 255) codes.push(code);",
    to: ["for (let code = 257; code < 0xffff; code += 255) codes.push(code);"],
    because:
      "257 and what follows it by steps of 255 lie in the same buckets of 255 characters as 256 and what follows it",
  },
  {
    file: "grammar/tokens.ts",
    from: "for (let code = 256; code < 0xffff; code += 255) codes.push(code);",
    to: ["for (let code = 256; code <= 0xffff; code += 255) codes.push(code);"],
    because: "no step of 255 from 256 ends at 65,535",
  },
  {
    file: "src/diagnostics/nearest.ts",
    from: "if (Math.abs(candidate.length - word.length) > own) continue;",
    to: [";", "if (false) continue;"],
    because:
      "words whose lengths differ by more are that many edits apart at least: the line only saves counting them",
  },
  {
    file: "src/diagnostics/nearest.ts",
    from: "let above = Array.from({ length: b.length + 1 }, (_, column) => column);",
    to: ["let above = Array.from({ length: b.length + 2 }, (_, column) => column);"],
    because: "no column behind the last is read",
  },
  {
    file: "src/diagnostics/nearest.ts",
    from: "for (let row = 1; row <= a.length; row++) {",
    to: ["for (let row = 0; row <= a.length; row++) {"],
    because: "a row of no letter comes out as the one it starts from: only letters can be added",
  },
  {
    file: "src/diagnostics/nearest.ts",
    from: "const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] &&",
    to: [
      "const swapped = row >= 1 && column > 1 && a[row - 1] === b[column - 2] &&",
      "const swapped = row > 0 && column > 1 && a[row - 1] === b[column - 2] &&",
      "const swapped = row > 1 && column > 0 && a[row - 1] === b[column - 2] &&",
      "const swapped = row > 1 && column >= 1 && a[row - 1] === b[column - 2] &&",
    ],
    because: "ahead of the first letter there is none, which equals no letter of the other word",
  },
  {
    file: "src/knockd/import_conf.ts",
    from: "const isAhead = (one: Opened) => one.start < start;",
    to: ["const isAhead = (one: Opened) => one.start <= start;"],
    because:
      "a section that opens does not close as well, so no two of them start at the same place",
  },
  {
    file: "src/knockd/sequence.ts",
    from: 'const [written = "", protocol = "tcp"] = item.split(":").map((part) => part.trim());',
    to: ['const [written = "x", protocol = "tcp"] = item.split(":").map((part) => part.trim());'],
    because: "split gives one part at least: the default is there for its type alone",
  },
  {
    file: "src/program/glob.ts",
    from: "[at, next] = [resume, star + 1];",
    to: ["[at, next] = [resume, star + 0];"],
    because: "at the star itself the same place and the same way on are noted again",
  },
  {
    file: "src/semantic/checks/repeated_options.ts",
    from: "const entry = ENTRIES.find(({ kind }) => kind === option.kind);",
    to: ["const entry = ENTRIES.findLast(({ kind }) => kind === option.kind);"],
    because: "each kind is in the table once, which a test holds",
  },
  {
    file: "src/source/source.ts",
    from: "const byte = bytes[at + i] ?? 0;",
    to: ["const byte = bytes[at + i] ?? 1;"],
    because: "behind the end of the file neither is a byte that continues a character",
  },
  {
    file: "src/source/source.ts",
    from: "const problem: SourceProblem = nul >= 0 && nul < offset",
    to: ["const problem: SourceProblem = nul >= 0 && nul <= offset"],
    because: "at the offset itself stands what replaces the invalid byte, no NUL",
  },
  {
    file: "src/source/source.ts",
    from: "const resume = known !== undefined && known.line === line && known.offset <= at;",
    to: ["const resume = known !== undefined && known.line === line && known.offset < at;"],
    because: "a place that is asked for again is counted again, with the same result",
  },
  {
    file: "src/source/source.ts",
    from: "let [low, high] = [0, source.lineStarts.length - 1];",
    to: ["let [low, high] = [0, source.lineStarts.length - 0];"],
    because:
      "a line behind the last has no start that could be at or below the offset: the search goes on below it",
  },
  {
    file: "src/syntax/ast_options.ts",
    from: ".find(({ startOffset }) => startOffset > start.startOffset);",
    to: [".find(({ startOffset }) => startOffset >= start.startOffset);"],
    because: "a value's token never starts where the keyword ahead of it does",
  },
  {
    file: "src/syntax/comments.ts",
    from: "if ((segments[middle]?.start ?? 0) < offset) low = middle + 1;",
    to: ["if ((segments[middle]?.start ?? 0) <= offset) low = middle + 1;"],
    because: "the offset is that of a comment's #, at which no piece of a statement starts",
  },
  {
    file: "src/syntax/values.ts",
    from: "const unit = DURATION_UNITS.find((known) => known === written);",
    to: ["const unit = DURATION_UNITS.findLast((known) => known === written);"],
    because: "each unit is in the list once",
  },
  {
    file: "src/syntax/values.ts",
    from: "DURATION_UNITS.find((known) => known === written.toLowerCase());",
    to: ["DURATION_UNITS.findLast((known) => known === written.toLowerCase());"],
    because: "each unit is in the list once",
  },
  {
    file: "src/syntax/values.ts",
    from: "const unit = RATE_UNITS.find((known) => known === written);",
    to: ["const unit = RATE_UNITS.findLast((known) => known === written);"],
    because: "each unit is in the list once",
  },
  {
    file: "src/syntax/values.ts",
    from: 'const meant = RATE_UNITS.find((known) => short !== "" && known.startsWith(short)) ??',
    to: [
      'const meant = RATE_UNITS.findLast((known) => short !== "" && known.startsWith(short)) ??',
    ],
    because: "no two units start with the same letter",
  },
  {
    file: "src/text/clip.ts",
    from: "const characters = Array.from(word.slice(0, 2 * MAX_QUOTED + 2));",
    to: [
      "const characters = Array.from(word.slice(0, 2 * MAX_QUOTED + 1));",
      "const characters = Array.from(word.slice(0, 2 * MAX_QUOTED + 3));",
      "const characters = Array.from(word.slice(0, 3 * MAX_QUOTED + 2));",
    ],
    because:
      "81 units are enough to hold 40 characters and to see that there are more: the slice only keeps a long word from being split whole",
  },
  {
    file: "src/text/quoted.ts",
    from: 'if (hasControl(word)) throw new TypeError("a control character cannot be written");',
    to: ['if (hasControl(word)) throw new TypeError("");'],
    because: "the callers refuse such words: only a bug would show the message",
  },
  {
    file: "src/text/width.ts",
    from: 'if (grapheme.length === 1 && grapheme >= " " && grapheme <= "~") return 1;',
    to: [
      ";",
      "if (false) return 1;",
      'if (grapheme.length === 0 && grapheme >= " " && grapheme <= "~") return 1;',
      'if (grapheme.length === 2 && grapheme >= " " && grapheme <= "~") return 1;',
      'if (grapheme.length === 1 && grapheme > " " && grapheme <= "~") return 1;',
      'if (grapheme.length === 1 && grapheme < " " && grapheme <= "~") return 1;',
      'if (grapheme.length === 1 && grapheme >= "" && grapheme <= "~") return 1;',
      'if (grapheme.length === 1 && grapheme >= " " && grapheme < "~") return 1;',
      'if (grapheme.length === 1 && grapheme >= " " && grapheme <= "") return 1;',
    ],
    because:
      "what is printed of ASCII is one column by the tables as well, and so is a character of two units that begins with it: the line only saves looking",
  },
];
