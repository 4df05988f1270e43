// Command lines of a shell, cut into commands and words.
import { assertEquals } from "@std/assert";
import { splitCommands } from "../../src/knockd/shell.ts";

/** Commands joined by ` | `, each word with its place, and with a `!` where the shell changes it. */
function read(line: string): string {
  return splitCommands(line).map((words) =>
    words.map(({ text, expands, start, end }) => `${text}${expands ? "!" : ""}@${start}-${end}`)
      .join(" ")
  ).join(" | ");
}

const LINES: readonly (readonly [line: string, words: string])[] = [
  ["a b  c", "a@0-1 b@2-3 c@5-6"],
  ["a;b&&c||d|e&f(g)", "a@0-1 | b@2-3 | c@5-6 | d@8-9 | e@10-11 | f@12-13 | g@14-15"],
  [" a\tb ", "a@1-2 b@3-4"],
  [";;", ""],
  ["a '' \"\"", "a@0-1 @2-4 @5-7"],
  ["'a b'c\"d e\"f\\ g", "a bcd ef g@0-15"],
  ["'a\"b' \"a'b\" \\'x", "a\"b@0-5 a'b@6-11 'x@12-15"],
  ['"a\\"b\\\\c\\$d\\`e\\f"', 'a"b\\c$d`e\\f@0-17'],
  ["'open", "open@0-5"],
  ['"open', "open@0-5"],
  ["a\\", "a@0-2"],
  ['$x "$x" \'$x\' \\$x "\\$x" a$b', "$x!@0-2 $x!@3-7 $x@8-12 $x@13-16 $x@17-22 a$b!@23-26"],
  ['`x` "`x`" \'`x`\' "\\`x\\`"', "`x`!@0-3 `x`!@4-9 `x`@10-15 `x`@16-23"],
  ["*.c a?b [ab] \"*\" '*' \\*", "*.c!@0-3 a?b!@4-7 [ab]!@8-12 *@13-16 *@17-20 *@21-23"],
  ['~ ~/a a~ "~"', "~!@0-1 ~/a!@2-5 a~@6-8 ~@9-12"],
  ["a # b ; c", "a@0-1"],
  ["a#b #c", "a#b@0-3"],
  ["#a", ""],
  ["a > /dev/null b", "a@0-1 b@14-15"],
  ["a >/dev/null 2>&1 b", "a@0-1 b@18-19"],
  ["a 2>> log b 3<&- c", "a@0-1 b@10-11 c@17-18"],
  ["a <in >out b", "a@0-1 b@11-12"],
  ["a &>all b &>>all c", "a@0-1 b@8-9 c@17-18"],
  ["a <<< x b", "a@0-1 b@8-9"],
  ["a <<EOF b", "a@0-1 b@8-9"],
  ["a <<-EOF b", "a@0-1 b@9-10"],
  ["a <>f b >|g c", "a@0-1 b@6-7 c@12-13"],
  ["a12>x b", "a12@0-3 b@6-7"],
  ["a 12>x b", "a@0-1 b@7-8"],
  ["a1 2 3", "a1@0-2 2@3-4 3@5-6"],
  ["1>x", ""],
  ["a >x;b >y|c", "a@0-1 | b@5-6 | c@10-11"],
  ["a &", "a@0-1"],
  ["a=1 b", "a=1@0-3 b@4-5"],
  ["%IP% a@b:c,d+e-f_g/h.i", "%IP%@0-4 a@b:c,d+e-f_g/h.i@5-22"],
  ['é "é" x', "é@0-1 é@2-5 x@6-7"],
  ["a)b", "a@0-1 | b@2-3"],
  ["a\nb", "a@0-1 | b@2-3"],
  ["a b\n", "a@0-1 b@2-3"],
];

Deno.test("a line is cut as a shell does: by quotes, operators, redirections and comments", () => {
  for (const [line, words] of LINES) assertEquals(read(line), words, line);
});
