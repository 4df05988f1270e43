// What `@std/path` gives this project, taken from the runtime's own `node:path`,
// for networks that do not reach JSR. Only functions that both have alike stand here.
import { join as joinAny } from "node:path";
export { basename, dirname, isAbsolute, normalize, relative, resolve } from "node:path";

/** Joins paths; `@std/path` wants one at least. */
export const join: (path: string, ...paths: string[]) => string = joinAny;
