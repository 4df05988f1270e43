// Talks with the program: each file here is a machine, then command lines with all that each prints.
//
// `@ipv4`, `@ipv6` and `@both` hold rules of table filter, `@file NAME` a file; `@tables`, `@legacy`,
// `@nft`, `@saved` (the whole of iptables-save, for `trace`), `@interface`, `@addresses` and `@columns` what else the machine has. Behind `$ ` stands a command,
// then its output: `| ` standard output, `! ` standard error, `= ` its status where that is not 0. Of the
// program's own verbs, `$ .rules` prints table filter, `$ .cat NAME` a file, `$ .wait SECONDS` advances the clock.
import { assert, assertEquals } from "@std/assert";
import { ok } from "../../src/result.ts";
import type { System } from "../../src/system/system.ts";
import { VERSION } from "../../src/version.ts";
import { FakeSystem } from "../support/fake_system.ts";
import { FAMILIES } from "../support/iptables_text.ts";

/** With `PKTABLES_UPDATE_GOLDENS=1` what is printed is written anew. CI never sets it. */
const isUpdate = Deno.env.get("PKTABLES_UPDATE_GOLDENS") === "1";

const FOLDER = new URL(".", import.meta.url);
const NAMES = [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
  .filter((name) => name.endsWith(".txt")).sort();

/** Makes the machine that the lines ahead of the first command describe. */
function machineOf(lines: readonly string[]): FakeSystem {
  const parts = new Map<string, string[]>();
  let part: string[] = [];
  for (const line of lines) {
    if (line.startsWith("@")) parts.set(line.slice(1), part = []);
    else part.push(line);
  }
  const textOf = (name: string) => parts.get(name)?.join("\n") ?? "";
  const rules = (family: string) => `${textOf("both")}\n${textOf(family)}`;
  const system = new FakeSystem({ ipv4: rules("ipv4"), ipv6: rules("ipv6") });
  for (const [name, content] of parts) {
    const [what, word = ""] = name.split(" ");
    if (what === "file") system.contents[word] = `${content.join("\n").trimEnd()}\n`;
    if (what === "interface") system.around.interface = word === "none" ? null : word;
    if (what === "addresses") system.around.addresses = name.split(" ").slice(1);
    if (what === "columns") system.console.columns = Number(word);
  }
  if (parts.has("tables")) system.around.tables = `${textOf("tables").trim()}\n`;
  if (parts.has("legacy")) system.around.legacy = `${textOf("legacy").trim()}\n`;
  if (parts.has("saved")) {
    const saveAll: System["surroundings"]["saveAll"] = (family, backend) => {
      if (backend === "legacy") return Promise.resolve(ok(textOf("legacy")));
      const text = family === "ipv4" ? textOf("saved") : textOf("saved6");
      return Promise.resolve(ok(text.trim() === "" ? "" : `${text.trim()}\n`));
    };
    Object.assign(system.surroundings, { saveAll });
  }
  if (parts.has("nft")) {
    const nft = textOf("nft").trim();
    system.around.nft = nft === "none" ? null : nft;
  }
  return system;
}

/** The rules of both families, once where they are the same. */
function rulesOf(system: FakeSystem): string {
  const [ipv4 = "", ipv6 = ""] = FAMILIES.map((family) =>
    system.kernel.dump(family).split("\n").filter((line) => /^(\[|:pk)/.test(line))
      .map((line) => line.replace(/^\[0:0\] /, "")).join("\n")
  );
  return ipv4 === ipv6 ? `${ipv4}\n` : `${ipv4}\nIPv6:\n${ipv6}\n`;
}

async function answer(system: FakeSystem, line: string): Promise<string[]> {
  const mark = (sign: string, text: string) =>
    text === "" ? [] : text.replace(/\n$/, "").split("\n").map((one) => `${sign} ${one}`.trimEnd());
  const [word, argument = ""] = line.split(" ");
  if (word === ".rules") return mark("|", rulesOf(system));
  if (word === ".cat") {
    return mark("|", `${system.contents[argument]}`.replaceAll(VERSION, "VERSION"));
  }
  if (word === ".wait") {
    system.clock += Number(argument);
    return [];
  }
  // A word that is still empty, as a shell sends it to be completed, is written as `~`.
  const words = line.split(" ").filter((one) => one !== "").map((one) => one === "~" ? "" : one);
  const { out, err, status } = await system.run(words);
  const [shown, told] = [out, err].map((text) => text.replaceAll(VERSION, "VERSION"));
  return [...mark("|", shown!), ...mark("!", told!), ...(status === 0 ? [] : [`= ${status}`])];
}

for (const name of NAMES) {
  Deno.test(`the talk ${name.replace(".txt", "")}`, async () => {
    const path = new URL(name, FOLDER);
    const expected = Deno.readTextFileSync(path);
    const lines = expected.split("\n");
    const first = lines.findIndex((line) => line.startsWith("$ "));
    const system = machineOf(lines.slice(0, first));
    const printed = lines.slice(0, first);
    for (const line of lines.slice(first)) {
      if (line.startsWith("$ ")) printed.push(line, ...await answer(system, line.slice(2)), "");
    }
    const text = `${printed.join("\n").trimEnd()}\n`;
    if (isUpdate) Deno.writeTextFileSync(path, text);
    assertEquals(text, Deno.readTextFileSync(path));
  });
}

Deno.test("there are talks, and they are not written in CI", () => {
  assert(NAMES.length >= 9);
  assert(!isUpdate || Deno.env.get("CI") === undefined);
});
