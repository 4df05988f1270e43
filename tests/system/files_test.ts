import { assert, assertEquals } from "@std/assert";
import { realFiles } from "../../src/system/files.ts";
import { inFolder } from "../support/folder.ts";

function problemOf(path: string): string {
  const result = realFiles.read(path);
  return result.ok ? "none" : result.problem.kind;
}

Deno.test("a file is read as it is", () =>
  inFolder((folder) => {
    const bytes = crypto.getRandomValues(new Uint8Array(65_000)).map((byte) => byte | 1);
    const long = new Uint8Array(200_000).map((_, at) => bytes[at % bytes.length] ?? 0);
    Deno.writeFileSync(`${folder}/a`, long);
    assertEquals(realFiles.read(`${folder}/a`), { ok: true, value: long });
  }));

Deno.test("a file of 4 MiB is read and one byte more is refused", () =>
  inFolder((folder) => {
    Deno.writeFileSync(`${folder}/a`, new Uint8Array(4 * 1024 * 1024));
    assertEquals(problemOf(`${folder}/a`), "none");
    Deno.writeFileSync(`${folder}/b`, new Uint8Array(4 * 1024 * 1024 + 1));
    assertEquals(problemOf(`${folder}/b`), "too-large");
  }));

Deno.test("a sparse file of 1 TiB is refused at once", () =>
  inFolder((folder) => {
    using file = Deno.openSync(`${folder}/a`, { write: true, create: true });
    file.truncateSync(2 ** 40);
    assertEquals(problemOf(`${folder}/a`), "too-large");
  }));

Deno.test("an endless device, a FIFO and a socket are not opened", () =>
  inFolder((folder) => {
    new Deno.Command("mkfifo", { args: [`${folder}/fifo`] }).outputSync();
    using _socket = Deno.listen({ transport: "unix", path: `${folder}/socket` });
    for (const path of ["/dev/zero", "/dev/tty", `${folder}/fifo`, `${folder}/socket`]) {
      assertEquals(problemOf(path), "special", path);
    }
  }));

Deno.test("a file of reported size 0 is still read", () => {
  const result = realFiles.read("/proc/self/status");
  assert(result.ok && result.value.length > 0);
});

Deno.test("each reason has words of its own", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/a`, "");
    Deno.symlinkSync(`${folder}/loop`, `${folder}/loop`);
    assertEquals(problemOf(`${folder}/none`), "missing");
    assertEquals(problemOf(`${folder}/a/b`), "missing");
    assertEquals(problemOf(folder), "directory");
    assertEquals(problemOf(`${folder}/loop`), "other");
  }));

Deno.test("a file has one identity, however it is reached", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/a`, "");
    Deno.symlinkSync("a", `${folder}/b`);
    const { identify } = realFiles;
    assertEquals(identify(`${folder}/b`), identify(`${folder}/./a`));
    assertEquals(identify(`${folder}/none`), `${folder}/none`);
  }));

Deno.test("a new file can be read by all and an old one keeps its mode and owner", () =>
  inFolder((folder) => {
    assertEquals(realFiles.replace(`${folder}/new`, "one\n"), { ok: true });
    assertEquals((Deno.statSync(`${folder}/new`).mode ?? 0) & 0o7777, 0o644);
    Deno.writeTextFileSync(`${folder}/old`, "one\n");
    Deno.chmodSync(`${folder}/old`, 0o640);
    const [owner, group] = Deno.uid() === 0 ? [12, 34] : [Deno.uid(), Deno.gid()];
    Deno.chownSync(`${folder}/old`, owner, group);
    assertEquals(realFiles.replace(`${folder}/old`, "two\n"), { ok: true });
    const { mode, uid, gid } = Deno.statSync(`${folder}/old`);
    assertEquals([(mode ?? 0) & 0o7777, uid, gid], [0o640, owner, group]);
    assertEquals(Deno.readTextFileSync(`${folder}/old`), "two\n");
  }));

