import type { ReplaceResult, System } from "../../src/system/system.ts";
import { FIXED_PATHS } from "./fixed_paths.ts";
import { type MemoryFile, memoryReader } from "./memory_reader.ts";

/** A machine without a firewall: files in memory, and what was printed. */
export interface Desk {
  readonly system: System;
  /** What went to standard output. */
  readonly out: () => string;
  /** What went to standard error. */
  readonly err: () => string;
  /** Files that were replaced, by path. */
  readonly written: ReadonlyMap<string, string>;
}

/**
 * Makes a machine on which every touch of the kernel or the lock is a failed test.
 *
 * @param files by path; `-` is standard input
 * @param refuse what the disk says to the writing of a path, if anything
 */
export function desk(
  files: Readonly<Record<string, MemoryFile>>,
  refuse: Readonly<Record<string, string>> = {},
): Desk {
  const [out, err]: [string[], string[]] = [[], []];
  const written = new Map<string, string>();
  const untouchable = (): never => {
    throw new Error("a verb that needs no kernel touched it");
  };
  const replace = (path: string, text: string): ReplaceResult => {
    const words = refuse[path];
    if (words !== undefined) return { ok: false, words };
    written.set(path, text);
    return { ok: true };
  };
  const system: System = {
    iptables: untouchable,
    surroundings: {
      saveAll: untouchable,
      nft: untouchable,
      defaultInterface: untouchable,
      addresses: untouchable,
    },
    lock: { take: untouchable },
    console: {
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 80,
      rows: 24,
      noColor: false,
    },
    files: { ...memoryReader(files), replace },
    paths: FIXED_PATHS,
    interruption: untouchable,
    syslog: untouchable,
    now: () => 1_735_689_600,
    dropFileAccess: () => Promise.resolve(),
  };
  return { system, out: () => out.join(""), err: () => err.join(""), written };
}
