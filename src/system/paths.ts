import { resolve } from "@std/path";
import type { Paths } from "./system.ts";

/** Anyone's right to execute, in a file's mode. */
const EXECUTE = 0o111;

/** The paths of this machine. Nothing is read from the system before it is needed. */
export const realPaths: Paths = {
  get program() {
    // Run from its sources, the program that runs is deno.
    return Deno.build.standalone ? Deno.execPath() : null;
  },
  absolute: (path) => resolve(path),
  isProgram(path) {
    try {
      const { isFile, mode } = Deno.statSync(path);
      return isFile && ((mode ?? 0) & EXECUTE) !== 0;
    } catch {
      return false;
    }
  },
};
