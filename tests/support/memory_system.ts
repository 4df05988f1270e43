import { ok } from "../../src/result.ts";
import type { ReplaceResult, System } from "../../src/system/system.ts";
import { FIXED_PATHS } from "./fixed_paths.ts";
import { type MemoryFile, memoryReader } from "./memory_reader.ts";

/** A machine without a firewall: files in memory, and what was printed. */
export interface MemorySystem {
  readonly system: System;
  /** What went to standard output. */
  readonly out: () => string;
  /** What went to standard error. */
  readonly err: () => string;
  /** Files that were replaced, by path. */
  readonly written: ReadonlyMap<string, string>;
  /** Paths of those that only their owner may read from then on. */
  readonly secrets: ReadonlySet<string>;
}

/** Further properties of that machine. */
export interface MemoryOptions {
  /** Paths of files that everyone may read. */
  readonly open?: readonly string[];
  /** Interface of the default route. */
  readonly route?: string;
}

/**
 * Makes a machine on which any access to the kernel or the lock fails the test.
 *
 * @param files by path; `-` is standard input
 * @param refuse the error of the disk for a path, if any
 * @param more its further properties
 */
export function memorySystem(
  files: Readonly<Record<string, MemoryFile>>,
  refuse: Readonly<Record<string, string>> = {},
  more: MemoryOptions = {},
): MemorySystem {
  const [out, err]: [string[], string[]] = [[], []];
  const written = new Map<string, string>();
  let seed = 1;
  const untouchable = (): never => {
    throw new Error("a verb that needs no kernel touched it");
  };
  const write = (path: string, text: string): ReplaceResult => {
    const words = refuse[path];
    if (words !== undefined) return { ok: false, words };
    written.set(path, text);
    return { ok: true };
  };
  const secrets = new Set<string>();
  const replace: System["files"]["replace"] = (path, text, options = {}) => {
    if (options.secret) secrets.add(path);
    return write(path, text);
  };
  const system: System = {
    iptables: untouchable,
    ipv6: untouchable,
    recent: { read: untouchable, remove: untouchable },
    surroundings: {
      saveAll: untouchable,
      nft: untouchable,
      defaultInterface: () => Promise.resolve(ok(more.route ?? null)),
      addresses: untouchable,
      sockets: untouchable,
      interfaces: untouchable,
    },
    lock: { take: untouchable },
    console: {
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      inIsTerminal: false,
      outIsTerminal: false,
      errIsTerminal: false,
      columns: 80,
      rows: 24,
      noColor: false,
    },
    files: {
      ...memoryReader(files),
      replace,
      rewrite: (path, { text }) => replace(path, text),
      create: write,
      isPublic: (path) => more.open?.includes(path) ?? false,
    },
    paths: FIXED_PATHS,
    interruption: untouchable,
    syslog: untouchable,
    now: () => 1_735_689_600,
    // Deterministic, so that a test can expect the result.
    randomBytes: (length) =>
      Uint8Array.from({ length }, () => (seed = (seed * 181 + 57) % 65_521) % 256),
    dropFileAccess: () => Promise.resolve(),
  };
  return { system, out: () => out.join(""), err: () => err.join(""), written, secrets };
}
