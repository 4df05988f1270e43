// Every text that pktables generates, whole: pages of help, the manual, completions, boot scripts.
import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { TOPICS } from "../../src/cli/pages/topics.ts";
import { run } from "../../src/cli/run.ts";
import { ALL_CODES } from "../../src/diagnostics/codes.ts";
import { explain } from "../../src/system/failure.ts";
import { VERSION } from "../../src/version.ts";
import { memorySystem } from "../support/memory_system.ts";

/** With `PKTABLES_UPDATE_GOLDENS=1` the texts are written anew. CI never sets it. */
const isUpdate = Deno.env.get("PKTABLES_UPDATE_GOLDENS") === "1";

const FOLDER = new URL("expected/", import.meta.url);

/** How wide the terminal is, where it is not 80 columns: the name of a text says so. */
const COLUMNS: Readonly<Record<string, number>> = { help_narrow: 30, help_wide: 500 };

/** What a command prints, with a version that does not change. */
async function print(words: readonly string[], columns: number): Promise<string> {
  const { system, out, err } = memorySystem({ "rules.pk": "service ssh tcp 22 syn drop\n" });
  const console = { ...system.console, columns };
  assertEquals([await run(words, { ...system, console }), err()], [0, ""], words.join(" "));
  return out().replaceAll(VERSION, "VERSION");
}

const SHOWN = COMMANDS.filter(({ hidden }) => hidden !== true);

/** The commands whose output is kept in one file, by the file's name. */
const TEXTS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "help": [["help"], ["--help", "--color", "always"]],
  ...Object.fromEntries(TOPICS.map(({ name }) => [`help_${name}`, [["help", name]]])),
  "help_every_code": ALL_CODES.map(({ code }) => ["help", code]),
  "help_narrow": [["help", "trace"]],
  "help_wide": [["help", "trace"]],
  "manual": [["man"]],
  ...Object.fromEntries(SHOWN.map(({ name }) => [`help_${name}`, [["help", name]]])),
  ...Object.fromEntries(
    ["bash", "zsh", "fish"].map((shell) => [`completions_${shell}`, [["completions", shell]]]),
  ),
  ...Object.fromEntries(
    ["systemd", "openrc", "sysv"].map((kind) => [`unit_${kind}`, [
      ["unit", kind, "rules.pk"],
      ["unit", kind, "rules.pk", "--remove-on-stop", "--ipv6", "--backend", "nft", "--wait", "3"],
    ]]),
  ),
};

for (const [name, commands] of Object.entries(TEXTS)) {
  Deno.test(`what is printed for ${name} is as it was`, async () => {
    const printed = await Promise.all(commands.map((words) => print(words, COLUMNS[name] ?? 80)));
    const text = printed.map((one, index) => `$ pktables ${commands[index]!.join(" ")}\n${one}`)
      .join("\n");
    const path = new URL(`${name}.txt`, FOLDER);
    if (isUpdate) Deno.writeTextFileSync(path, text);
    assertEquals(text, Deno.readTextFileSync(path));
  });
}

/** The matches and targets that rules of this program use, and one that only foreign rules do. */
const PARTS = "time recent comment multiport limit conntrack tcp udp LOG REJECT geoip".split(" ");

Deno.test("what is said of a missing part of iptables or the kernel is as it was", () => {
  const said = PARTS.flatMap((name) => {
    const what = name === name.toUpperCase() ? "target" : "match";
    const library = `Couldn't load ${what} \`${name}':No such file or directory`;
    const module = `Warning: Extension ${name} revision 0 not supported, missing kernel module?`;
    return [library, module].map((text) => `${text}\n    ${explain(text, "").message}\n`);
  });
  const path = new URL("missing_parts.txt", FOLDER);
  if (isUpdate) Deno.writeTextFileSync(path, said.join(""));
  assertEquals(said.join(""), Deno.readTextFileSync(path));
});

Deno.test("no text is kept that nothing prints, and they are not written in CI", () => {
  const kept = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
  const names = [...Object.keys(TEXTS), "missing_parts"];
  assertEquals(kept, names.map((name) => `${name}.txt`).sort());
  assert(!isUpdate || Deno.env.get("CI") === undefined);
});
