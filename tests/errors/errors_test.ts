import { assert, assertEquals } from "@std/assert";
import { KNOCKD_CODES } from "../../src/diagnostics/codes_knockd.ts";
import { ALL_CODES, CODES } from "../../src/diagnostics/codes.ts";
import { drawDiagnostics } from "../../src/diagnostics/draw.ts";
import { judgeFile } from "../../src/cli/input/judge_file.ts";
import * as tracer from "../../src/cli/kernel/load_tracer.ts";
import { type Compiled, compileFile } from "../../src/semantic/compile.ts";
import { folderReader } from "../support/folder_reader.ts";
import { GOLDEN_NOW } from "../support/golden.ts";

/** With `PKTABLES_UPDATE_GOLDENS=1` the drawn diagnostics are written anew. CI never sets it. */
const isUpdate = Deno.env.get("PKTABLES_UPDATE_GOLDENS") === "1";

const ROOT = new URL(".", import.meta.url).pathname;
const CASES = [...Deno.readDirSync(ROOT)].filter((entry) => entry.isDirectory).map(({ name }) =>
  name
)
  .sort();

function compile(name: string): Compiled {
  // A repository does not keep a file's mode: the files of one folder count as readable by everyone.
  const isPublic = () => name.endsWith("-that-everybody-may-read");
  const now = GOLDEN_NOW;
  const compiled = compileFile("input.pk", { reader: folderReader(ROOT + name), now, isPublic });
  return judgeFile(tracer, { compiled, now });
}

for (const name of CASES) {
  Deno.test(`wrong input ${name}`, () => {
    const { diagnostics, sources } = compile(name);
    const drawn = drawDiagnostics(diagnostics, { sources, color: false });
    assert(diagnostics.length > 0);
    if (isUpdate) Deno.writeTextFileSync(`${ROOT}${name}/expected.txt`, drawn);
    assertEquals(drawn, Deno.readTextFileSync(`${ROOT}${name}/expected.txt`));
  });
}

Deno.test("there are enough wrong inputs, and expectations are not written in CI", () => {
  assert(CASES.length >= 96);
  assert(!isUpdate || Deno.env.get("CI") === undefined);
});

Deno.test("each code has a wrong input that shows it", () => {
  const shown = new Set(CASES.flatMap((name) => compile(name).diagnostics.map(({ code }) => code)));
  // Those about a knockd.conf are shown by tests/knockd, in a test that wants each of them as well.
  const others = new Set(Object.values(KNOCKD_CODES).map(({ code }) => code));
  const missing = ALL_CODES.map(({ code }) => code)
    .filter((code) => !shown.has(code) && !others.has(code));
  // A file of over 4 MiB and one of 10,000 errors are made where they are needed: tests/syntax.
  assertEquals(missing, [CODES.fileTooLarge.code, CODES.tooManySyntaxErrors.code]);
});

Deno.test("no message about a .pk file mentions tokens", () => {
  for (const name of CASES) {
    for (const { message, primary, help } of compile(name).diagnostics) {
      const text = `${message} ${primary.text} ${help ?? ""}`;
      assert(
        !/\btoken|Expecting|undefined\b|\bNaN|\[object|(?<![-\w])(NAME|STRING|ADDRESS|NUMBER|EOF)\b/
          .test(
            text,
          ),
        `${name}: ${text}`,
      );
    }
  }
});
