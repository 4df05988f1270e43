// Refusals by the system, and what they leave behind: stubs return errors that are rare in reality.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { realFiles } from "../../src/system/files.ts";
import { realPaths } from "../../src/system/paths.ts";
import { runProgram } from "../../src/system/process.ts";
import { realSystem } from "../../src/system/real.ts";
import { withDeno } from "../support/stub.ts";

const OLD = "service ssh  tcp 22\n";
const NEW = "service ssh tcp 22\n";

/** Errors as Deno makes them, and the words for them where a file is written and where it is read. */
const ERRORS: readonly (readonly [error: Error, written: string, read: string])[] = [
  [new Deno.errors.NotFound("x"), "no such folder", "missing"],
  [new Deno.errors.NotADirectory("x"), "no such folder", "missing"],
  [new Deno.errors.IsADirectory("x"), "is a directory", "directory"],
  [new Deno.errors.PermissionDenied("x"), "permission denied", "permission"],
  [new Deno.errors.NotCapable("x"), "permission denied", "permission"],
  [
    new Error("No space left on device (os error 28), open 'x'"),
    "No space left on device",
    "No space left on device",
  ],
];

async function inFolder(work: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    Deno.writeTextFileSync(`${folder}/rules.pk`, OLD);
    await work(`${folder}/rules.pk`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

function throws(error: Error): () => never {
  return () => {
    throw error;
  };
}

Deno.test("a file that cannot be opened, renamed or linked stays as it is, and nothing is left behind", async () => {
  for (const [error, words] of ERRORS) {
    await inFolder(async (path, folder) => {
      const refused = { ok: false, words };
      for (const name of ["openSync", "renameSync"] as const) {
        await withDeno(name, () => throws(error), () => {
          assertEquals(realFiles.replace(path, NEW), refused, name);
        });
      }
      await withDeno("linkSync", () => throws(error), () => {
        assertEquals(realFiles.create(`${folder}/new.pk`, NEW), refused);
      });
      assertEquals([names(folder), Deno.readTextFileSync(path)], [["rules.pk"], OLD]);
    });
  }
});

Deno.test("a file that appears while it is created is left alone", () =>
  inFolder(async (_, folder) => {
    await withDeno("linkSync", () => throws(new Deno.errors.AlreadyExists("x")), () => {
      const made = realFiles.create(`${folder}/new.pk`, NEW);
      assertEquals(made, { ok: false, words: "already exists" });
    });
    assertEquals(names(folder), ["rules.pk"]);
  }));

/** Opened files whose writes fail with that number, counted over all of them. */
function failingWrites(numbers: readonly number[]) {
  let count = 0;
  return (real: typeof Deno.openSync): typeof Deno.openSync => (path, options) => {
    const file = real(path, options);
    const write = file.writeSync.bind(file);
    file.writeSync = (bytes) => {
      if (numbers.includes(++count)) throw new Error("No space left on device (os error 28)");
      return write(bytes);
    };
    return file;
  };
}

Deno.test("a full disk leaves the old text, or says where the new one is whole", async () => {
  const old = new TextEncoder().encode(OLD);
  await inFolder(async (path, folder) => {
    const full = { ok: false, words: "No space left on device" };
    await withDeno("openSync", failingWrites([1]), () => {
      assertEquals(realFiles.replace(path, NEW), full);
    });
    // The first write is that of the copy, the second that of the file.
    for (const number of [1, 2]) {
      await withDeno("openSync", failingWrites([number]), () => {
        assertEquals(realFiles.rewrite(path, { old, text: NEW }), full);
      });
    }
    assertEquals([names(folder), Deno.readTextFileSync(path)], [["rules.pk"], OLD]);
    await withDeno("openSync", failingWrites([2, 3]), () => {
      const lost = realFiles.rewrite(path, { old, text: NEW });
      assert(!lost.ok);
      assertMatch(lost.words, /^No space left on device; the new text is whole in \//);
      assertEquals(Deno.readTextFileSync(lost.words.split(" in ")[1] ?? ""), NEW);
    });
  });
});

Deno.test("why a file cannot be read is reported by its kind", async () => {
  for (const [error, , read] of ERRORS) {
    await withDeno("statSync", () => throws(error), () => {
      const { problem } = realFiles.read("/x") as { problem: { kind: string; words?: string } };
      assertEquals(problem.words ?? problem.kind, read);
    });
  }
});

Deno.test("what is opened is looked at once more, and no more is read than was allowed", () =>
  inFolder(async (path) => {
    await withDeno(
      "statSync",
      (real) => (asked) => ({ ...real(asked), isFile: true }),
      async () => {
        assertEquals(realFiles.read("/dev/null"), { ok: false, problem: { kind: "special" } });
        const limit = 4 * 1024 * 1024;
        for (const [size, fits] of [[limit, true], [limit + 1, false]] as const) {
          Deno.writeFileSync(path, new Uint8Array(size));
          const small = (real: typeof Deno.openSync): typeof Deno.openSync => (asked, options) => {
            const file = real(asked, options);
            const info = file.statSync();
            file.statSync = () => ({ ...info, size: 0 });
            return file;
          };
          await withDeno(
            "openSync",
            small,
            () =>
              withDeno("statSync", (real) => (asked) => ({ ...real(asked), size: 0 }), () => {
                const found = realFiles.read(path);
                assertEquals(
                  found.ok ? found.value.length : found.problem.kind,
                  fits ? limit : "too-large",
                );
              }),
          );
        }
      },
    );
  }));

Deno.test("a file is public if others may read it, a program if anyone may execute it", () =>
  inFolder((path, folder) => {
    const modes = [[0o644, true], [0o604, true], [0o640, false], [0o600, false]] as const;
    for (const [mode, isPublic] of modes) {
      Deno.chmodSync(path, mode);
      assertEquals([realFiles.isPublic(path), realPaths.isProgram(path)], [isPublic, false]);
    }
    for (const mode of [0o755, 0o700, 0o010, 0o001]) {
      Deno.chmodSync(path, mode);
      assertEquals(realPaths.isProgram(path), true);
    }
    for (const missing of [`${folder}/none`, folder]) {
      assertEquals(realPaths.isProgram(missing), false);
    }
    assertEquals(realFiles.isPublic(`${folder}/none`), false);
    return Promise.resolve();
  }));

/** What the console notes when standard output refuses the write of that number. */
async function print(error: Error | null, pieces: number): Promise<unknown[]> {
  const written: string[] = [];
  const stream = {
    ...{ isTerminal: () => false },
    writeSync(bytes: Uint8Array): number {
      if (error !== null) throw error;
      const part = bytes.subarray(0, pieces);
      written.push(new TextDecoder().decode(part));
      return part.length;
    },
  };
  const stand = () => stream as unknown as typeof Deno.stdout;
  return await withDeno("stdout", stand, () =>
    withDeno("stderr", stand, () => {
      const { console } = realSystem();
      console.out("abcde");
      console.err("fg");
      return [written, console.outGone, console.outProblem];
    }));
}

Deno.test("what is printed is written to its end; a reader who went away is no problem, a full disk is", async () => {
  assertEquals(await print(null, 9), [["abcde", "fg"], false, undefined]);
  assertEquals(await print(null, 2), [["ab", "cd", "e", "fg"], false, undefined]);
  assertEquals(await print(new Deno.errors.BrokenPipe("x"), 9), [[], true, undefined]);
  assertEquals(await print(new Error("disk is full"), 9), [[], false, "disk is full"]);
});

Deno.test("without a terminal a page has 80 columns and 24 rows; NO_COLOR counts unless it is empty", async () => {
  const before = Deno.env.get("NO_COLOR");
  const { console, now, randomBytes } = realSystem();
  try {
    for (const [value, noColor] of [["", false], ["1", true], ["0", true]] as const) {
      Deno.env.set("NO_COLOR", value);
      assertEquals(console.noColor, noColor);
    }
    Deno.env.delete("NO_COLOR");
    assertEquals(console.noColor, false);
  } finally {
    if (before !== undefined) Deno.env.set("NO_COLOR", before);
  }
  const size = () => [console.columns, console.rows];
  await withDeno(
    "consoleSize",
    () => throws(new Error("no terminal")),
    () => assertEquals(size(), [80, 24]),
  );
  await withDeno(
    "consoleSize",
    () => () => ({ columns: 132, rows: 50 }),
    () => assertEquals(size(), [132, 50]),
  );
  assertEquals(Math.abs(now() - Date.now() / 1000) < 5, true);
  assertEquals([randomBytes(7).length, randomBytes(0).length], [7, 0]);
});

/** Runs a program for which waitpid(2) fails the first times: SIGCHLD was ignored. */
async function runReaped(times: number, error = "No child processes (os error 10)") {
  let spawned = 0;
  const ended = await withDeno("Command", (real) =>
    class extends real {
      override spawn(): Deno.ChildProcess {
        const child = super.spawn();
        if (++spawned > times) return child;
        const output = child.output.bind(child);
        child.output = async () => {
          await output();
          throw new Error(error);
        };
        return child;
      }
    }, () => runProgram("true", { args: [], limit: 10, reads: true }));
  return { ended, spawned };
}

Deno.test("a child whose exit status was lost is run again, once", async () => {
  const again = await runReaped(1);
  assertEquals([again.ended.ok, again.spawned], [true, 2]);
  const lost = await runReaped(2);
  assert(!lost.ended.ok);
  assertEquals([lost.spawned, lost.ended.problem.kind], [2, "refused"]);
  assertEquals(lost.ended.problem.message, "the exit status of true was lost");
});

Deno.test("a file that grew after it was looked at was changed meanwhile", () =>
  inFolder(async (path) => {
    const old = new TextEncoder().encode(OLD);
    Deno.writeTextFileSync(path, `${OLD}# more\n`);
    const early = (real: typeof Deno.openSync): typeof Deno.openSync => (asked, options) => {
      const file = real(asked, options);
      const info = file.statSync();
      file.statSync = () => ({ ...info, size: old.length });
      return file;
    };
    await withDeno("openSync", early, () => {
      const changed = { ok: false, words: "changed in the meantime" };
      assertEquals(realFiles.rewrite(path, { old, text: NEW }), changed);
    });
    assertEquals(Deno.readTextFileSync(path), `${OLD}# more\n`);
  }));

Deno.test("the root of all folders is a directory, and no file is put in its place", () => {
  for (const path of ["/", "//", "/usr/..", "/."]) {
    assertEquals(realFiles.replace(path, NEW), { ok: false, words: "is a directory" }, path);
  }
});

Deno.test("what is written is on the disk before anything is renamed or forgotten", () =>
  inFolder(async (path) => {
    let synced = 0;
    const counted = (real: typeof Deno.openSync): typeof Deno.openSync => (asked, options) => {
      const file = real(asked, options);
      const sync = file.syncSync.bind(file);
      file.syncSync = () => {
        synced++;
        sync();
      };
      return file;
    };
    await withDeno("openSync", counted, () => {
      assertEquals(realFiles.replace(path, OLD), { ok: true });
      assertEquals(synced, 1);
      const old = new TextEncoder().encode(OLD);
      assertEquals(realFiles.rewrite(path, { old, text: NEW }), { ok: true });
      assertEquals(synced, 3, "the copy and the file");
    });
  }));
