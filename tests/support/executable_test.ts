import { assert, assertEquals } from "@std/assert";
import { copyExecutable, writeExecutable } from "./executable.ts";

const SCRIPT = "#!/bin/sh\nexit 7\n";
const THREADS = 3;

/** A thread that forks until it is stopped; then it reports how often it did. */
const FORKER = `let count = 0, stop = false;
self.onmessage = () => { stop = true; };
while (!stop) {
  new Deno.Command("/bin/true").outputSync();
  if (++count % 20 === 0) await new Promise((go) => setTimeout(go, 0));
}
self.postMessage(count);`;

/** Runs `work` beside threads of this process that fork, as other test files do. */
async function besideForks(work: () => Promise<void>): Promise<void> {
  const url = `data:application/javascript,${encodeURIComponent(FORKER)}`;
  const threads = Array.from({ length: THREADS }, () => new Worker(url, { type: "module" }));
  await work();
  for (const thread of threads) {
    const count = await new Promise<number>((told) => {
      thread.onmessage = ({ data }) => told(data);
      thread.postMessage("stop");
    });
    thread.terminate();
    assert(count > 10, `${count} forks beside prove nothing`);
  }
}

/** Writes programs and starts each at once; how many could not be. */
async function countBusy(rounds: number, write: (path: string) => Promise<void>): Promise<number> {
  const folder = await Deno.makeTempDir();
  let busy = 0;
  await besideForks(async () => {
    for (let round = 0; round < rounds; round++) {
      await write(`${folder}/${round}`);
      try {
        assertEquals(new Deno.Command(`${folder}/${round}`).outputSync().code, 7);
      } catch (error) {
        if (!String(error).includes("Text file busy")) throw error;
        busy++;
      }
    }
  });
  await Deno.remove(folder, { recursive: true });
  return busy;
}

// Written by this process itself, about 5 of 100 cannot be started.
Deno.test("a program that is written can be started at once, whatever is forked meanwhile", async () => {
  assertEquals(await countBusy(200, (path) => writeExecutable(path, SCRIPT)), 0);
});

Deno.test("so can a copied one", async () => {
  const folder = await Deno.makeTempDir();
  await writeExecutable(`${folder}/from`, SCRIPT);
  assertEquals(await countBusy(50, (path) => copyExecutable(`${folder}/from`, path)), 0);
  await Deno.remove(folder, { recursive: true });
});

/** All lines of the modules below a folder, each with its file. */
function linesBelow(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].flatMap((entry) => {
    const url = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory) return linesBelow(url);
    if (!entry.name.endsWith(".ts")) return [];
    return Deno.readTextFileSync(url).split("\n").map((line) => `${entry.name}: ${line}`);
  });
}

Deno.test("no test gives a file that it wrote itself the right to be executed", () => {
  const lines = linesBelow(new URL("../", import.meta.url));
  assert(lines.length > 10_000);
  assertEquals(
    lines.filter((line) => /(chmod|write\w*File\w*|open)\(.*0o7[0-7]{2}\b/.test(line)),
    [],
  );
});
