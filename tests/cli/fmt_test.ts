import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../../src/cli/run.ts";
import { MAX_SOURCE_BYTES } from "../../src/source/source.ts";
import { memorySystem } from "../support/memory_system.ts";

const CANONICAL = "service ssh tcp 22 syn drop # mine\n";
const LOOSE = "service  ssh tcp\t22 drop syn # mine\n";
const WRONG = "service ssh  tcp 22 sny drop\n";

Deno.test("fmt writes the canonical form back and says so on standard error", async () => {
  const { system, out, err, written } = memorySystem({ "a.pk": LOOSE });
  assertEquals(await run(["fmt", "a.pk"], system), 0);
  assertEquals([...written], [["a.pk", CANONICAL]]);
  assertEquals([out(), err()], ["", "a.pk: formatted\n"]);
});

Deno.test("fmt does not touch a file that is already formatted", async () => {
  const { system, out, err, written } = memorySystem({ "a.pk": CANONICAL, "empty.pk": "" });
  assertEquals(await run(["fmt", "a.pk", "empty.pk"], system), 0);
  assertEquals(written.size, 0);
  assertEquals(
    [out(), err()],
    ["", "a.pk: already formatted\nempty.pk: already formatted\n"],
  );
});

Deno.test("fmt takes out what only some editors show: byte order mark and CRLF", async () => {
  const { system, written } = memorySystem({
    "bom.pk": `\ufeff${CANONICAL}`,
    "crlf.pk": CANONICAL.replace("\n", "\r\n"),
    "longer.pk": `${CANONICAL}\n\n`,
    "shorter.pk": CANONICAL.trimEnd(),
  });
  const names = ["bom.pk", "crlf.pk", "longer.pk", "shorter.pk"];
  assertEquals(await run(["fmt", ...names], system), 0);
  assertEquals([...written], names.map((name) => [name, CANONICAL]));
});

Deno.test("fmt formats standard input to standard output, whether or not it changes", async () => {
  for (const text of [LOOSE, CANONICAL]) {
    const { system, out, err, written } = memorySystem({ "-": text });
    assertEquals(await run(["fmt", "-"], system), 0);
    assertEquals([out(), err(), written.size], [CANONICAL, "", 0]);
  }
});

Deno.test("fmt leaves a file with errors alone, formats the others and ends with 3", async () => {
  const { system, out, err, written } = memorySystem({ "a.pk": WRONG, "b.pk": LOOSE });
  assertEquals(await run(["fmt", "a.pk", "b.pk"], system), 3);
  assertEquals([...written.keys()], ["b.pk"]);
  assertEquals(out(), "");
  assertStringIncludes(err(), "error[PK004]: unknown word `sny`\n  --> a.pk:1:21\n");
  assertStringIncludes(err(), "pktables: error: `a.pk` was not changed: it has 1 error\n");
});

Deno.test("fmt of wrong standard input prints nothing to standard output", async () => {
  const { system, out, err } = memorySystem({ "-": WRONG });
  assertEquals(await run(["fmt", "-"], system), 3);
  assertEquals(out(), "");
  assertStringIncludes(err(), "  --> -:1:21\n");
});

Deno.test("fmt reports a file that cannot be read as check does", async () => {
  const files = { "folder": { kind: "directory" }, "secret": { kind: "permission" } } as const;
  for (const path of ["none.pk", "folder", "secret", "-"]) {
    const [one, other] = [memorySystem(files), memorySystem(files)];
    assertEquals(await run(["fmt", path], one.system), 3);
    await run(["check", path], other.system);
    assertStringIncludes(one.err(), other.out());
  }
});

Deno.test("fmt --check lists the files that would change, writes nothing and ends with 1", async () => {
  const files = { "a.pk": LOOSE, "b.pk": CANONICAL, "c.pk": `\n${CANONICAL}`, "-": LOOSE };
  const { system, out, err, written } = memorySystem(files);
  assertEquals(await run(["fmt", "--check", "a.pk", "b.pk", "c.pk", "-"], system), 1);
  assertEquals([out(), err(), written.size], ["a.pk\nc.pk\n-\n", "", 0]);
  assertEquals(await run(["fmt", "b.pk", "--check"], memorySystem(files).system), 0);
});

Deno.test("fmt --check of a file with errors ends with 3, also beside one that would change", async () => {
  const { system, out, written } = memorySystem({ "a.pk": WRONG, "b.pk": LOOSE });
  assertEquals(await run(["fmt", "--check", "a.pk", "b.pk"], system), 3);
  assertEquals([out(), written.size], ["b.pk\n", 0]);
});

Deno.test("fmt reports what the disk refused and exits with 1", async () => {
  const { system, err } = memorySystem({ "a.pk": LOOSE }, { "a.pk": "permission denied" });
  assertEquals(await run(["fmt", "a.pk"], system), 1);
  assertEquals(err(), "pktables: error: cannot write `a.pk`: permission denied\n");
});

Deno.test("fmt writes a file that becomes as large as one may be, and none a byte larger", async () => {
  const start = "service a tcp 1 drop allow 10.0.0.1,\n#\n10.0.0.2\n";
  const small = memorySystem({ "a.pk": start });
  await run(["fmt", "a.pk"], small.system);
  const left = MAX_SOURCE_BYTES - (small.written.get("a.pk") ?? "").length - "#\n".length;
  for (const [more, status, size] of [[0, 0, MAX_SOURCE_BYTES], [1, 3, undefined]] as const) {
    const { system, written } = memorySystem({ "a.pk": `${start}#${"x".repeat(left + more)}\n` });
    assertEquals(await run(["fmt", "a.pk"], system), status);
    assertEquals(written.get("a.pk")?.length, size);
  }
});

Deno.test("fmt writes no file that it could not read again", async () => {
  // Each comment in the list gets an indent of eight.
  const comments = "#\n".repeat(MAX_SOURCE_BYTES / 2 - 100);
  const inside = `service a tcp 1 allow 10.0.0.1,\n${comments}10.0.0.2\n`;
  const { system, err, written } = memorySystem({ "a.pk": inside });
  assertEquals(await run(["fmt", "a.pk"], system), 3);
  assertEquals(written.size, 0);
  assertStringIncludes(err(), "error[PK003]");
});

Deno.test("a file name with control characters cannot write to the terminal by way of fmt", async () => {
  for (const args of [["fmt"], ["fmt", "--check"]]) {
    const { system, out, err } = memorySystem({ "\x1b[2Ja.pk": LOOSE });
    await run([...args, "\x1b[2Ja.pk"], system);
    assert(!`${out()}${err()}`.includes("\x1b"));
  }
});
