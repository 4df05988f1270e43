// Where the lock is if /run is not writable, as in a user namespace.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FileLock } from "../../src/system/lock.ts";
import { withDeno } from "../support/stub.ts";

type Taken = Awaited<ReturnType<FileLock["take"]>>;

/** Takes the lock where /run/pktables.lock cannot be opened. */
async function take(
  folder: string | null,
  { refuse = () => new Deno.errors.PermissionDenied("Permission denied"), seconds = 0 }: {
    refuse?: () => Error;
    seconds?: number;
  } = {},
): Promise<Taken> {
  const before = Deno.env.get("XDG_RUNTIME_DIR");
  const set = (value: string | null | undefined) =>
    value == null ? Deno.env.delete("XDG_RUNTIME_DIR") : Deno.env.set("XDG_RUNTIME_DIR", value);
  set(folder);
  try {
    return await withDeno(
      "openSync",
      (real) => (path, options) => {
        if (path === "/run/pktables.lock") throw refuse();
        return real(path, options);
      },
      () => new FileLock().take(seconds),
    );
  } finally {
    set(before);
  }
}

async function withFolder(mode: number, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pktables-run-" });
  try {
    await Deno.chmod(folder, mode);
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Whether a shell script could take the lock. */
async function isFree(folder: string): Promise<boolean> {
  const args = ["--nonblock", `${folder}/pktables.lock`, "true"];
  return (await new Deno.Command("flock", { args }).output()).success;
}

function refusal(taken: Taken): [kind: string, message: string] {
  if (taken.ok) taken.value.release();
  assert(!taken.ok, "the lock was taken");
  return [taken.problem.kind, taken.problem.message];
}

const NOT_ROOT: [string, string] = [
  "not-root",
  "this needs root (CAP_NET_ADMIN and CAP_NET_RAW)",
];

Deno.test("where /run cannot be written, the lock lies in the private folder of the user", async () => {
  for (const mode of [0o700, 0o755]) {
    await withFolder(mode, async (folder) => {
      const taken = await take(folder);
      assert(taken.ok);
      const { mode: made, isFile } = Deno.statSync(`${folder}/pktables.lock`);
      assertEquals([isFile, (made ?? 0) & 0o777], [true, 0o600]);
      assertEquals(await isFree(folder), false);
      taken.value.release();
      assertEquals(await isFree(folder), true);
    });
  }
});

Deno.test("a lock that others may open is closed to them", async () => {
  await withFolder(0o700, async (folder) => {
    Deno.writeTextFileSync(`${folder}/pktables.lock`, "");
    Deno.chmodSync(`${folder}/pktables.lock`, 0o666);
    const taken = await take(folder);
    assert(taken.ok);
    taken.value.release();
    assertEquals((Deno.statSync(`${folder}/pktables.lock`).mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test("a folder in which others can write holds no lock", async () => {
  for (const mode of [0o770, 0o720, 0o702, 0o777, 0o1777]) {
    await withFolder(mode, async (folder) => {
      assertEquals(refusal(await take(folder)), NOT_ROOT, mode.toString(8));
      assertEquals([...Deno.readDirSync(folder)], []);
    });
  }
});

Deno.test("a folder of another owner holds no lock, although it could be opened there", async () => {
  await withFolder(0o755, async (folder) => {
    await withDeno(
      "lstatSync",
      (real) => (path) => {
        const info = real(path);
        return path === folder ? { ...info, uid: (info.uid ?? 0) + 1 } : info;
      },
      async () => assertEquals(refusal(await take(folder)), NOT_ROOT),
    );
  });
});

Deno.test("a link, a file, a relative path and a missing folder hold no lock", async () => {
  await withFolder(0o700, async (folder) => {
    Deno.mkdirSync(`${folder}/real`, { mode: 0o700 });
    Deno.symlinkSync(`${folder}/real`, `${folder}/link`);
    Deno.writeTextFileSync(`${folder}/file`, "");
    const names = [`${folder}/link`, `${folder}/file`, `${folder}/none`, "tests", "", null];
    for (const name of names) assertEquals(refusal(await take(name)), NOT_ROOT, `${name}`);
    assertEquals([...Deno.readDirSync(`${folder}/real`)], []);
  });
});

Deno.test("a lock that cannot be opened for another reason names it", async () => {
  const taken = await take(null, { refuse: () => new Error("No space left on device") });
  assert(!taken.ok);
  assertEquals(taken.problem, {
    kind: "refused",
    message: "the lock /run/pktables.lock cannot be opened",
    raw: "No space left on device",
  });
});

Deno.test("no lock is taken where anyone can make files in /run", async () => {
  await withDeno(
    "statSync",
    (real) => (path) => path === "/run" ? { ...real(path), mode: 0o41777 } : real(path),
    async () => {
      const [kind, message] = refusal(await take(null));
      assertEquals(kind, "refused");
      assertStringIncludes(message, "/run is writable by everyone");
    },
  );
});

Deno.test("a waiting command gets the lock as soon as it is free", async () => {
  await withFolder(0o700, async (folder) => {
    const holder = Deno.openSync(`${folder}/pktables.lock`, { create: true, write: true });
    await holder.lock(true);
    const waiting = take(folder, { seconds: 60 });
    holder.close();
    const taken = await waiting;
    assert(taken.ok);
    taken.value.release();
  });
});

Deno.test({
  name: "a command that does not get the lock reports how long it was held",
  // The runtime keeps waiting for an abandoned lock; only the end of the process ends that.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const holders = "another pktables (or the iptables-restore of one that was killed)";
    for (
      const [seconds, words] of [
        [0, "holds the lock"],
        [0.2, "held the lock for more than 0.2 s"],
      ] as const
    ) {
      await withFolder(0o700, async (folder) => {
        using holder = Deno.openSync(`${folder}/pktables.lock`, { create: true, write: true });
        await holder.lock(true);
        const refused = refusal(await take(folder, { seconds }));
        assertEquals(refused, ["locked", `${holders} ${words}`]);
      });
    }
  },
});
