import { assert, assertEquals, assertMatch } from "@std/assert";
import { realFiles } from "../../src/system/files.ts";
import { inFolder } from "../support/folder.ts";
import { withDeno } from "../support/stub.ts";

const OLD = new TextEncoder().encode("service ssh  tcp 22\n");
const NEW = "service ssh tcp 22\n";

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

/** Runs a program that has to succeed. */
function must(program: string, ...args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(program, { args: [...args] }).outputSync();
  assert(success, new TextDecoder().decode(stderr));
}

const isRoot = Deno.uid() === 0;

Deno.test("a file that is rewritten stays the same file, with its hard links, mode and owner", () =>
  inFolder((folder) => {
    const path = `${folder}/rules.pk`;
    Deno.writeFileSync(path, OLD);
    Deno.chmodSync(path, 0o640);
    if (isRoot) Deno.chownSync(path, 12, 34);
    Deno.linkSync(path, `${folder}/other`);
    const { ino, mode, uid, gid } = Deno.statSync(path);
    assertEquals(realFiles.rewrite(path, { old: OLD, text: NEW }), { ok: true });
    const after = Deno.statSync(path);
    assertEquals([after.ino, after.mode, after.uid, after.gid], [ino, mode, uid, gid]);
    assertEquals(Deno.readTextFileSync(`${folder}/other`), NEW);
    assertEquals(namesIn(folder), ["other", "rules.pk"]);
  }));

Deno.test("a rewritten file has the new text and no more, be it longer or shorter", () =>
  inFolder((folder) => {
    const path = `${folder}/rules.pk`;
    for (const text of ["", "x", "y".repeat(300_000), "z".repeat(10)]) {
      const old = new Uint8Array(70_000).fill(0x61);
      Deno.writeFileSync(path, old);
      assertEquals(realFiles.rewrite(path, { old, text }), { ok: true });
      assertEquals(Deno.readTextFileSync(path), text);
    }
  }));

Deno.test("a file that someone changed meanwhile is not rewritten", () =>
  inFolder((folder) => {
    const path = `${folder}/rules.pk`;
    for (
      const now of ["", "service ssh  tcp 2", "service ssh  tcp 23\n", "service ssh  tcp 22\n#"]
    ) {
      Deno.writeTextFileSync(path, now);
      const words = "changed in the meantime";
      assertEquals(realFiles.rewrite(path, { old: OLD, text: NEW }), { ok: false, words });
      assertEquals(Deno.readTextFileSync(path), now);
    }
    assertEquals(namesIn(folder), ["rules.pk"]);
  }));

Deno.test("what cannot be rewritten stays, and nothing is left beside it", () =>
  inFolder((folder) => {
    Deno.mkdirSync(`${folder}/a`);
    const rewrite = (path: string) => realFiles.rewrite(path, { old: OLD, text: NEW });
    assertEquals(rewrite(`${folder}/a`), { ok: false, words: "is a directory" });
    assertEquals(rewrite(`${folder}/x/y`), { ok: false, words: "no such folder" });
    assertEquals(rewrite("/dev/null"), { ok: false, words: "not a regular file" });
    assertEquals(namesIn(folder), ["a"]);
  }));

Deno.test("own links are followed, by whatever way, and stay", () =>
  inFolder((folder) => {
    Deno.mkdirSync(`${folder}/real/deep`, { recursive: true });
    Deno.symlinkSync("real", `${folder}/dir`);
    Deno.symlinkSync(`${folder}/dir/deep/../file`, `${folder}/absolute`);
    Deno.symlinkSync("../../absolute", `${folder}/real/deep/link`);
    for (const path of ["dir/file", "absolute", "dir/deep/link", "./real//deep/../deep/link"]) {
      assertEquals(realFiles.replace(`${folder}/${path}`, path), { ok: true });
      assertEquals(Deno.readTextFileSync(`${folder}/real/file`), path);
    }
    assertEquals(namesIn(folder), ["absolute", "dir", "real"]);
    assertEquals(namesIn(`${folder}/real`), ["deep", "file"]);
  }));

Deno.test("links in a cycle are reported", () =>
  inFolder((folder) => {
    Deno.symlinkSync("b", `${folder}/a`);
    Deno.symlinkSync("a", `${folder}/b`);
    const words = "too many symbolic links";
    assertEquals(realFiles.replace(`${folder}/a`, ""), { ok: false, words });
  }));

