// Writes files safely against a full disk, a kill and other users.
import type { ReplaceResult } from "./system.ts";

/** The default mode of a new file. */
const DEFAULT_MODE = 0o644;

/** The mode of a file with secrets. */
const SECRET_MODE = 0o600;

/** The most links in a path that are followed, as in the kernel (MAXSYMLINKS). */
const MAX_LINKS = 40;

/** Bits of a folder's mode: others may write in it; but only its files' owners may rename them. */
const SHARED_WRITE = 0o022;
const STICKY = 0o1000;

/** Why a write is refused, in words for people. */
class Refusal extends Error {}

/** See {@link Files.replace}. */
export function replaceFile(
  path: string,
  text: string,
  { secret = false }: { readonly secret?: boolean } = {},
): ReplaceResult {
  return attempt(() => {
    const target = follow(path);
    const old = statFile(target);
    const temporary = writeCopy(target, { text, mode: secret ? SECRET_MODE : old?.mode ?? null });
    try {
      if (old !== null) keepOwner(temporary, old);
      Deno.renameSync(temporary, target);
    } catch (error) {
      removeIfThere(temporary);
      throw error;
    }
  });
}

/** See {@link Files.create}. */
export function createFile(path: string, text: string): ReplaceResult {
  return attempt(() => {
    if (lstatOrNull(path) !== null) throw new Refusal("already exists");
    const copy = writeCopy(path, { text, mode: SECRET_MODE });
    try {
      // link(2), unlike rename(2), does not replace a file that was created in between.
      Deno.linkSync(copy, path);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw new Refusal("already exists");
      throw error;
    } finally {
      removeIfThere(copy);
    }
  });
}

/** See {@link Files.rewrite}. */
export function rewriteFile(
  path: string,
  { old, text }: { readonly old: Uint8Array; readonly text: string },
): ReplaceResult {
  return attempt(() => {
    const target = follow(path);
    if (statFile(target) === null) throw new Deno.errors.NotFound();
    const bytes = new TextEncoder().encode(text);
    using file = Deno.openSync(target, { read: true, write: true });
    if (!holds(file, old)) throw new Refusal("changed in the meantime");
    const copy = writeCopy(target, { text, mode: SECRET_MODE });
    try {
      overwrite(file, bytes);
    } catch (error) {
      // The space of the old bytes is still allocated, so they fit again.
      try {
        overwrite(file, old);
      } catch {
        throw new Refusal(`${wordsOf(error)}; the new text is whole in ${copy}`);
      }
      removeIfThere(copy);
      throw error;
    }
    removeIfThere(copy);
  });
}

/**
 * The file that a path names. A link that belongs to neither root nor this user is not followed,
 * wherever it is in the path: it could redirect the write to a file of someone else's choice.
 */
function follow(path: string): string {
  let links = 0;
  const left = path.split("/").filter((part) => part !== "").reverse();
  let done = path.startsWith("/") ? "" : Deno.cwd();
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (part === "." || part === "..") {
      if (part === "..") done = done.slice(0, Math.max(0, done.lastIndexOf("/")));
      continue;
    }
    const here = `${done === "/" ? "" : done}/${part}`;
    const info = lstatOrNull(here);
    if (info?.isSymlink !== true) {
      done = here;
      continue;
    }
    if (info.uid !== 0 && info.uid !== ownUid(done)) {
      throw new Refusal(`${here} is a symbolic link owned by user ${info.uid} and is not followed`);
    }
    if (++links > MAX_LINKS) throw new Refusal("too many symbolic links");
    const to = Deno.readLinkSync(here);
    if (to.startsWith("/")) done = "";
    left.push(...to.split("/").filter((one) => one !== "").reverse());
  }
  return done === "" ? "/" : done;
}

/**
 * The owner of the files that this process creates; reading the user id would need one more permission.
 *
 * @param folder where a file can be created for a moment; otherwise the folder for temporary files
 * @returns `null` if none can be created
 */
