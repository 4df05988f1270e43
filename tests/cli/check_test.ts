import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { memorySystem } from "../support/memory_system.ts";

const GOOD = "service ssh tcp 22 syn drop\n";
const WARNED = "define office = 10.0.0.0/8\nservice ssh tcp 22\n";
const WRONG = "service ssh tcp 22 sny drop\nservice ssh tcp 0\n";

Deno.test("check of a good file prints nothing to standard output and ends with 0", async () => {
  const { system, out, err } = memorySystem({ "a.pk": GOOD });
  assertEquals(await run(["check", "a.pk"], system), 0);
  assertEquals(out(), "");
  assertEquals(err(), "a.pk: no problems found in 1 service\n");
});

Deno.test("check ends with 0 for warnings and with 3 for errors", async () => {
  const files = { "a.pk": GOOD, "b.pk": WARNED, "c.pk": WRONG };
  const ends = [];
  for (const names of [["a.pk"], ["b.pk"], ["c.pk"], ["c.pk", "a.pk"], ["none.pk"]]) {
    ends.push(await run(["check", ...names], memorySystem(files).system));
  }
  assertEquals(ends, [0, 0, 3, 3, 3]);
});

Deno.test("check draws its findings, without colour if not on a terminal", async () => {
  const { system, out } = memorySystem({ "a.pk": WARNED });
  await run(["check", "a.pk"], system);
  assertStringIncludes(out(), "warning[PK061]: `office` is never used\n  --> a.pk:1:8\n");
  assert(!out().includes("\x1b"));
  const painted = memorySystem({ "a.pk": WARNED });
  await run(["check", "a.pk", "--color=always"], painted.system);
  assertStringIncludes(painted.out(), "\x1b[");
});

Deno.test("check reports the result of each file on standard error", async () => {
  const files = { "a.pk": GOOD, "b.pk": WARNED, "c.pk": WRONG, "d.pk": `${GOOD}service b tcp 1` };
  const { system, err } = memorySystem(files);
  await run(["check", ...Object.keys(files)], system);
  assertEquals(err().split("\n").filter((line) => line !== ""), [
    "a.pk: no problems found in 1 service",
    "b.pk: 1 warning",
    "c.pk: 3 errors",
    "d.pk: no problems found in 2 services",
  ]);
});

Deno.test("check --format short gives lines to jump from", async () => {
  const { system, out, err } = memorySystem({ "a.pk": 'include "b.pk"\n', "b.pk": WRONG });
  assertEquals(await run(["check", "a.pk", "--format", "short"], system), 3);
  assertEquals(
    out().split("\n").map((line) => line.replace(/\]:.*/, "]")),
    ["b.pk:1:20: error[PK004]", "b.pk:2:9: error[PK020]", "b.pk:2:17: error[PK028]", ""],
  );
  assertEquals(err(), "");
});

Deno.test("check --format json gives an object a line for editors", async () => {
  const { system, out, err } = memorySystem({ "-": WRONG });
  assertEquals(await run(["check", "--format=json", "-"], system), 3);
  const objects = out().trimEnd().split("\n").map((line) => JSON.parse(line));
  const [first] = objects;
  assertEquals(objects.length, 3);
  assertEquals(
    [first.code, first.severity, first.file, first.line, first.column, first.endLine],
    ["PK004", "error", "-", 1, 20, 1],
  );
  assertEquals([first.endColumn, first.help], [23, "did you mean `syn`?"]);
  assertEquals(err(), "");
});

Deno.test("what the kernel cannot keep of knocks is said once, by the first file that has one", async () => {
  const knock = (by: string) => `service a tcp 1 drop knock 7003, 8022, 7001 for 8h${by}\n`;
  const files = {
    "none.pk": GOOD,
    "knockd.pk": knock(""),
    "kernel.pk": knock(" by kernel"),
    "both.pk": knock("") +
      knock(" by kernel").replace("a tcp 1", "b tcp 2").replace("7003", "7009"),
    "last.pk": GOOD,
  };
  const told = async (...names: string[]) => {
    const { system, out, err } = memorySystem(files);
    assertEquals(await run(["check", ...names], system), 0, out());
    return err().split("\n").map((line) => line.replace(/: no problems.*/, ""));
  };
  const note =
    "note: for a knock `by kernel` the kernel keeps 100 addresses a list (ip_list_tot of the module " +
    "xt_recent): beyond that it forgets the oldest";
  assertEquals(await told("none.pk", "knockd.pk"), ["none.pk", "knockd.pk", ""]);
  assertEquals(await told("none.pk", "kernel.pk", "knockd.pk", "both.pk", "last.pk"), [
    ...["none.pk", "kernel.pk", note, "knockd.pk", "both.pk", "last.pk", ""],
  ]);
  assertEquals(await told("both.pk"), ["both.pk", note, ""]);
  assertEquals(await told("kernel.pk", "--format", "short"), [""]);
  assertEquals(await told("kernel.pk", "--format", "json"), [""]);
});

Deno.test("check says nothing of a good file in the formats that are not for people", async () => {
  for (const format of ["short", "json"]) {
    const { system, out, err } = memorySystem({ "a.pk": GOOD, "b.pk": WARNED });
    assertEquals(await run(["check", "a.pk", "--format", format], system), 0);
    assertEquals([out(), err()], ["", ""]);
    assertEquals(await run(["check", "a.pk", "b.pk", "a.pk", "--format", format], system), 0);
    assertEquals([out().trimEnd().split("\n").length, err()], [1, ""]);
  }
});

Deno.test("a file that is named twice is checked once", async () => {
  const { system, out, err } = memorySystem({ "a.pk": WARNED });
  await run(["check", "a.pk", "a.pk"], system);
  assertEquals([out().match(/PK061/g)?.length, err()], [1, "\na.pk: 1 warning\n"]);
});

Deno.test("a name with control characters cannot write to the terminal", async () => {
  const { system, out, err } = memorySystem({});
  await run(["check", "\x1b[2Ja.pk"], system);
  assert(!`${out()}${err()}`.includes("\x1b"));
});