Deno.test({
  name: "a link of another user is not followed, as the file or on the way to it",
  ignore: !isRoot,
  fn: () =>
    inFolder((folder) => {
      Deno.mkdirSync(`${folder}/shared/real`, { recursive: true });
      Deno.chmodSync(`${folder}/shared`, 0o1777);
      Deno.writeFileSync(`${folder}/shared/real/rules.v4`, OLD);
      for (const [to, name] of [["real/rules.v4", "rules.v4"], ["real", "out"], ["none", "new"]]) {
        Deno.symlinkSync(to!, `${folder}/shared/${name}`);
        must("chown", "-h", "65534", `${folder}/shared/${name}`);
      }
      // A link of root that leads to one of someone else.
      Deno.symlinkSync("shared/out/rules.v4", `${folder}/rules.v4`);
      for (const path of ["shared/rules.v4", "shared/out/rules.v4", "shared/new", "rules.v4"]) {
        for (
          const result of [
            realFiles.replace(`${folder}/${path}`, NEW),
            realFiles.rewrite(`${folder}/${path}`, { old: OLD, text: NEW }),
          ]
        ) {
          assert(!result.ok);
          assertMatch(result.words, /is a symbolic link owned by user 65534 and is not followed$/);
        }
      }
      assertEquals(Deno.readFileSync(`${folder}/shared/real/rules.v4`), OLD);
      assertEquals(namesIn(`${folder}/shared`), ["new", "out", "real", "rules.v4"]);
      assertEquals(namesIn(`${folder}/shared/real`), ["rules.v4"]);
    }),
});

Deno.test({
  name: "in a folder of another user a replaced file is the caller's, so no owner can be stolen",
  ignore: !isRoot,
  fn: () =>
    inFolder((folder) => {
      for (
        const [mode, owner, kept] of [
          [0o755, 0, true],
          [0o1777, 0, true],
          [0o777, 0, false],
          [0o775, 0, false],
          [0o755, 65534, false],
        ] as const
      ) {
        const path = `${folder}/rules.v4`;
        Deno.writeFileSync(path, OLD);
        Deno.chmodSync(path, 0o604);
        Deno.chownSync(path, 65534, 65534);
        Deno.chmodSync(folder, mode);
        Deno.chownSync(folder, owner, owner);
        assertEquals(realFiles.replace(path, NEW), { ok: true });
        const { uid, mode: after } = Deno.statSync(path);
        assertEquals([uid === 65534, (after ?? 0) & 0o777], [kept, 0o604], mode.toString(8));
      }
    }),
});

Deno.test({
  name: "a replaced file has the owner and the group of the old one, each as it was",
  ignore: !isRoot,
  fn: () =>
    inFolder((folder) => {
      for (const [owner, group] of [[0, 0], [12, 0], [0, 34], [12, 34]] as const) {
        const path = `${folder}/rules.v4`;
        Deno.writeFileSync(path, OLD);
        Deno.chownSync(path, owner, group);
        assertEquals(realFiles.replace(path, NEW), { ok: true });
        const { uid, gid } = Deno.statSync(path);
        assertEquals([uid, gid], [owner, group]);
      }
    }),
});

Deno.test("a file that has the right owner is given to nobody: a user namespace may not know the group", () =>
  inFolder(async (folder) => {
    const path = `${folder}/rules.v4`;
    Deno.writeFileSync(path, OLD);
    const refuse = () => () => {
      throw new Error("Invalid argument (os error 22)");
    };
    const result = await withDeno("chownSync", refuse, () => realFiles.replace(path, NEW));
    assertEquals([result, Deno.readTextFileSync(path)], [{ ok: true }, NEW]);
  }));

Deno.test("as many links are followed as the kernel follows, and not one more", () =>
  inFolder((folder) => {
    Deno.writeFileSync(`${folder}/0`, OLD);
    for (let at = 1; at <= 41; at++) Deno.symlinkSync(`${at - 1}`, `${folder}/${at}`);
    assertEquals(realFiles.replace(`${folder}/40`, NEW), { ok: true });
    assertEquals(Deno.readTextFileSync(`${folder}/0`), NEW);
    const words = "too many symbolic links";
    assertEquals(realFiles.replace(`${folder}/41`, "other"), { ok: false, words });
    assertEquals(Deno.readTextFileSync(`${folder}/0`), NEW);
  }));
