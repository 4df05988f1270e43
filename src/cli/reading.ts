// What verbs that read files of rules load, and only when they do: a hook of knockd needs none of it. It
// is one module, because the bundler puts what two parts share into a file of its own, and each file
// that is read adds to the start.
export { CODES } from "../diagnostics/codes.ts";
export { countDiagnostics, drawDiagnostics } from "../diagnostics/draw.ts";
export { formatJson } from "../diagnostics/json.ts";
export { formatShort } from "../diagnostics/short.ts";
export { compileFile } from "../semantic/compile.ts";
export { tellUnreadable } from "../semantic/unreadable.ts";
export { formatSource } from "../syntax/formatter.ts";
export { importConf } from "./import_file.ts";
export { checkConf, writeConf } from "./knockd_file.ts";
