import { resolve } from "@std/path";
import type { SourceReader } from "../../src/source/reader.ts";
import { realFiles } from "../../src/system/files.ts";

/**
 * Reads real files as if a folder were the working directory, so that names in diagnostics are the same
 * wherever the tests run.
 */
export function folderReader(folder: string): SourceReader {
  return {
    read: (path) => realFiles.read(resolve(folder, path)),
    readInput: () => ({ ok: false, problem: { kind: "missing" } }),
    list: (path) => realFiles.list(resolve(folder, path)),
    identify: (path) => realFiles.identify(resolve(folder, path)),
  };
}
