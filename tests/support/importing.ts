// Rules files that are made of a knockd.conf.
import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { readHookLine } from "../../src/cli/input/hook_line.ts";
import { importKnockdConf } from "../../src/knockd/import_conf.ts";
import { type Compiled, compileFile } from "../../src/semantic/compile.ts";
import { makeSource, positionOf } from "../../src/source/source.ts";
import { memoryReader } from "./memory_reader.ts";

/** The time at which files are read: the start of 2025. */
export const NOW = 1_735_689_600;

/** A rules file, and what is known of it. */
export interface ImportedConf {
  /** The file. */
  readonly text: string;
  /** Its lines without comments. */
  readonly rules: readonly string[];
  /** What is left out: `LINE: MESSAGE`. */
  readonly told: readonly string[];
  /** The words of the knockd.conf that this is about. */
  readonly marked: readonly string[];
  /** What it means. */
  readonly compiled: Compiled;
}

/** Imports a knockd.conf; fails if the rules file has errors. */
export function importConf(conf: string): ImportedConf {
  const source = makeSource("knockd.conf", conf);
  const readHook = (words: readonly string[]) =>
    readHookLine(words, { commands: COMMANDS, now: NOW });
  const { text, lost } = importKnockdConf(source, { readHook });
  const compiled = compileFile("x.pk", { reader: memoryReader({ "x.pk": text }), now: NOW });
  assert(compiled.ok, `${text}\n${JSON.stringify(compiled.diagnostics)}`);
  const rules = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const told = lost.map(({ primary, message }) =>
    `${positionOf(source, primary.span.start).line}: ${message}`
  );
  const marked = lost.map(({ primary: { span } }) => conf.slice(span.start, span.end));
  return { text, rules, told, marked, compiled };
}

/** What the rules file says but for comments, where nothing may be left out. */
export function wholeImport(conf: string): string[] {
  const { rules, told } = importConf(conf);
  assertEquals(told, []);
  return rules.map((line) => line.trim());
}
