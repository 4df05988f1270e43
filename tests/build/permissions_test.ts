// Opens the built binary (`tests/run.ts binary` builds it first) and attacks it as someone would
// who can write to world-writable folders and set the environment, but is not root.
import { assert, assertEquals } from "@std/assert";
import { ENVIRONMENT, PERMISSIONS, PROGRAMS } from "../../dist/build/permissions.ts";
import { copyExecutable, writeExecutable } from "../support/executable.ts";

const TOP = new URL("../..", import.meta.url).pathname;
const BINARY = `${TOP}dist/pktables`;

/** The settings that `deno compile` appends to its runtime, as JSON behind a mark. */
interface Settings {
  readonly code_cache_key: unknown;
  readonly permissions: Record<string, unknown>;
}

async function readSettings(): Promise<Settings> {
  const bytes = await Deno.readFile(BINARY);
  // The mark, the length of the JSON (64 bits, little-endian), the JSON; the mark again at the end.
  const mark = new TextEncoder().encode("d3n0l4nd");
  const isStart = (at: number) =>
    bytes[at + mark.length + 8] === 0x7b && mark.every((byte, index) => bytes[at + index] === byte);
  let at = bytes.length - mark.length - 8;
  while (at > 0 && !isStart(at)) at--;
  assert(at > 0, "the binary holds no program");
  const start = at + mark.length + 8;
  const length = new DataView(bytes.buffer, start - 8).getBigUint64(0, true);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(start, start + Number(length))));
}

