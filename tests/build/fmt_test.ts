// `pktables fmt` on real files: what a rename could lose.
import { assertEquals } from "@std/assert";

const BINARY = new URL("../../dist/pktables", import.meta.url).pathname;
const LOOSE = "service  ssh tcp 22 drop syn\n";
const CANONICAL = "service ssh tcp 22 syn drop\n";

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pktables-fmt-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

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

/** Gives a file to another user, where this one may: in a user namespace nobody else is known. */
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
