// The two commands of the README: what they are, and that they start on a machine with Node alone.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DEMO_NEEDS } from "../../dist/debian.ts";
import { TOP } from "../../dist/build/network.ts";
import { run } from "../../dist/script.ts";

const README = Deno.readTextFileSync(`${TOP}/README.md`);
const DEMO = "npx -y deno@2.4.2 run -A dist/demo.ts";
const TEST = "npx -y deno@2.4.2 run -A tests/run.ts";

Deno.test("CI runs the README's test command, and sets nothing for it", () => {
  const [block = ""] = README.split("## Two commands")[1]?.match(/```sh\n[^`]*/) ?? [];
  assertEquals(block.match(/^npx .*?(?=\s+#)/gm), [DEMO, TEST]);
  const lines = Deno.readTextFileSync(`${TOP}/.ci/run`).trimEnd().split("\n")
    .filter((line) => !line.startsWith("#"));
  assertEquals(lines, ['cd "$(dirname "$0")/.." || exit 1', `exec ${TEST} </dev/null`]);
});

Deno.test("the scripts that the READMEs name need no package to start, and leave deno.lock alone", async () => {
  const both = README + Deno.readTextFileSync(`${TOP}/dist/README.md`);
  const scripts = [...both.matchAll(/deno@2\.4\.2 run -A ((?:dist|tests)\/[\w/]+\.ts)/g)].map((
    [, path],
  ) => path!);
  assert(scripts.length >= 12, scripts.join(" "));
  const folder = await Deno.makeTempDir();
  const lock = await Deno.readTextFile(`${TOP}/deno.lock`);
  // An empty cache and a proxy that does not answer: any download would be an error.
  const env = {
    DENO_DIR: folder,
    HTTPS_PROXY: "http://127.0.0.1:9",
    HTTP_PROXY: "http://127.0.0.1:9",
  };
  for (const script of new Set(scripts)) {
    const info = await run([Deno.execPath(), "info", "--json", script], { cwd: TOP, env });
    const modules: { specifier: string; error?: string }[] = JSON.parse(info.stdout).modules;
    assertEquals(
      modules.filter(({ specifier, error }) => {
        return error !== undefined || !/^(file|node):/.test(specifier);
      }),
      [],
      script,
    );
  }
  const command = [Deno.execPath(), "run", "-A", "tests/run.ts", "no-such-stage"];
  const { code, output } = await run(command, { cwd: TOP, env });
  assertEquals(code, 1);
  assertMatch(output, /^0 passed, 1 failed$/m);
  assertStringIncludes(output, "unknown stage `no-such-stage`");
  assertEquals(await Deno.readTextFile(`${TOP}/deno.lock`), lock);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the demo installs what it starts, and nothing else", () => {
  const packages = [...new Set(DEMO_NEEDS.map(([, name]) => name))].sort();
  assertEquals(packages, [
    "bash",
    "iproute2",
    "iptables",
    "knockd",
    "mount",
    "nftables",
    "util-linux",
  ]);
});

/** A script that starts a child, writes into a folder, says so, and would work for a minute. */
const LONG = `
import { run, withScratch } from ${JSON.stringify(`${TOP}/dist/script.ts`)};
const folder = Deno.args[0];
await withScratch(folder, async () => {
  await Deno.mkdir(folder);
  console.log("at work");
  await run(["sh", "-c", 'echo $$ > "$0/pid"; cp "$0/pid" "$1"; exec sleep 60', folder, folder + ".pid"]);
  console.log("told as a failure");
});`;

Deno.test("a signal ends a script's children and removes its temporary files before it ends", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/long.ts`, LONG);
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    const place = `${folder}/${signal}`;
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", "--no-config", `${folder}/long.ts`, place],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const pid = await readWhenThere(`${place}.pid`);
    child.kill(signal);
    const { code, stdout, stderr } = await child.output();
    const text = new TextDecoder();
    assertEquals([code, text.decode(stdout), text.decode(stderr)], [status, "at work\n", ""]);
    assertEquals([...Deno.readDirSync(folder)].some(({ name }) => name === signal), false);
    assertEquals(isRunning(pid), false);
  }
  await Deno.remove(folder, { recursive: true });
});

async function readWhenThere(path: string): Promise<string> {
  for (let tries = 0; tries < 400; tries++) {
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text.endsWith("\n")) return text.trim();
    await new Promise((go) => setTimeout(go, 50));
  }
  throw new Error(`${path} is not written within 20 s`);
}

function isRunning(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
