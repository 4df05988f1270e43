import type { ReadProblem, ReadResult } from "../source/reader.ts";
import { MAX_SOURCE_BYTES } from "../source/source.ts";
import type { Files } from "./system.ts";
import { createFile, replaceFile, rewriteFile } from "./write_file.ts";

/** Bytes of one read. */
const CHUNK_BYTES = 64 * 1024;

/** Everyone's right to read, in a file's mode. */
const READ_BY_OTHERS = 0o004;

/** The files of this machine. */
export const realFiles: Files = {
  read: (path) => attempt(() => readRegularFile(path)),
  readInput: () => attempt(() => readBounded(Deno.stdin)),
  list: (folder) =>
    attempt(() => ({ ok: true, value: [...Deno.readDirSync(folder)].map((entry) => entry.name) })),
  identify(path) {
    try {
      return Deno.realPathSync(path);
    } catch {
      return path;
    }
  },
  replace: replaceFile,
  rewrite: rewriteFile,
  create: createFile,
  isPublic(path) {
    try {
      return ((Deno.statSync(path).mode ?? 0) & READ_BY_OTHERS) !== 0;
    } catch {
      return false;
    }
  },
};

/**
 * Checks before it opens, because opening a FIFO waits for a writer, and again afterwards, on the opened
 * file. The size is only a first check: /proc reports 0 and a file may grow.
 */
function readRegularFile(path: string): ReadResult<Uint8Array> {
  const problem = judge(Deno.statSync(path));
  if (problem !== null) return { ok: false, problem };
  using file = Deno.openSync(path, { read: true });
  const late = judge(file.statSync());
  return late === null ? readBounded(file) : { ok: false, problem: late };
}

function judge(info: Deno.FileInfo): ReadProblem | null {
  if (info.isDirectory) return { kind: "directory" };
  if (!info.isFile) return { kind: "special" };
  return info.size > MAX_SOURCE_BYTES ? { kind: "too-large" } : null;
}

/** Reads to the end, but never more than one chunk beyond the limit. */
function readBounded(from: { readSync(into: Uint8Array): number | null }): ReadResult<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const chunk = new Uint8Array(CHUNK_BYTES);
    const count = from.readSync(chunk);
    if (count === null) break;
    length += count;
    if (length > MAX_SOURCE_BYTES) return { ok: false, problem: { kind: "too-large" } };
    chunks.push(chunk.subarray(0, count));
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return { ok: true, value: whole };
}

function attempt<T>(run: () => ReadResult<T>): ReadResult<T> {
  try {
    return run();
  } catch (error) {
    return { ok: false, problem: explain(error) };
  }
}

function explain(error: unknown): ReadProblem {
  if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
  // A path through a file ("rules.pk/x") names nothing either.
  if (error instanceof Deno.errors.NotADirectory) return { kind: "missing" };
  if (error instanceof Deno.errors.IsADirectory) return { kind: "directory" };
  if (error instanceof Deno.errors.PermissionDenied) return { kind: "permission" };
  if (error instanceof Deno.errors.NotCapable) return { kind: "permission" };
  const words = error instanceof Error ? error.message : String(error);
  return { kind: "other", words: words.replace(/ \(os error \d+\).*$/, "") };
}
