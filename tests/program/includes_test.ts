import { assert, assertEquals } from "@std/assert";
import { compileFile } from "../../src/semantic/compile.ts";
import { type MemoryFile, memoryReader } from "../support/memory_reader.ts";

const NOW = 1_735_689_600;

function compile(path: string, files: Readonly<Record<string, MemoryFile>>) {
  const reader = memoryReader(files);
  return { ...compileFile(path, { reader, now: NOW }), reads: reader.reads };
}

function codes(path: string, files: Readonly<Record<string, MemoryFile>>): string[] {
  return compile(path, files).diagnostics.map(({ code }) => code);
}

Deno.test("a file that is included three times is read once", () => {
  const { reads, services } = compile("a.pk", {
    "a.pk": 'include "b.pk" include "*/../b.pk" include "sub/c.pk" include "./b.pk"',
    "b.pk": "service b tcp 1",
    "sub/c.pk": 'include "../b.pk"',
  });
  assertEquals(reads.filter((path) => path === "b.pk").length, 1);
  assertEquals(services.map(({ name }) => name), ["b"]);
});

Deno.test("standard input includes relative to the working directory", () => {
  const { services, sources } = compile("-", {
    "-": 'include "sub/*.pk"',
    "sub/a.pk": "service a tcp 1",
  });
  assertEquals(services.map(({ name }) => name), ["a"]);
  assertEquals([...sources.keys()], ["-", "sub/a.pk"]);
});

Deno.test("a file named - is not standard input", () => {
  const { sources, services } = compile("a.pk", {
    "a.pk": 'include "-"',
    "-": "service dash tcp 1",
  });
  assertEquals([...sources.keys()], ["a.pk", "./-"]);
  assertEquals(services.length, 1);
});

Deno.test("a path is relative to the folder of the file that contains it", () => {
  const { services } = compile("/etc/pktables/rules.pk", {
    "/etc/pktables/rules.pk": 'include "sub/a.pk" include "/srv/c.pk"',
    "/etc/pktables/sub/a.pk": 'include "../b.pk"',
    "/etc/pktables/b.pk": "service b tcp 1",
    "/srv/c.pk": 'include "d.pk"',
    "/srv/d.pk": "service d tcp 2",
  });
  assertEquals(services.map(({ name }) => name), ["b", "d"]);
});

Deno.test("sixteen levels of includes are read and the seventeenth is refused", () => {
  const files = Object.fromEntries(
    Array.from({ length: 20 }, (_, at) => [`${at}.pk`, `include "${at + 1}.pk"`]),
  );
  const { reads, diagnostics } = compile("0.pk", { ...files, "20.pk": "" });
  assertEquals(reads.length, 17);
  assertEquals(diagnostics.map(({ code }) => code), ["PK026"]);
  assertEquals(codes("4.pk", { ...files, "20.pk": "" }), []);
});

Deno.test("each reason why the first file cannot be read is one error", () => {
  assertEquals(codes("none.pk", {}), ["PK025"]);
  assertEquals(codes("a", { a: { kind: "directory" } }), ["PK025"]);
  assertEquals(codes("a", { a: { kind: "permission" } }), ["PK025"]);
  assertEquals(codes("a", { a: { kind: "special" } }), ["PK025"]);
  assertEquals(codes("a", { a: { kind: "other", words: "Input/output error" } }), ["PK025"]);
  assertEquals(codes("a", { a: { kind: "too-large" } }), ["PK003"]);
  assertEquals(codes("-", { "-": { kind: "too-large" } }), ["PK003"]);
});

Deno.test("each reason why an included file cannot be read shows who includes it", () => {
  for (const kind of ["directory", "permission", "special", "too-large"] as const) {
    const { diagnostics, ok } = compile("a.pk", {
      "a.pk": 'include "b.pk"',
      "b.pk": 'include "c.pk"',
      "c.pk": { kind },
    });
    assert(!ok);
    const [first] = diagnostics;
    assertEquals([diagnostics.length, first?.primary.span.file], [1, "b.pk"]);
    assertEquals(first?.secondary.map(({ span }) => span.file), ["a.pk"]);
  }
});

Deno.test("a wrong byte in an included file is reported at its place there", () => {
  const { diagnostics } = compile("a.pk", {
    "a.pk": 'include "b.pk"\nservice a tcp 1 allow office',
    "b.pk": new Uint8Array([0x23, 0x20, 0xe9, 0x0a]),
  });
  assertEquals(
    diagnostics.map(({ code, primary }) => [code, primary.span.file, primary.span.start]),
    [
      ["PK001", "b.pk", 2],
    ],
  );
});

Deno.test("an included file may have a byte order mark and CRLF", () => {
  const bytes = new TextEncoder().encode("\ufeff# b\r\nservice b tcp 1\r\n");
  assertEquals(codes("a.pk", { "a.pk": 'include "b.pk"', "b.pk": bytes }), []);
});

Deno.test("a glob over a folder that may not be listed is an error at the include", () => {
  const files = { "a.pk": 'include "b.pk"', "b.pk": 'include "secret/*.pk"\nservice b tcp 1' };
  const list = () => ({ ok: false, problem: { kind: "permission" } }) as const;
  const reader = { ...memoryReader(files), list };
  const { ok, diagnostics } = compileFile("a.pk", { reader, now: NOW });
  assertEquals(
    [ok, diagnostics.map(({ code, message, help }) => [code, message, help])],
    [false, [[
      "PK025",
      "cannot read `secret`: permission denied",
      "run as a user who may read it",
    ]]],
  );
  assertEquals(diagnostics[0]?.primary.span, { file: "b.pk", start: 8, end: 21 });
  assertEquals(diagnostics[0]?.secondary.map(({ span }) => span.file), ["a.pk"]);
});
