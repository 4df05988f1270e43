// The screen of `list --watch`, whole.
import { assertEquals } from "@std/assert";
import { drawScreen } from "../../src/cli/report/watch.ts";
import { FakeSystem } from "../support/fake_system.ts";

const [HOME, LINE, BELOW] = ["\x1b[H", "\x1b[K", "\x1b[J"];

function screen(text: string, columns: number, rows: number): string[] {
  const drawn = drawScreen(text, { time: "T", console: { columns, rows } });
  return drawn.split("\r\n");
}

Deno.test("each line clears the rest of its own, and the last one all below", () => {
  assertEquals(screen("a\nb", 80, 24), [
    `${HOME}pktables list at T, Ctrl-C quits${LINE}`,
    LINE,
    `a${LINE}`,
    `b${LINE}${BELOW}`,
  ]);
});

Deno.test("what does not fit is cut, and how much is missing is said", () => {
  const bare = (lines: string[]) =>
    lines.map((line) => line.replace(HOME, "").replace(LINE, "").replace(BELOW, ""));
  assertEquals(bare(screen("a\nb\nc", 8, 5)), ["pktables", "", "a", "b", "c"]);
  assertEquals(bare(screen("a\nb\nc", 99, 4)), [
    "pktables list at T, Ctrl-C quits",
    "",
    "a",
    "... 2 more lines than fit on this terminal",
  ]);
  assertEquals(bare(screen("a\nb\nc", 99, 1)).length, 3);
  assertEquals(bare(screen("a\x1b[2Jb", 99, 9))[2], "a␛[2Jb");
});

Deno.test("a terminal gets a screen of its own and the old one back, others a time before each refresh", async () => {
  const system = new FakeSystem();
  await system.run("init ssh --port 22");
  Object.assign(system.console, { outIsTerminal: true });
  system.pauses = 1;
  const { out } = await system.run("list --watch --color never");
  const looks = out.split(HOME);
  assertEquals([looks[0], looks.length], ["\x1b[?1049h\x1b[?25l", 3]);
  assertEquals(out.endsWith(`${BELOW}\x1b[?25h\x1b[?1049l`), true);
  Object.assign(system.console, { outIsTerminal: false });
  system.pauses = 1;
  const plain = await system.run("list --watch");
  assertEquals(plain.out.match(/^2026-05-06T07:08:\d\dZ\nSERVICE/gm)?.length, 2);
});
