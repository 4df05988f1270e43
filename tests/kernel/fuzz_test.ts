// The last property of the fuzz tests: whatever file is accepted, the kernel takes what it compiles to.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { FAMILIES, type Family } from "../../src/firewall/address.ts";
import { chainRulesOf } from "../../src/firewall/properties.ts";
import { jumpsOf, ruleKey } from "../../src/firewall/rule.ts";
import { chainOf } from "../../src/firewall/service.ts";
import { readFilterTable } from "../support/read_table.ts";
import { type Compiled, compileFile } from "../../src/semantic/compile.ts";
import { mutate, randomFrom } from "../fuzz/inputs.ts";
import { wholeFile } from "../fuzz/whole_files.ts";
import { type Box, forEachBackend } from "../support/box.ts";
import { GOLDEN_NOW, payloadOf } from "../support/golden.ts";
import { memoryReader } from "../support/memory_reader.ts";
import { program } from "../support/namespace.ts";

const SEED = 20240601;
/** Valid files; a few have a burst that is too large. */
const FILES = 320;
/** Changed copies of each; most are refused, and those that are not are the odd ones. */
const MUTANTS = 4;
/** Fewer would show that the files are no longer right. */
const ENOUGH = 320;

/** A file that was accepted. */
interface Accepted {
  readonly text: string;
  readonly compiled: Compiled;
}

function compile(text: string): Accepted {
  const reader = memoryReader({ "rules.pk": text });
  return { text, compiled: compileFile("rules.pk", { reader, now: GOLDEN_NOW }) };
}

/** Right files, and copies of them with a few bytes or words changed. */
function accepted(): Accepted[] {
  const random = randomFrom(SEED);
  const right = Array.from({ length: FILES }, (_, number) => {
    const [text = ""] = fc.sample(wholeFile(number), { seed: SEED + number, numRuns: 1 });
    return text;
  });
  const mutants = Array.from({ length: FILES * MUTANTS }, (_, number) => {
    const origin = number % FILES;
    const own = (right[origin] ?? "").replaceAll(`f${origin}-`, `m${number}-`);
    return new TextDecoder().decode(mutate([new TextEncoder().encode(own)], random));
  });
  const kept = [...right, ...mutants].map(compile).filter(({ compiled }) => compiled.ok);
  return withOwnNames(kept);
}

/** Mutations may give two files one name: the second of them is left out. */
function withOwnNames(files: readonly Accepted[]): Accepted[] {
  const taken = new Set<string>();
  return files.filter(({ compiled }) => {
    const names = compiled.services.map(({ name }) => name);
    if (names.some((name) => taken.has(name))) return false;
    for (const name of names) taken.add(name);
    return true;
  });
}

/** Gives payloads to the real iptables-restore, one transaction each; returns its errors. */
async function restore(
  box: Box,
  { files, family, flags }: { files: readonly Accepted[]; family: Family; flags: string[] },
): Promise<string> {
  const wait = box.backend === "legacy" ? ["-w", "10"] : [];
  const command = [`${program(box.backend, family)}-restore`, ...wait, "--noflush", ...flags];
  const stdin = files.map(({ compiled }) => payloadOf(compiled, family)).join("");
  const { code, stderr } = await box.ns.run(command, { stdin });
  return code === 0 ? stderr.replace(/^#.*\n/gm, "") : `status ${code}: ${stderr}`;
}

forEachBackend(
  "every accepted file compiles to what iptables-restore takes and the kernel keeps",
  async (box) => {
    const files = accepted();
    assert(files.length >= ENOUGH, `only ${files.length} files were accepted`);
    for (const family of FAMILIES) {
      for (const flags of [["--test"], []]) {
        const told = await restore(box, { files, family, flags });
        if (told !== "") await blame(box, { files, family });
        assertEquals(told, "");
      }
      const table = readFilterTable(await box.save(family), family);
      const services = files.flatMap(({ compiled }) => compiled.services)
        .filter(({ families }) => families.includes(family));
      const kept = services.map(({ name }) => table.rules(chainOf(name)).map(({ key }) => key));
      assertEquals(kept, services.map((service) => chainRulesOf(service, family).map(ruleKey)));
      const jumps = table.rules("INPUT").map(({ key }) => key);
      assertEquals(jumps, services.flatMap(jumpsOf).map(ruleKey));
    }
  },
);

/** Finds the file that is refused: a message about line 4711 of all of them is useless. */
async function blame(
  box: Box,
  { files, family }: { files: readonly Accepted[]; family: Family },
): Promise<void> {
  for (const one of files) {
    const told = await restore(box, { files: [one], family, flags: [] });
    assertEquals([one.text, told], [one.text, ""]);
  }
}