Deno.test("a symbolic link stays one and its target is written", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/a`, "one\n");
    Deno.symlinkSync("a", `${folder}/b`);
    assertEquals(realFiles.replace(`${folder}/b`, "two\n"), { ok: true });
    assert(Deno.lstatSync(`${folder}/b`).isSymlink);
    assertEquals(Deno.readTextFileSync(`${folder}/a`), "two\n");
  }));

Deno.test("what cannot be replaced stays, and nothing is left beside it", () =>
  inFolder((folder) => {
    Deno.mkdirSync(`${folder}/a`);
    assertEquals(realFiles.replace(`${folder}/a`, ""), { ok: false, words: "is a directory" });
    assertEquals(realFiles.replace(`${folder}/x/y`, ""), {
      ok: false,
      words: "no such folder",
    });
    assertEquals(realFiles.replace("/dev/null", ""), { ok: false, words: "not a regular file" });
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a"]);
  }));

Deno.test("a file is replaced by another one, so a reader sees the old or the new", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/a`, "old");
    using reader = Deno.openSync(`${folder}/a`);
    const before = Deno.statSync(`${folder}/a`).ino;
    assertEquals(realFiles.replace(`${folder}/a`, "new"), { ok: true });
    assertEquals(Deno.statSync(`${folder}/a`).ino === before, false);
    const seen = new Uint8Array(3);
    reader.readSync(seen);
    assertEquals(new TextDecoder().decode(seen), "old");
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a"]);
  }));

Deno.test("of standard input 4 MiB are read, and of more no more than that", async () => {
  const module = new URL("../../src/system/files.ts", import.meta.url);
  const code = `import { realFiles } from "${module}";
    const read = realFiles.readInput();
    console.log(read.ok ? read.value.length : read.problem.kind);`;
  const script = `head -c "$1" /dev/zero | "$2" eval --no-config --no-lock "$3"`;
  for (const [bytes, expected] of [[2 ** 22, "4194304\n"], [2 ** 22 + 1, "too-large\n"]] as const) {
    const args = ["-c", script, "sh", String(bytes), Deno.execPath(), code];
    const { stdout, stderr } = await new Deno.Command("sh", { args }).output();
    const decoder = new TextDecoder();
    assertEquals(decoder.decode(stdout), expected, decoder.decode(stderr));
  }
});

Deno.test("a secret is read by its owner alone, whatever the file's mode was", () =>
  inFolder((folder) => {
    for (const name of ["new", "old"]) {
      if (name === "old") Deno.writeTextFileSync(`${folder}/old`, "one\n", { mode: 0o644 });
      assertEquals(realFiles.replace(`${folder}/${name}`, "two\n", { secret: true }), { ok: true });
      assertEquals((Deno.statSync(`${folder}/${name}`).mode ?? 0) & 0o7777, 0o600);
    }
  }));

Deno.test("a created file is private to its owner, and an existing one stays", () =>
  inFolder((folder) => {
    assertEquals(realFiles.create(`${folder}/a`, "one\n"), { ok: true });
    assertEquals((Deno.statSync(`${folder}/a`).mode ?? 0) & 0o7777, 0o600);
    assertEquals(realFiles.create(`${folder}/a`, "two\n"), {
      ok: false,
      words: "already exists",
    });
    assertEquals(Deno.readTextFileSync(`${folder}/a`), "one\n");
    assertEquals(realFiles.create(`${folder}/x/y`, ""), {
      ok: false,
      words: "no such folder",
    });
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["a"]);
  }));

Deno.test("whether everyone may read a file is reported by its mode, of a link by its target's", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/a`, "");
    Deno.symlinkSync("a", `${folder}/b`);
    for (
      const [mode, open] of [[0o644, true], [0o640, false], [0o600, false], [0o604, true]] as const
    ) {
      Deno.chmodSync(`${folder}/a`, mode);
      assertEquals([realFiles.isPublic(`${folder}/a`), realFiles.isPublic(`${folder}/b`)], [
        open,
        open,
      ]);
    }
    assertEquals(realFiles.isPublic(`${folder}/none`), false);
  }));
