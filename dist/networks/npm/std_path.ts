// The part of `@std/path` that this project uses, from the runtime's own `node:path`,
// for networks that do not reach JSR. Only functions that are the same in both.
import { join as joinAny } from "node:path";
export { basename, dirname, isAbsolute, normalize, relative, resolve } from "node:path";

/** Joins paths; `@std/path` requires at least one. */
export const join: (path: string, ...paths: string[]) => string = joinAny;
