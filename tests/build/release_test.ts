import { assert, assertEquals } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { TOP } from "../../dist/build/network.ts";
import { run } from "../../dist/script.ts";

const FOLDER = `${TOP}/dist/out/release`;

/** Makes a release; returns what SHA256SUMS says. */
async function release(): Promise<string> {
  const { code, output } = await run([
    Deno.execPath(),
    "run",
    "-A",
    "--no-lock",
    `${TOP}/dist/release.ts`,
  ]);
  assertEquals(code, 0, output);
  return await Deno.readTextFile(`${FOLDER}/SHA256SUMS`);
}

Deno.test("two releases of one source are the same, byte for byte, and their sums hold", async () => {
  const sums = await release();
  assertEquals(await release(), sums);
  const checked = await run(["sha256sum", "--check", "--strict", "SHA256SUMS"], { cwd: FOLDER });
  assertEquals(checked.code, 0, checked.output);
  const names = sums.trimEnd().split("\n").map((line) => line.slice(66));
  const binary = `pktables-${config.version}-${Deno.build.arch}-linux`;
  const others = ["_pktables", `pktables-${config.version}.cdx.json`, "pktables.8"];
  for (const name of [binary, ...others, "pktables.bash", "pktables.fish"]) {
    assert(names.includes(name), name);
  }
  const version = await run([`${FOLDER}/${binary}`, "--version"]);
  assertEquals(version.stdout, `pktables ${config.version}\n`);
});
