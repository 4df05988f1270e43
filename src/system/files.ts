import type { ReadProblem, ReadResult } from "../source/reader.ts";
import { MAX_SOURCE_BYTES } from "../source/source.ts";
import type { Files, ReplaceResult } from "./system.ts";

/** How much is asked of the system at once. */
const CHUNK_BYTES = 64 * 1024;

/** Everybody's right to read, in a file's mode. */
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
  create(path, text) {
    try {
      writeNew(path, { text, mode: SECRET_MODE, owner: null });
      return { ok: true };
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) {
        return { ok: false, words: "it is there already" };
      }
      // A part of the list would be taken for all of it.
      removeIfThere(path);
      return { ok: false, words: wordsOf(explain(error)) };
    }
  },
  isPublic(path) {
    try {
      return ((Deno.statSync(path).mode ?? 0) & READ_BY_OTHERS) !== 0;
    } catch {
      return false;
    }
  },
};

/**
 * Looks before it opens, because opening a FIFO waits for a writer, and once more afterwards, at what
 * was really opened. The size is only a first look: /proc says 0 and a file may grow.
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

/** What a file may be read and written by where nothing else is known. */
const DEFAULT_MODE = 0o644;

/** What a file may be read and written by that holds secrets: its owner. */
const SECRET_MODE = 0o600;

/** By way of a temporary file in the same folder, which is then renamed over the old one. */
function replaceFile(
  path: string,
  text: string,
  { secret = false }: { readonly secret?: boolean } = {},
): ReplaceResult {
  try {
    const target = realFiles.identify(path);
    const old = statOrNull(target);
    if (old !== null && !old.isFile) {
      return { ok: false, words: old.isDirectory ? "it is a directory" : "it is no regular file" };
    }
    const slash = target.lastIndexOf("/") + 1;
    const temporary = `${target.slice(0, slash)}.${target.slice(slash)}.${crypto.randomUUID()}`;
    const kept = old?.mode == null ? DEFAULT_MODE : old.mode & 0o7777;
    try {
      writeNew(temporary, { text, mode: secret ? SECRET_MODE : kept, owner: old });
      Deno.renameSync(temporary, target);
    } catch (error) {
      removeIfThere(temporary);
      throw error;
    }
    return { ok: true };
  } catch (error) {
    return { ok: false, words: wordsOf(explain(error)) };
  }
}

function statOrNull(path: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Nobody else can open the file before it has its owner and mode. */
function writeNew(
  path: string,
  { text, mode, owner }: {
    readonly text: string;
    readonly mode: number;
    readonly owner: Deno.FileInfo | null;
  },
): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: SECRET_MODE });
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
  const own = file.statSync();
  if (owner !== null && (owner.uid !== own.uid || owner.gid !== own.gid)) {
    Deno.chownSync(path, owner.uid, owner.gid);
  }
  Deno.chmodSync(path, mode);
  // A rename may reach the disk ahead of the content: a crash would leave an empty file.
  file.syncSync();
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never made, or the folder is gone: there is nothing more to do.
  }
}

function wordsOf(problem: ReadProblem): string {
  switch (problem.kind) {
    case "missing":
      return "there is no such folder";
    case "directory":
      return "it is a directory";
    case "permission":
      return "no permission";
    default:
      return problem.kind === "other" ? problem.words : "the system refused";
  }
}
