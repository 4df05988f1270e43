// What a program knows about itself where files or statements of it could not be read.
import { assertEquals } from "@std/assert";
import { loadProgram } from "../../src/program/includes.ts";
import { type MemoryFile, memoryReader } from "../support/memory_reader.ts";

type Files = Readonly<Record<string, MemoryFile>>;

/** What was read of a program, and what is known to be missing. */
function load(path: string, files: Files) {
  const { program, diagnostics } = loadProgram(path, memoryReader(files));
  const { services, complete, isMissingFiles, halfDefined, halfRead } = program;
  return {
    codes: diagnostics.map(({ code }) => code),
    services: services.map(({ name }) => name.value),
    known: [complete ? "complete" : "incomplete", ...(isMissingFiles ? ["misses files"] : [])],
    halfDefined: [...halfDefined],
    halfRead: [...halfRead].map(({ name }) => name.value),
  };
}

const BAD_BYTES = new Uint8Array([0x23, 0xff]);
const DEEP = Object.fromEntries(
  Array.from({ length: 18 }, (_, at) => [`${at}.pk`, `include "${at + 1}.pk"`]),
);

Deno.test("a program is complete where every file and every statement of it was read", () => {
  const cases: readonly [path: string, files: Files, codes: string[], known: string][] = [
    ["a", { a: "" }, [], "complete"],
    ["-", { "-": "service a tcp 1" }, [], "complete"],
    ["a", {}, ["PK025"], "incomplete, misses files"],
    ["-", { "-": { kind: "other", words: "I/O" } }, ["PK025"], "incomplete, misses files"],
    ["a", { a: BAD_BYTES }, ["PK001"], "incomplete, misses files"],
    ["a", { a: "service a tcp 1 sny" }, ["PK004"], "incomplete"],
    ["a", { a: 'include "b"', b: "service b tcp 1 sny" }, ["PK004"], "incomplete"],
    ["a", { a: 'include "b"', b: BAD_BYTES }, ["PK001"], "incomplete, misses files"],
    ["a", { a: 'include "b"' }, ["PK023"], "incomplete, misses files"],
    ["a", { a: 'include "b"', b: { kind: "directory" } }, ["PK025"], "incomplete, misses files"],
    ["0.pk", DEEP, ["PK026"], "incomplete, misses files"],
    ["0.pk", { ...DEEP, "16.pk": 'include "17*"' }, ["PK026"], "incomplete, misses files"],
    ["a", { a: 'include "a"' }, ["PK024"], "complete"],
    ["a", { a: 'include "x*"' }, ["PK074"], "complete"],
  ];
  for (const [path, files, codes, known] of cases) {
    const read = load(path, files);
    assertEquals([read.codes, read.known.join(", ")], [codes, known], JSON.stringify(files));
  }
});

Deno.test("an error belongs to the last service that starts ahead of it", () => {
  const cases: readonly [text: string, services: string, halfRead: string][] = [
    ["service a tcp 1 sny", "a", "a"],
    ["xx service a tcp 1", "a", ""],
    ["service a tcp 1 xx", "a", "a"],
    ["service a tcp 1 service b tcp 2 xx service c tcp 3", "a b c", "b"],
    ["service a tcp 1 sny sny service b tcp 2 sny service c tcp 3", "a b c", "a b"],
    ["service a tcp 1 service b tcp x service c tcp 3 sny", "a c", "a c"],
    ["service a tcp 1 sny service b tcp 2 service c tcp 3 sny service d tcp 4", "a b c d", "a c"],
    ["service a tcp 1 define o = service b tcp 2", "a b", ""],
    ["xx service a tcp 1 allow o, service b tcp 2", "a b", "a"],
    ["service a tcp 1 allow o,service b tcp 2", "a b", "a"],
    ["service a tcp 1 allow o,service b tcp 2 allow o,service c tcp 3", "a b c", "a b"],
  ];
  for (const [text, services, halfRead] of cases) {
    const read = load("a", { a: text });
    assertEquals([read.services.join(" "), read.halfRead.join(" ")], [services, halfRead], text);
  }
});