function ownUid(folder: string): number | null {
  for (const options of [{ dir: folder || "/" }, {}]) {
    try {
      const path = Deno.makeTempFileSync({ ...options, prefix: ".pktables-" });
      try {
        return Deno.lstatSync(path).uid;
      } finally {
        removeIfThere(path);
      }
    } catch {
      continue;
    }
  }
  return null;
}

function lstatOrNull(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** The metadata of a regular file; `null` if there is none. */
function statFile(path: string): Deno.FileInfo | null {
  const info = lstatOrNull(path);
  if (info === null || info.isFile) return info;
  throw new Refusal(info.isDirectory ? "is a directory" : "not a regular file");
}

/**
 * Writes a file of an unpredictable name next to another one, and syncs it: a rename or a change of the
 * other one may reach the disk before the content, and a crash would leave neither.
 *
 * @param target the other one
 * @param given `mode` from its first moment; `null` for a file that everyone may read
 * @returns its path; nothing is left behind if it could not be written
 */
function writeCopy(
  target: string,
  { text, mode }: { readonly text: string; readonly mode: number | null },
): string {
  const slash = target.lastIndexOf("/") + 1;
  const path = `${target.slice(0, slash)}.${target.slice(slash)}.${crypto.randomUUID()}`;
  // No chmod(2) afterwards: it would follow a link that was put in the file's place.
  const mask = Deno.umask(0);
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, {
      write: true,
      createNew: true,
      mode: (mode ?? DEFAULT_MODE) & 0o777,
    });
  } finally {
    Deno.umask(mask);
  }
  try {
    writeAll(file, new TextEncoder().encode(text));
    file.syncSync();
  } catch (error) {
    removeIfThere(path);
    throw error;
  } finally {
    file.close();
  }
  return path;
}

/** Gives a new file the owner of the old one, unless someone else could put a link in its place. */
function keepOwner(path: string, old: Deno.FileInfo): void {
  const now = Deno.lstatSync(path);
  if (now.uid === old.uid && now.gid === old.gid) return;
  const folder = Deno.statSync(path.slice(0, path.lastIndexOf("/")) || "/");
  const mode = folder.mode ?? SHARED_WRITE;
  const isSafe = (folder.uid === 0 || folder.uid === now.uid) &&
    ((mode & SHARED_WRITE) === 0 || (mode & STICKY) !== 0);
  if (isSafe) Deno.chownSync(path, old.uid, old.gid);
}

/** Whether an open file holds exactly these bytes. */
function holds(file: Deno.FsFile, bytes: Uint8Array): boolean {
  const found = new Uint8Array(bytes.length + 1);
  let length = 0;
  for (
    let count: number | null = 1;
    count !== null && length < found.length;
    length += count ?? 0
  ) {
    count = file.readSync(found.subarray(length));
  }
  return length === bytes.length && bytes.every((byte, at) => byte === found[at]);
}

/** Writes other bytes to an open file, and truncates it last. */
function overwrite(file: Deno.FsFile, bytes: Uint8Array): void {
  file.seekSync(0, Deno.SeekMode.Start);
  writeAll(file, bytes);
  file.truncateSync(bytes.length);
  file.syncSync();
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It was never created, or the folder is gone: there is nothing to do.
  }
}

function attempt(write: () => void): ReplaceResult {
  try {
    write();
    return { ok: true };
  } catch (error) {
    return { ok: false, words: wordsOf(error) };
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (error instanceof Deno.errors.NotFound) return "no such folder";
  // A path through a file ("rules.pk/x") names no folder either.
  if (error instanceof Deno.errors.NotADirectory) return "no such folder";
  if (error instanceof Deno.errors.IsADirectory) return "is a directory";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotCapable) return "permission denied";
  const words = error instanceof Error ? error.message : String(error);
  return words.replace(/ \(os error \d+\).*$/, "");
}
