import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runProgram } from "../../src/system/process.ts";

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
