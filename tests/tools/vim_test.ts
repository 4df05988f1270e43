// The Vim syntax file in a real Vim, word by word against the program's own lexer.
import { assertEquals } from "@std/assert";
import { TOP } from "../../dist/build/network.ts";
import { type Kind, samples, wordsOf } from "../support/highlighting.ts";
import { start } from "../support/process.ts";

const GROUPS: Readonly<Record<Kind, string>> = {
  statement: "pkStatement",
  protocol: "pkProtocol",
  policy: "pkPolicy",
  option: "pkOption",
  defined: "pkDefined",
  interface: "pkInterface",
  level: "pkLevel",
  name: "pkName",
  string: "pkString",
  address: "pkAddress",
  number: "pkNumber",
  duration: "pkDuration",
  rate: "pkRate",
  operator: "pkRange|pkColon|pkPunctuation",
  comma: "pkPunctuation",
  comment: "pkComment",
};

/** Writes the group of every byte, a line a line of the text. */
const SCRIPT = (file: string) =>
  `set nocompatible encoding=utf-8
set runtimepath+=${TOP}/grammar/editors/vim
filetype on
syntax on
edit ${file}
let found = [&filetype]
for l in range(1, line('$'))
  call add(found, join(map(range(1, col([l, '$']) - 1), {_, c -> synIDattr(synID(g:l, c, 1), 'name')}), ' '))
endfor
call writefile(found, '${file}.groups')
qall!
`;

Deno.test("Vim knows .pk files, and every word of the examples for what it is", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [at, text] of samples().entries()) {
      const file = `${folder}/${at}.pk`;
      await Deno.writeTextFile(file, text);
      await Deno.writeTextFile(`${file}.vim`, SCRIPT(file));
      const vim = ["vim", "-u", "NONE", "-i", "NONE", "-n", "-es", "-S", `${file}.vim`];
      const { code, stdout, stderr } = await start(vim, { timeout: 20_000 }).outcome;
      assertEquals([code, stdout + stderr], [0, ""]);
      const [type, ...lines] = (await Deno.readTextFile(`${file}.groups`)).split("\n");
      assertEquals(type, "pk");
      const seen = lines.map((line) => line.split(" "));
      for (const { text: word, offset, kind } of wordsOf(text)) {
        const before = text.slice(0, offset).split("\n");
        const column = new TextEncoder().encode(before.at(-1)).length;
        const groups = word.split("").map((_, index) => seen[before.length - 1]?.[column + index]);
        const right = groups.every((group) =>
          GROUPS[kind].split("|").includes(group ?? "") || kind === "string" && group === "pkEscape"
        );
        assertEquals(right, true, `${before.length}: ${word} is ${groups}, not ${GROUPS[kind]}`);
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
