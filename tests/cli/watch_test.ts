import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { drawScreen } from "../../src/cli/report/watch.ts";
import { failure } from "../../src/system/failure.ts";
import { FakeSystem } from "../support/fake_system.ts";

const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

async function machine(): Promise<FakeSystem> {
  const system = new FakeSystem();
  await system.run("init ssh --port 22 --syn");
  await system.run("add 203.0.113.9 --service ssh --for 8h");
  return system;
}

Deno.test("a watch without a terminal prints plain lists, one a second, with their times", async () => {
  const system = await machine();
  system.pauses = 2;
  const { status, out, err } = await system.run("list --watch");
  assertEquals([status, err], [0, ""]);
  const look = (second: string, left: string) =>
    `2026-05-06T07:08:${second}Z
SERVICE  PORTS       POLICY  DOOR            TIME LEFT  PACKETS
ssh      tcp 22 syn  drop    203.0.113.9/32  ${left.padEnd(9)}        0

`;
  assertEquals(out, look("09", "8h") + look("10", "8h") + look("11", "7h 59m"));
});

Deno.test("a watch on a terminal leaves no trace on the screen that stays", async () => {
  const system = await machine();
  system.pauses = 1;
  Object.assign(system.console, { outIsTerminal: true });
  const { status, out } = await system.run("list ssh --watch");
  assertEquals(status, 0);
  assert(out.startsWith(ENTER) && out.endsWith(LEAVE));
  assertEquals(out.split("\x1b[H").length, 3);
  assertEquals(system.steps.at(-1), "listens no more");
});

Deno.test("a watch with a closed reader or on a full disk ends", async () => {
  for (const state of [{ outGone: true }, { outProblem: "No space left on device" }]) {
    const system = await machine();
    system.pauses = 9;
    Object.assign(system.console, state);
    const before = system.kernel.calls.filter(({ verb }) => verb === "save").length;
    const { status } = await system.run("list --watch");
    assertEquals(status, "outGone" in state ? 0 : 1);
    assertEquals(system.kernel.calls.filter(({ verb }) => verb === "save").length, before);
  }
});

Deno.test("what ends a watch is said after its screen has gone", async () => {
  const system = await machine();
  system.pauses = 3;
  Object.assign(system.console, { outIsTerminal: true });
  system.kernel.faults.save = { family: "ipv4", problem: failure("refused", "iptables refused") };
  const { status, out, err } = await system.run("list --watch");
  assertEquals([status, out], [1, `${ENTER}${LEAVE}`]);
  assertStringIncludes(err, "iptables refused");
});

Deno.test("a watched service that is removed is reported, until it comes back", async () => {
  const system = await machine();
  const { status, out } = await system.run("list web --watch");
  assertEquals(status, 0);
  assertStringIncludes(out, "no service web");
});

Deno.test("--watch excludes --json and --raw", async () => {
  for (const other of ["--json", "--raw"]) {
    assertEquals((await (await machine()).run(`list --watch ${other}`)).status, 2);
  }
});

Deno.test("a list that is taller or wider than the terminal is cut, and says so", () => {
  const text = Array.from({ length: 30 }, (_, at) => `line ${at} of a list`).join("\n");
  const screen = drawScreen(text, { time: "T", console: { columns: 8, rows: 10 } });
  // deno-lint-ignore no-control-regex -- the control sequences of a terminal are meant
  const lines = screen.replaceAll(/\x1b\[[HKJ]/g, "").split("\r\n");
  assertEquals(lines.length, 10);
  assertEquals(lines.slice(2, 4), ["line 0 o", "line 1 o"]);
  assertEquals(lines.at(-1), "... 23 m");
});

Deno.test("a screen is written over line by line, and as many lines are shown as have room", () => {
  const shown = (rows: number, text = "a\nb\nc") =>
    drawScreen(text, { time: "T", console: { columns: 60, rows } });
  const screen = (...lines: string[]) =>
    `\x1b[H${lines.map((line) => `${line}\x1b[K`).join("\r\n")}\x1b[J`;
  const head = ["pktables list at T, Ctrl-C quits", ""];
  const more = (left: number) => `... ${left} more lines than fit on this terminal`;
  for (const rows of [5, 6, 24]) assertEquals(shown(rows), screen(...head, "a", "b", "c"));
  assertEquals(shown(4), screen(...head, "a", more(2)));
  for (const rows of [0, 1, 2, 3]) assertEquals(shown(rows), screen(...head, more(3)));
  assertEquals(shown(24, "\x1b[2J\n漢"), screen(...head, "␛[2J", "漢"));
  assertEquals(shown(24, "x".repeat(61)), screen(...head, "x".repeat(60)));
});

Deno.test("Ctrl-C while the kernel is asked ends a watch without a word", async () => {
  const system = await machine();
  let [looks, over] = [0, false];
  system.interruption = () => ({
    get over() {
      return over;
    },
    pause: () => Promise.resolve(),
    [Symbol.dispose]: () => {},
  });
  const save = system.kernel.save.bind(system.kernel);
  system.kernel.save = (family) => {
    over = ++looks > 2;
    if (!over) return save(family);
    return Promise.resolve({ ok: false, problem: failure("refused", "iptables-save was killed") });
  };
  const { status, out, err } = await system.run("list --watch");
  assertEquals([status, err], [0, ""]);
  assertEquals(out.match(/^SERVICE/gm)?.length, 1);
});
