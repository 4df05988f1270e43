// What the built program does when its output cannot be written.
import { assertEquals, assertMatch } from "@std/assert";
import { TOP } from "../../dist/build/network.ts";

/** Runs dist/pktables in a shell line, in which `$0` is the program. */
async function shell(line: string): Promise<{ code: number; out: string; err: string }> {
  const command = new Deno.Command("bash", { args: ["-c", line, `${TOP}/dist/pktables`] });
  const { code, stdout, stderr } = await command.output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

Deno.test("a result that does not fit on a full disk is an error of one line", async () => {
  for (const verb of ["help", "help add", "--version"]) {
    const { code, err } = await shell(`"$0" ${verb} > /dev/full`);
    assertEquals(code, 1, verb);
    assertMatch(err, /^pktables: error: standard output [^\n]*No space left on device[^\n]*\n$/);
  }
});

Deno.test("a wrong command line keeps its exit status if standard error is full", async () => {
  const { code, out } = await shell('"$0" inti 2> /dev/full');
  assertEquals([code, out], [2, ""]);
});

Deno.test("a reader that goes away early is not an error", async () => {
  const { out, err } = await shell('"$0" help | true; echo "${PIPESTATUS[0]}"');
  assertEquals([out, err], ["0\n", ""]);
});
