// The examples that `pktables help PK004` shows: the wrong one has the error, the right one none.
import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands.ts";
import { readHookLine } from "../../src/cli/input/hook_line.ts";
import { judgeFile } from "../../src/cli/input/judge_file.ts";
import * as tracer from "../../src/cli/kernel/load_tracer.ts";
import type { Code } from "../../src/diagnostics/code.ts";
import { ALL_CODES, CODES } from "../../src/diagnostics/codes.ts";
import { KNOCKD_CODES } from "../../src/diagnostics/codes_knockd.ts";
import { KnownServices } from "../../src/knockd/advice.ts";
import { checkKnockdConf } from "../../src/knockd/check_conf.ts";
import { importKnockdConf } from "../../src/knockd/import_conf.ts";
import { compileFile } from "../../src/semantic/compile.ts";
import { makeSource } from "../../src/source/source.ts";
import { GOLDEN_NOW } from "../support/golden.ts";
import { type MemoryFile, memoryReader } from "../support/memory_reader.ts";

/** What is beside the example, or the file itself if it cannot be shown as text. */
interface World {
  readonly files?: Readonly<Record<string, MemoryFile>>;
  readonly wrong?: MemoryFile;
  readonly right?: MemoryFile;
  readonly isPublic?: boolean;
}

const ADDRESSES = Array.from({ length: 70_000 }, (_, index) => {
  const number = 0x0a000000 + 2 * index;
  return [24, 16, 8, 0].map((bits) => (number >> bits) & 255).join(".");
});

const KNOCK = "service vpn udp 500 knock 8143:udp, 7311, 9127 for 8h\n";

/** Levels of files that each include the next. */
const LEVELS = Object.fromEntries(
  Array.from(
    { length: 17 },
    (_, level) => [`level-${level + 1}.pk`, `include "level-${level + 2}.pk"\n`],
  ),
);

const WORLDS: Readonly<Record<string, World>> = {
  [CODES.badUtf8.code]: { wrong: Uint8Array.of(0x23, 0x20, 0x63, 0x61, 0x66, 0xe9, 0x0a) },
  [CODES.nulByte.code]: { wrong: CODES.nulByte.wrong.replace("\\0", "\0") },
  [CODES.fileTooLarge.code]: { wrong: new Uint8Array(5 * 1024 * 1024).fill(0x20) },
  [CODES.tooManySyntaxErrors.code]: { wrong: "service 1\n".repeat(10_001) },
  [CODES.unreadable.code]: { files: { services: { kind: "directory" } } },
  [CODES.includeTooDeep.code]: { files: LEVELS, wrong: 'include "level-1.pk"\n' },
  [CODES.tooManyAddresses.code]: { wrong: `service ssh tcp 22 allow ${ADDRESSES.join(", ")}\n` },
  [CODES.readableKnock.code]: { wrong: KNOCK, right: KNOCK, isPublic: true },
};

/** The files that examples include. */
const INCLUDED = {
  "services/ssh.pk": "service ssh tcp 22\n",
  "all/ssh.pk": "service ssh tcp 22\n",
};

/** The codes of all diagnostics of a rules file. */
function check(text: MemoryFile, { files = {} }: World, isPublic: boolean): string[] {
  const reader = memoryReader({ ...INCLUDED, ...files, "rules.pk": text });
  const given = { reader, now: GOLDEN_NOW, isPublic: () => isPublic };
  const compiled = judgeFile(tracer, {
    compiled: compileFile("rules.pk", given),
    now: GOLDEN_NOW,
  });
  return compiled.diagnostics.map(({ code }) => code);
}

const KNOCKD: readonly Code[] = Object.values(KNOCKD_CODES);

for (const entry of ALL_CODES.filter((one) => !KNOCKD.includes(one))) {
  Deno.test(`help ${entry.code}: the wrong example has the mistake, the right one has none`, () => {
    const world = WORLDS[entry.code] ?? {};
    const wrong = check(world.wrong ?? entry.wrong, world, world.isPublic ?? false);
    assert(wrong.includes(entry.code), `${wrong}`);
    assertEquals(check(world.right ?? entry.right, world, false), []);
  });
}

/** A whole knockd.conf of an example's lines. */
function confOf(lines: string): string {
  if (lines.startsWith("[")) return `${lines}\n`;
  const hasSequence = lines.includes("sequence =");
  return `[open]\n${hasSequence ? "" : "sequence = 8143,7311,9127\n"}${lines}\n`;
}

/** The codes of all diagnostics of a knockd.conf. */
function checkConf(lines: string, isPublic: boolean): string[] {
  const services = [{ name: "ssh", protocol: "tcp" as const, ports: [{ from: 22, to: 22 }] }];
  return checkKnockdConf(makeSource("knockd.conf", confOf(lines)), {
    services: new KnownServices(services),
    readHook: (words) => readHookLine(words, { commands: COMMANDS, now: GOLDEN_NOW }),
    isProgram: (path) => path === "/usr/local/bin/pktables",
    readSequences: () => "missing",
    hasMark: false,
    isPublic,
  }).map(({ code }) => code);
}

/** The codes of all that `pktables import` leaves out of a knockd.conf. */
function lost(lines: string): string[] {
  const source = makeSource("knockd.conf", confOf(lines));
  const readHook = (words: readonly string[]) =>
    readHookLine(words, { commands: COMMANDS, now: GOLDEN_NOW });
  return importKnockdConf(source, { readHook }).lost.map(({ code }) => code);
}

for (const entry of KNOCKD) {
  Deno.test(`help ${entry.code}: the wrong knockd.conf has the mistake, the right one has not`, () => {
    const [wrong, right] = entry === KNOCKD_CODES.knockdUnsaid
      ? [lost(entry.wrong), lost(entry.right)]
      : entry === KNOCKD_CODES.knockdReadable
      ? [checkConf("command = /bin/true", true), checkConf("command = /bin/true", false)]
      : [checkConf(entry.wrong, false), checkConf(entry.right, false)];
    assert(wrong.includes(entry.code), `${wrong}`);
    assert(!right.includes(entry.code), `${right}`);
  });
}
