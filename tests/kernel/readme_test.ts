// Runs the README's console blocks, from the first to the last, in one network of its own. With
// README_UPDATE=1 in the environment it writes into the README what it saw.
import { assert, assertEquals } from "@std/assert";
import { TOP } from "../../dist/build/network.ts";

const README = `${TOP}/README.md`;

/** The blocks' contents, in order. */
const BLOCK = /(?<=^```console\n)[^`][^]*?(?=^```$)/gm;

/**
 * Reads commands from its input, one a line, and prints each as the README shows it, with what it
 * printed. /run is private: the lock is there, and the rules file of the tour in the folder in which
 * all is run. pktables is at the path of the README; a cable leads to a visitor.
 */
const PLAYER = `
set -e
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /usr/local/bin
: > /usr/local/bin/pktables
mount --bind "$1" /usr/local/bin/pktables
PATH=/usr/local/bin:$PATH
mkdir /run/tour
cd /run/tour
shift
while [ $# -gt 0 ]; do
  printf %s "$2" > "$1"
  chmod 600 "$1"
  shift 2
done
ip netns add visitor
ip link set lo up
ip link add pk0 type veth peer name pk0 netns visitor
ip address add 198.51.100.1/24 dev pk0
ip link set pk0 up
ip netns exec visitor ip address add 198.51.100.7/24 dev pk0
ip netns exec visitor ip link set pk0 up
set +e
while IFS= read -r line; do
  [ "$line" = --- ] && echo "$line" && continue
  printf '$ %s\\n' "$line"
  eval "$line" < /dev/null 2>&1
done
[ ! -e /run/knockd.pid ] || kill "$(cat /run/knockd.pid)"`;

/** The rules files: the first is that of the tour, others say their names in their first lines. */
const RULES = /(?<=^```pk\n)(?:# (\S+\.pk)$)?[^]*?(?=^```$)/gm;

/** Plays blocks of commands; returns the blocks as they are to be shown. */
async function play(blocks: readonly string[]): Promise<string[]> {
  const lines = blocks.map((block) => [...block.matchAll(/^\$ (.*)$/gm)].map(([, line]) => line));
  const rules = [...(await Deno.readTextFile(README)).matchAll(RULES)].flatMap(
    ([text, name]) => [name ?? "rules.pk", text],
  );
  const child = new Deno.Command("unshare", {
    args: ["--net", "--mount", "bash", "-c", PLAYER, "bash", `${TOP}/dist/pktables`, ...rules],
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
    // The tour's door is open for ten seconds, and is looked at after one.
    .replace(/\b(?:[789]|10)s\b(?= {2,}\d)/g, "9s")
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
