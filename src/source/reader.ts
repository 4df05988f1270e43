/** Why a file, a folder or the standard input could not be read. */
export type ReadProblem =
  | { readonly kind: "missing" }
  | { readonly kind: "directory" }
  | { readonly kind: "permission" }
  /** A FIFO, a socket or a device: reading it could block or never end. */
  | { readonly kind: "special" }
  /** Longer than 4 MiB. */
  | { readonly kind: "too-large" }
  /** Any other error, in the system's own words. */
  | { readonly kind: "other"; readonly words: string };

/** What was read, or why it was not. */
export type ReadResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: ReadProblem };

/**
 * Where source text comes from. The checks access files only through this, so that they stay pure; the
 * real one is in `system`, tests make theirs from a map.
 */
export interface SourceReader {
  /** Reads a regular file of at most 4 MiB. */
  read(path: string): ReadResult<Uint8Array>;
  /** Reads the standard input, at most 4 MiB. */
  readInput(): ReadResult<Uint8Array>;
  /** The names in a folder, in any order, without `.` and `..`. */
  list(folder: string): ReadResult<string[]>;
  /** One name for each file, however it is reached; the path itself where the file is missing. */
  identify(path: string): string;
}

/**
 * Why something cannot be read, in words that follow a colon.
 *
 * @returns without a full stop; of any other problem the system's own words
 */
export function describeReadProblem(problem: ReadProblem): string {
  switch (problem.kind) {
    case "missing":
      return "no such file";
    case "directory":
      return "is a directory";
    case "permission":
      return "permission denied";
    case "special":
      return "not a regular file";
    case "too-large":
      return "larger than 4 MiB";
    case "other":
      return problem.words;
  }
}
