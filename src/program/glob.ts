import { join } from "@std/path";
import type { ReadProblem, SourceReader } from "../source/reader.ts";

/** Whether a path is a pattern: it holds `*`, `?` or `[`. */
export function isGlob(path: string): boolean {
  return /[*?[]/.test(path);
}

/** One element of a pattern: any run of characters, or one character of a set. */
type Place = "star" | ((char: string) => boolean);

/**
 * Whether a file name matches a pattern, as in a shell (glob(7)): `*` is any run of characters, `?` one of
 * them, `[a-z]` one of a set and `[!a-z]` one outside it. A name with a leading dot is matched only by a
 * pattern with one, so that editors' hidden files are not loaded. The time is at most proportional to the
 * product of both lengths.
 *
 * @param name one file name, without `/`
 * @param pattern one part of a path
 */
export function matchesGlob(name: string, pattern: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const chars = [...name];
  const places = readPattern(pattern);
  let [at, next, star, resume] = [0, 0, -1, 0];
  while (at < chars.length) {
    const place = places[next];
    if (place === "star") {
      [star, resume] = [next, at];
      next += 1;
    } else if (place?.(chars[at]!)) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      // The last star takes one more character; an earlier one never has to.
      resume += 1;
      [at, next] = [resume, star + 1];
    } else {
      return false;
    }
  }
  return places.slice(next).every((place) => place === "star");
}

function readPattern(pattern: string): Place[] {
  const places: Place[] = [];
  const chars = [...pattern];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    // A `]` that comes first in a set belongs to it.
    const first = chars[at + 1] === "!" ? at + 2 : at + 1;
    const end = char === "[" ? chars.indexOf("]", first + 1) : -1;
    if (end > 0) {
      places.push(readSet(chars.slice(first, end), first === at + 2));
      at = end;
    } else if (char === "*") places.push("star");
    else places.push(char === "?" ? () => true : (given) => given === char);
  }
  return places;
}

function readSet(chars: readonly string[], negated: boolean): Place {
  const ranges: [string, string][] = [];
  for (let at = 0; at < chars.length; at++) {
    const from = chars[at]!;
    const to = chars[at + 1] === "-" ? chars[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return (char) => ranges.some(([from, to]) => from <= char && char <= to) !== negated;
}

/** What a pattern matches, or the folder that cannot be listed and why. */
export type Expansion =
  | { readonly ok: true; readonly value: string[] }
  | { readonly ok: false; readonly folder: string; readonly problem: ReadProblem };

/**
 * Finds what a pattern matches, in name order (by code unit), folder by folder. Where plain parts
 * follow the last pattern, as in `sites/a?/doors.pk`, a path in the answer may be missing.
 *
 * @param pattern a path with `*` or `?` in one or more of its parts
 * @param reader lists folders
 * @returns the paths, none if nothing matches or the folder is missing; a problem if a folder is
 *   there but cannot be listed
 */
export function expandGlob(pattern: string, reader: SourceReader): Expansion {
  let paths = [pattern.startsWith("/") ? "/" : "."];
  for (const part of pattern.split("/").filter((part) => part !== "")) {
    if (!isGlob(part)) {
      paths = paths.map((path) => join(path, part));
      continue;
    }
    const found: string[] = [];
    for (const path of paths) {
      const names = reader.list(path);
      if (!names.ok && names.problem.kind !== "missing") {
        return { ok: false, folder: path, problem: names.problem };
      }
      const fitting = names.ok ? names.value.filter((name) => matchesGlob(name, part)) : [];
      for (const name of fitting.sort()) found.push(join(path, name));
    }
    paths = found;
  }
  return { ok: true, value: paths };
}