/** Runs a command as root of a network namespace of its own. */
async function runApart(
  command: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const enter = Deno.uid() === 0 ? ["--net", "--mount"] : ["--map-root-user", "--net", "--mount"];
  // env(1) sets the hostile variables behind unshare and sh, which are not what is attacked.
  const env = Object.entries(options.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const script = 'mount -t tmpfs -o mode=755 tmpfs /run && exec "$@"';
  const { code, stdout, stderr } = await new Deno.Command("/usr/bin/unshare", {
    args: [...enter, "/bin/sh", "-c", script, "sh", "/usr/bin/env", ...env, ...command],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A folder with a planted thing in it, and the place where that leaves a trace when it runs. */
async function withFolder(test: (folder: string, trace: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pktables-hostile-" });
  try {
    await test(folder, `${folder}/it-ran`);
    assertEquals(await exists(`${folder}/it-ran`), false, "planted code ran");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Makes a service and prints what the kernel then has, all in one namespace. */
function initAndSave(): string[] {
  const script = '"$0" init hostile --port 22 --ipv4 && exec /usr/sbin/iptables-save -t filter';
  return ["/bin/sh", "-c", script, BINARY];
}

/** What iptables-save printed, without the comments, which hold the time. */
function rules(saved: string): string[] {
  return saved.split("\n").filter((line) => !line.startsWith("#"));
}

Deno.test("the binary holds the permissions of the list and no others", async () => {
  const { permissions } = await readSettings();
  const { allow_import: _, ...held } = permissions;
  assertEquals(held, {
    allow_all: false,
    allow_env: [...ENVIRONMENT],
    deny_env: null,
    allow_net: null,
    deny_net: [],
    allow_ffi: null,
    deny_ffi: [],
    allow_read: ["/"],
    deny_read: null,
    allow_run: [...PROGRAMS],
    deny_run: null,
    allow_sys: null,
    deny_sys: [],
    allow_write: ["/", "/run/pktables.lock"],
    deny_write: null,
    deny_import: [],
    prompt: false,
  });
});

Deno.test("every program that may be run is named by an absolute path", () => {
  assertEquals(PROGRAMS.filter((program) => !/^(\/[a-z0-9-]+)+$/.test(program)), []);
});

Deno.test("code with these permissions runs no shell, nothing from PATH, reaches no network and sees no other variable", async () => {
  await withFolder(async (folder, trace) => {
    await plantPrograms(folder, trace);
    const probe = `
      const tries = {
        shell: () => new Deno.Command("/bin/sh", { args: ["-c", "true"] }).outputSync(),
        path: () => new Deno.Command("iptables").outputSync(),
        relative: () => new Deno.Command("./iptables").outputSync(),
        planted: () => new Deno.Command("${folder}/iptables").outputSync(),
        preload: () => new Deno.Command("/usr/sbin/iptables", { env: { LD_PRELOAD: "/x" } }).outputSync(),
        network: () => Deno.listen({ port: 0 }),
        variable: () => Deno.env.get("PATH"),
        system: () => Deno.hostname(),
        library: () => Deno.dlopen("/lib/x86_64-linux-gnu/libc.so.6", {}),
      };
      const done = [];
      for (const [name, attempt] of Object.entries(tries)) {
        try { attempt(); done.push(name); } catch (error) {
          if (error.name !== "NotCapable") done.push(name + ": " + error);
        }
      }
      console.log(JSON.stringify(done));`;
    await Deno.writeTextFile(`${folder}/probe.js`, probe);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-lock", "--no-prompt", ...PERMISSIONS, "probe.js"],
      env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
      cwd: folder,
      stderr: "inherit",
    }).output();
    assertEquals(JSON.parse(new TextDecoder().decode(stdout)), []);
  });
});

/** Plants programs of the names that pktables starts, or that a careless program might start. */
async function plantPrograms(folder: string, trace: string): Promise<void> {
  const script = `#!/bin/sh\ntouch ${trace}\n`;
  const names = PROGRAMS.map((program) => program.slice(program.lastIndexOf("/") + 1));
  for (const name of [...new Set(names), "sh", "bash", "logger", "modprobe", "env"]) {
    await writeExecutable(`${folder}/${name}`, script);
  }
}

Deno.test("with a hostile PATH and LD_PRELOAD it runs the real iptables and nothing else", async () => {
  await withFolder(async (folder, trace) => {
    await plantPrograms(folder, trace);
    const preload = `${folder}/preload.so`;
    const hostile = `PATH=${folder} LD_PRELOAD=${preload} "$0" init hostile --port 22 --ipv4`;
    const script = `${hostile} && exec /usr/sbin/iptables-save -t filter`;
    const { code, stdout, stderr } = await runApart(["/bin/sh", "-c", script, BINARY], {
      cwd: folder,
    });
    assertEquals(code, 0, stderr);
    assert(stdout.includes("-A pk-hostile -j DROP"), stdout);
    // The loader reports once, for the program itself, that the library is missing; if a child had
    // inherited the variable, it would report it again.
    assertEquals(stderr.split(preload).length - 1, 1, stderr);
  });
});

Deno.test("it neither reads nor writes a code cache in a world-writable folder", async () => {
  await withFolder(async (folder) => {
    const cache = `${folder}/deno-compile-pktables.cache`;
    const env = { TMPDIR: folder };
    const first = await runApart(initAndSave(), { env });
    assertEquals(first.code, 0, first.stderr);
    assertEquals([...Deno.readDirSync(folder)], []);
    await Deno.writeTextFile(cache, "planted");
    await Deno.utime(cache, 1, 1);
    const second = await runApart(initAndSave(), { env });
    assertEquals(rules(second.stdout), rules(first.stdout));
    assertEquals(await Deno.readTextFile(cache), "planted");
    assertEquals((await Deno.stat(cache)).mtime, new Date(1000));
    assertEquals((await readSettings()).code_cache_key, null);
  });
});

Deno.test("modules planted where the program's own would be looked for on the disk do not run", async () => {
  await withFolder(async (folder, trace) => {
    const planted = `Deno.writeTextFileSync(${JSON.stringify(trace)}, "");\n`;
    // A compiled program looks for its modules in deno-compile-NAME in the folder for temporary files.
    const places = [folder, `${folder}/deno-compile-pktables`, `${folder}/node_modules/chevrotain`];
    for (const place of places) {
      await Deno.mkdir(place, { recursive: true });
      for (const name of ["main.js", "part-0.js", "part-1.js", "index.js", "main.ts", "parse.ts"]) {
        await Deno.writeTextFile(`${place}/${name}`, planted);
      }
      await Deno.writeTextFile(`${place}/deno.json`, `{"imports":{"chevrotain":"./index.js"}}`);
      await Deno.writeTextFile(`${place}/package.json`, `{"type":"module","main":"index.js"}`);
    }
    const binary = `${folder}/pktables`;
    await copyExecutable(BINARY, binary);
    const env = { TMPDIR: folder, NODE_OPTIONS: `--require=${folder}/main.js`, NODE_PATH: folder };
    for (const args of [["--version"], ["help"], ["init", "hostile", "--port", "22"]]) {
      const { code, stderr } = await runApart([binary, ...args], { env, cwd: folder });
      assertEquals(code, 0, stderr);
    }
  });
});
