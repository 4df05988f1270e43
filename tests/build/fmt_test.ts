// `pktables fmt` on real files: what a rename, a full disk or a kill could lose.
import { inFolder } from "../support/folder.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

const BINARY = new URL("../../dist/pktables", import.meta.url).pathname;
const LOOSE = "service  ssh tcp 22 drop syn\n";
const CANONICAL = "service ssh tcp 22 syn drop\n";

async function fmt(
  args: readonly string[],
  input = "",
): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = new Deno.Command(BINARY, {
    args: ["fmt", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await output;
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Gives a file to another user, if allowed: a user namespace has no other user. */
function giveAway(path: string): void {
  try {
    Deno.chownSync(path, 12, 34);
  } catch {
    // The owner is to stay in any case, only that it is the one who formats.
  }
}

Deno.test("a formatted file keeps its mode and owner, and nothing is left beside it", () =>
  inFolder(async (folder) => {
    const path = `${folder}/rules.pk`;
    Deno.writeTextFileSync(path, LOOSE);
    giveAway(path);
    Deno.chmodSync(path, 0o640);
    const before = Deno.statSync(path);
    assertEquals(await fmt([path]), { code: 0, stdout: "", stderr: `${path}: formatted\n` });
    const after = Deno.statSync(path);
    assertEquals(Deno.readTextFileSync(path), CANONICAL);
    const facts = ({ mode, uid, gid }: Deno.FileInfo) => ({ mode, uid, gid });
    assertEquals(facts(after), facts(before));
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["rules.pk"]);
  }));

Deno.test("a file formatted through a symbolic link stays where it is, and so does the link", () =>
  inFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/real`);
    Deno.writeTextFileSync(`${folder}/real/rules.pk`, LOOSE);
    Deno.symlinkSync("real/rules.pk", `${folder}/rules.pk`);
    assertEquals((await fmt([`${folder}/rules.pk`])).code, 0);
    assertEquals(Deno.readLinkSync(`${folder}/rules.pk`), "real/rules.pk");
    assertEquals(Deno.readTextFileSync(`${folder}/real/rules.pk`), CANONICAL);
    assertEquals([...Deno.readDirSync(`${folder}/real`)].length, 1);
  }));

Deno.test("a canonical file is not written at all, nor is any with --check", () =>
  inFolder(async (folder) => {
    const [same, loose] = [`${folder}/a.pk`, `${folder}/b.pk`];
    Deno.writeTextFileSync(same, CANONICAL);
    Deno.writeTextFileSync(loose, LOOSE);
    const identity = () => [same, loose].map((path) => Deno.statSync(path).ino);
    const before = identity();
    assertEquals((await fmt([same])).code, 0);
    assertEquals(await fmt(["--check", same, loose]), {
      code: 1,
      stdout: `${loose}\n`,
      stderr: "",
    });
    assertEquals(identity(), before);
    assertEquals(Deno.readTextFileSync(loose), LOOSE);
  }));

Deno.test("standard input is formatted to standard output", async () => {
  assertEquals(await fmt(["-"], LOOSE), { code: 0, stdout: CANONICAL, stderr: "" });
});

/** What setfacl(1) and setfattr(1) print of a file, or why this machine cannot read them. */
async function extras(path: string): Promise<string> {
  const said = [
    ["getfacl", "--absolute-names", "--numeric", path],
    ["getfattr", "--absolute-names", "-d", "-m", "-", path],
  ].map(async ([program = "", ...args]) => {
    const { stdout } = await new Deno.Command(program, { args }).output();
    return new TextDecoder().decode(stdout);
  });
  return (await Promise.all(said)).join("");
}

/** Gives a file an access list and an attribute; returns what is missing for that, or `null`. */
async function adorn(path: string): Promise<string | null> {
  for (
    const [program = "", ...args] of [
      ["setfacl", "-m", "u:12:rw,g:34:r", path],
      ["setfattr", "-n", "user.origin", "-v", "wiki", path],
    ]
  ) {
    try {
      const { success, stderr } = await new Deno.Command(program, { args }).output();
      if (!success) return new TextDecoder().decode(stderr);
    } catch {
      return `no ${program}`;
    }
  }
  return null;
}

Deno.test("a formatted file keeps its access list, extended attributes and hard links", () =>
  inFolder(async (folder) => {
    const path = `${folder}/rules.pk`;
    Deno.writeTextFileSync(path, LOOSE);
    Deno.linkSync(path, `${folder}/backup`);
    const missing = await adorn(path);
    if (missing !== null) {
      // Reported; in CI a skipped test is a failure.
      assert(Deno.env.get("CI") === undefined, missing);
      console.warn(`not tried here, ACL and attributes: ${missing}`);
    }
    const before = await extras(path);
    if (missing === null) assertMatch(before, /user:12:rw-[^]*user\.origin="wiki"/);
    assertEquals((await fmt([path])).code, 0);
    assertEquals(Deno.readTextFileSync(path), CANONICAL);
    assertEquals(await extras(path), before);
    assertEquals(Deno.readTextFileSync(`${folder}/backup`), CANONICAL);
  }));

/** Runs a script of sh(1) as root of a mount namespace of its own; `$1` is the program. */
async function runApart(script: string): Promise<{ code: number; stdout: string }> {
  const user = Deno.uid() === 0 ? [] : ["--map-root-user"];
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: [...user, "--mount", "sh", "-c", script, "sh", BINARY],
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout) + text.decode(stderr) };
}

/** Kilobytes that are left on the disk: `fit` holds the new text, `grow` is what it has more than the old. */
const LEFT: readonly (readonly [left: string, code: number])[] = [
  ["0", 1],
  ["fit - 4", 1],
  // The copy fits on the disk, but the growth of the file does not.
  ["fit", 1],
  ["fit + grow - 4", 1],
  ["fit + grow", 0],
];

for (const [left, expected] of LEFT) {
  Deno.test(`on a full disk a file is formatted or stays as it was, nothing beside it: ${left}`, async () => {
    const { code, stdout } = await runApart(`
      mount -t tmpfs -o size=1m tmpfs /mnt && mkdir /mnt/disk /mnt/room && cd /mnt/disk
      mount -t tmpfs -o size=800k tmpfs /mnt/disk && cd /mnt/disk
      printf "service a tcp 1 allow " > rules.pk
      for i in $(seq 12000); do printf "10.1.$((i / 250)).$((i % 250)),"; done >> rules.pk
      echo 10.0.0.2 >> rules.pk
      cp rules.pk /mnt/room/old
      "$1" fmt - < rules.pk > /mnt/room/new
      pages() { echo $((($(stat -c %s "$1") + 4095) / 4096 * 4)); }
      fit=$(pages /mnt/room/new)
      grow=$((fit - $(pages rules.pk)))
      dd if=/dev/zero of=fill bs=4k 2> /dev/null
      truncate -s -$((${left}))k fill
      "$1" fmt rules.pk
      code=$?
      cmp -s rules.pk /mnt/room/old && echo old
      cmp -s rules.pk /mnt/room/new && echo new
      [ $grow -ge 8 ] && ls -A
      exit $code`);
    const said = stdout.split("\n");
    assertEquals(code, expected, stdout);
    assertEquals(said.slice(0, 3), [code === 0 ? "new" : "old", "fill", "rules.pk"], stdout);
    if (code !== 0) assertMatch(stdout, /cannot write `rules\.pk`: No space left on device/);
  });
}

/** Whether strace(1) is there to end a program at one of its calls. */
function hasStrace(): boolean {
  try {
    return new Deno.Command("strace", { args: ["-V"], stdout: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

Deno.test("a kill at any moment leaves the old text or the new, or the new one whole beside it", () =>
  inFolder(async (folder) => {
    if (!hasStrace()) {
      assert(Deno.env.get("CI") === undefined, "no strace");
      console.warn("not tried here: no strace");
      return;
    }
    const path = `${folder}/rules.pk`;
    const loose = LOOSE + `${"# a comment that stays".padEnd(50)}\n`.repeat(100);
    const canonical = CANONICAL + "# a comment that stays\n".repeat(100);
    const killed = { before: 0, between: 0, after: 0 };
    for (const call of ["write", "fsync", "ftruncate", "unlink"]) {
      for (let number = 1; number <= 30; number++) {
        for (const { name } of [...Deno.readDirSync(folder)]) Deno.removeSync(`${folder}/${name}`);
        Deno.writeTextFileSync(path, loose);
        const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${number}`];
        const { code } = await new Deno.Command("strace", {
          args: ["-f", "-qq", "-o", "/dev/null", ...inject, BINARY, "fmt", path],
          stdout: "null",
          stderr: "null",
        }).output();
        const text = Deno.readTextFileSync(path);
        if (code === 0) {
          assertEquals([text, [...Deno.readDirSync(folder)].length], [canonical, 1]);
          break;
        }
        const beside = [...Deno.readDirSync(folder)].filter(({ name }) => name !== "rules.pk")
          .map(({ name }) => Deno.readTextFileSync(`${folder}/${name}`));
        if (text === loose) killed.before++;
        else if (text === canonical) killed.after++;
        else {
          killed.between++;
          assertEquals(beside, [canonical], `${call} ${number}`);
        }
      }
    }
    assert(killed.before > 0 && killed.between > 0 && killed.after > 0, JSON.stringify(killed));
  }));