Deno.test("in a file with errors each word ahead of `=` may have been meant as a name", () => {
  const words = "xx define a = 192.0.2.1 dfeine b_9-Z\n  = c= , d\t= e";
  assertEquals(load("a", { a: words }).halfDefined, ["a", "b_9-Z", "c", "d"]);
  const included = { a: 'include "b" c = 1', b: "define d = 192.0.2.1 define e = f" };
  assertEquals(load("a", included).halfDefined, ["c"]);
});

Deno.test("a pattern that leads back, or to files that were read, is not said to find none", () => {
  assertEquals(load("a/x.pk", { "a/x.pk": 'include "*.pk"' }).codes, ["PK024"]);
  const twice = { a: 'include "b/*" include "b/*" include "b/c"', "b/c": "service c tcp 1" };
  assertEquals([load("a", twice).codes, load("a", twice).services], [[], ["c"]]);
});

Deno.test("a file may be missing where a pattern is ahead of its name, and nowhere else", () => {
  const cases: readonly [files: Files, codes: string[], services: string[]][] = [
    [{ a: 'include "*/d"', "x/d": "service x tcp 1", "y/e": "" }, [], ["x"]],
    [{ a: 'include "*/d"', "w/e": "", "x/d": "service x tcp 1" }, [], ["x"]],
    [{ a: 'include "*/d"', "y/e": "" }, ["PK074"], []],
    [{ a: 'include "*/d"', "y/d": { kind: "directory" } }, ["PK025"], []],
    [{ a: 'include "x/*"', "x/d": { kind: "missing" } }, ["PK023"], []],
    [{ a: 'include "x/d"', "x/e": "" }, ["PK023"], []],
  ];
  for (const [files, codes, services] of cases) {
    const read = load("a", files);
    assertEquals([read.codes, read.services], [codes, services], JSON.stringify(files));
  }
});

Deno.test("the file that was meant is written as the include has to be, from the folder of its file", () => {
  const beside = { "ab.pk": "", "ac.pk": "", "aa.pk": "" };
  const inFolder = (folder: string) =>
    Object.fromEntries(Object.entries(beside).map(([name, text]) => [`${folder}${name}`, text]));
  const cases: readonly [
    path: string,
    include: string,
    folder: string,
    message: string,
    help: string,
  ][] = [
    ["main.pk", "ad.pk", "", "ad.pk", "did you mean `aa.pk`?"],
    ["main.pk", "./sub/ad.pk", "sub/", "sub/ad.pk", "did you mean `sub/aa.pk`?"],
    ["conf/main.pk", "ad.pk", "conf/", "conf/ad.pk", "did you mean `aa.pk`?"],
    ["conf/main.pk", "sub/ad.pk", "conf/sub/", "conf/sub/ad.pk", "did you mean `sub/aa.pk`?"],
    ["conf/main.pk", "../ad.pk", "", "ad.pk", "did you mean `../aa.pk`?"],
    ["conf/main.pk", "/etc/ad.pk", "/etc/", "/etc/ad.pk", "did you mean `/etc/aa.pk`?"],
    ...["other.pk", "none/ad.pk"].map((include) =>
      [
        ...["main.pk", include, "", include],
        "a path is taken from the folder of the file that includes it",
      ] as [string, string, string, string, string]
    ),
  ];
  for (const [path, include, folder, missing, help] of cases) {
    const files = { ...inFolder(folder), [path]: `include "${include}"` };
    const { diagnostics } = loadProgram(path, memoryReader(files));
    assertEquals(
      diagnostics.map((one) => [one.code, one.message, one.help]),
      [["PK023", `no such file \`${missing}\``, help]],
    );
  }
});
