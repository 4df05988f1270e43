import type { ReadProblem, SourceReader } from "../../src/source/reader.ts";

/** A file of a reader that has no disk: its text, or why it cannot be read. */
export type MemoryFile = string | Uint8Array | ReadProblem;

/** A reader over a map, and how often each of its files was read. */
export interface MemoryReader extends SourceReader {
  readonly reads: readonly string[];
}

/**
 * Makes a reader over files in memory.
 *
 * @param files by path, without `.` and `..`; `-` is standard input
 */
export function memoryReader(files: Readonly<Record<string, MemoryFile>>): MemoryReader {
  const reads: string[] = [];
  const get = (path: string) => {
    reads.push(path);
    const file = files[path];
    if (file === undefined) return { ok: false, problem: { kind: "missing" } } as const;
    if (typeof file === "string") {
      return { ok: true, value: new TextEncoder().encode(file) } as const;
    }
    return file instanceof Uint8Array
      ? { ok: true, value: file } as const
      : { ok: false, problem: file } as const;
  };
  return {
    reads,
    read: get,
    readInput: () => get("-"),
    list(folder) {
      const start = folder === "." ? "" : folder === "/" ? "/" : `${folder}/`;
      const inside = Object.keys(files).filter((path) => path.startsWith(start) && path !== "-");
      const names = inside.map((path) => path.slice(start.length).split("/")[0] ?? "");
      return names.length === 0 && folder !== "."
        ? { ok: false, problem: { kind: "missing" } }
        : { ok: true, value: [...new Set(names)].filter((name) => name !== "") };
    },
    identify: (path) => path,
  };
}
