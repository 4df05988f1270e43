// What `@std/path` gives this project, taken from the runtime's own `node:path`,
// for networks that do not reach JSR. Only functions that both have alike stand here.
export { basename, dirname, isAbsolute, join, normalize, relative, resolve } from "node:path";
