import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runProgram } from "../../src/system/process.ts";
import { withDeno } from "../support/stub.ts";

async function withFile(test: (file: Deno.FsFile, path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "pktables-lock-" });
  try {
    await test(await Deno.open(path, { read: true, write: true }), path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("a child's status, outputs and input are its own, also where it reads nothing", async () => {
  const echoed = await runProgram("cat", { args: [], input: "a\nb\n", limit: 10 });
  assertEquals(echoed, { ok: true, value: { code: 0, stdout: "a\nb\n", stderr: "" } });
  const deaf = await runProgram("false", { args: [], input: "x".repeat(1_000_000), limit: 10 });
  assertEquals(deaf, { ok: true, value: { code: 1, stdout: "", stderr: "" } });
});

Deno.test("a program that is nowhere is absent, one that takes too long is killed", async () => {
  const absent = await runProgram("no-such-program", { args: [], limit: 10 });
  assert(!absent.ok);
  assertEquals(absent.problem.kind, "absent");
  const late = await runProgram("sleep", { args: ["60"], limit: 0.1 });
  assert(!late.ok);
  assertEquals(late.problem.kind, "timeout");
});

Deno.test("a program that the system cannot start is refused in the system's words", async () => {
  // A single argument has at most 128 KiB, see execve(2).
  const long = await runProgram("true", { args: ["x".repeat(200_000)], limit: 10 });
  assert(!long.ok);
  assertEquals([long.problem.kind, long.problem.raw], ["refused", "Argument list too long"]);
  assertStringIncludes(long.problem.message, "/true did not start");
});

/** Whether the runtime that runs the tests can share a file with a child; the one of the product can. */
const canShare = Number(Deno.version.deno.split(".")[1]) < 7;

/** A child that would hold the lock's file, where it cannot, does not run without it. */
async function refusesToHold(file: Deno.FsFile): Promise<void> {
  const ended = await runProgram("true", { args: [], limit: 10, holds: file });
  assert(!ended.ok);
  assertEquals(ended.problem.kind, "refused");
  assertEquals(ended.problem.raw, `Deno ${Deno.version.deno} cannot share a file with a child`);
  file.close();
}

Deno.test("a child that holds a locked file keeps the lock until it ends, whoever else closes it", async () => {
  await withFile(async (file, path) => {
    if (!canShare) return await refusesToHold(file);
    await file.lock(true);
    const started = performance.now();
    const child = runProgram("sleep", { args: ["0.5"], limit: 10, holds: file });
    file.close();
    using other = await Deno.open(path, { read: true, write: true });
    await other.lock(true);
    const waited = performance.now() - started;
    assert(waited >= 500, `the lock was free after ${waited} ms, before the child had ended`);
    assertEquals((await child).ok, true);
  });
});

Deno.test("after the end of a child that held a file, its close lets the lock go", async () => {
  await withFile(async (file, path) => {
    if (!canShare) return await refusesToHold(file);
    await file.lock(true);
    const ended = await runProgram("sh", {
      args: ["-c", "echo x >&2; exit 3"],
      limit: 10,
      holds: file,
    });
    assertEquals(ended, { ok: true, value: { code: 3, stdout: "", stderr: "x\n" } });
    const probe = () => runProgram("flock", { args: ["--nonblock", path, "true"], limit: 10 });
    const held = await probe();
    assert(held.ok && held.value.code === 1, "this process still holds it");
    file.close();
    const free = await probe();
    assert(free.ok && free.value.code === 0);
  });
});

Deno.test("a program is looked for in fixed folders, one after another, and never in PATH", async () => {
  const asked: string[] = [];
  const ended = await withDeno(
    "Command",
    (real) =>
      class extends real {
        constructor(path: string | URL, options?: Deno.CommandOptions) {
          super(path, options);
          asked.push(`${path}`);
        }
        override spawn(): Deno.ChildProcess {
          // The first has no such file, the second may not be started, the last is there.
          if (asked.length === 1) throw new Deno.errors.NotFound("gone");
          if (asked.length === 2) throw new Deno.errors.PermissionDenied("closed");
          if (asked.length < 5) throw new Deno.errors.NotCapable("not there at the start");
          return super.spawn();
        }
      },
    () => runProgram("true", { args: [], limit: 10 }),
  );
  assertEquals(ended.ok, true);
  const folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"];
  assertEquals(asked, folders.map((folder) => `${folder}/true`));
});

Deno.test("a program that lies in /sbin alone is found there", async () => {
  const ended = await withDeno(
    "Command",
    (real) =>
      class extends real {
        readonly #path: string;
        constructor(path: string | URL, options?: Deno.CommandOptions) {
          super(path === "/sbin/iptables" ? "/bin/echo" : path, options);
          this.#path = `${path}`;
        }
        override spawn(): Deno.ChildProcess {
          if (this.#path !== "/sbin/iptables") throw new Deno.errors.NotFound("gone");
          return super.spawn();
        }
      },
    () => runProgram("iptables", { args: ["-S"], limit: 10 }),
  );
  assertEquals(ended, { ok: true, value: { code: 0, stdout: "-S\n", stderr: "" } });
});

Deno.test("a child gets a fixed PATH and the C locale, nothing of our environment, and works in /", async () => {
  const seen = await runProgram("sh", { args: ["-c", "env; pwd"], limit: 10 });
  assert(seen.ok);
  // The shell sets PWD and the like by itself.
  const lines = seen.value.stdout.split("\n").filter((line) =>
    !/^(PWD|OLDPWD|SHLVL|_)=/.test(line)
  );
  assertEquals(lines.sort(), [
    "",
    "/",
    "LC_ALL=C",
    "PATH=/usr/sbin:/sbin:/usr/local/sbin:/usr/bin:/bin",
  ]);
});

Deno.test("a child that a signal ends has 128 and its number as status", async () => {
  const ended = await runProgram("sh", { args: ["-c", "kill -TERM $$"], limit: 10 });
  assertEquals(ended, { ok: true, value: { code: 143, stdout: "", stderr: "" } });
});
