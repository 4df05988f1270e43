// Runs the README's console blocks, from the first to the last, in one network of its own. With
// README_UPDATE=1 in the environment it writes into the README what it saw.
import { assert, assertEquals } from "@std/assert";
import { TOP } from "../../dist/network.ts";

const README = `${TOP}/README.md`;

/** The blocks' contents, in the order in which they stand. */
const BLOCK = /(?<=^```console\n)[^`][^]*?(?=^```$)/gm;

/**
 * Reads commands from its input, one a line, and prints each as the README shows it, with what it
 * printed. /run is private: the lock lies there.
 */
const PLAYER = `
mount -t tmpfs -o mode=755 tmpfs /run && ln -s "$1" /run/pktables && PATH=/run:$PATH || exit 1
while IFS= read -r line; do
  [ "$line" = --- ] && echo "$line" && continue
  printf '$ %s\\n' "$line"
  eval "$line" < /dev/null 2>&1
done`;

/** Plays blocks of commands; returns the blocks as they are to be shown. */
async function play(blocks: readonly string[]): Promise<string[]> {
  const lines = blocks.map((block) => [...block.matchAll(/^\$ (.*)$/gm)].map(([, line]) => line));
  const child = new Deno.Command("unshare", {
    args: ["--net", "--mount", "bash", "-c", PLAYER, "bash", `${TOP}/dist/pktables`],
    clearEnv: true,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = new Response(child.stdout).text();
  const writer = child.stdin.getWriter();
  const input = lines.map((block) => `${block.join("\n")}\n`).join("---\n");
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  assertEquals((await child.status).code, 0);
  return (await output).split("---\n");
}

/** Takes out what differs from run to run: moments, time left, and the width of its column. */
function mask(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/g, "MOMENT")
    .replace(/\b(8h|7h ?59m)\b/g, "8h")
    .replace(/ {2,}/g, "  ");
}

Deno.test("every command in the README prints what the README shows", async () => {
  const text = await Deno.readTextFile(README);
  const shown = text.match(BLOCK) ?? [];
  assert(shown.length >= 5, `only ${shown.length} console blocks were found`);
  const seen = await play(shown);
  if (Deno.env.get("README_UPDATE") === "1") {
    let at = 0;
    await Deno.writeTextFile(README, text.replace(BLOCK, () => seen[at++] ?? ""));
    return;
  }
  assertEquals(seen.map(mask), shown.map(mask));
});

/** The names and the kinds of values in a JSON value; of a list, those of its first entry. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== "object") return value === null ? null : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOf(one)]));
}

Deno.test("list --json has the shape that the README shows", async () => {
  const text = await Deno.readTextFile(README);
  const shown = JSON.parse(/(?<=^```json\n)[^]*?(?=^```$)/m.exec(text)?.[0] ?? "");
  const log = '--log-prefix "ssh " --log-limit 10/minute';
  const [printed = ""] = await play([
    `$ pktables init ssh --port 22,8000-8010 --syn ${log} --quiet\n` +
    "$ pktables add 203.0.113.9 --service ssh --for 8h --quiet\n$ pktables list --json\n",
  ]);
  const seen = JSON.parse(printed.slice(printed.indexOf("{")));
  assertEquals(shapeOf(seen), shapeOf(shown));
  assertEquals(seen.services[0].ports, shown.services[0].ports);
  assertEquals(seen.services[0].log, shown.services[0].log);
});
