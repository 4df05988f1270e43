// What only verbs that read rules files load: see lazy.ts.
export { CODES } from "../../diagnostics/codes.ts";
export { countDiagnostics, drawDiagnostics } from "../../diagnostics/draw.ts";
export { formatJson } from "../../diagnostics/json.ts";
export { formatShort } from "../../diagnostics/short.ts";
export { compileFile } from "../../semantic/compile.ts";
export { reportUnreadable } from "../../program/unreadable.ts";
export { formatSource } from "../../syntax/formatter.ts";
export { importConf } from "./import_file.ts";
export { importKernel } from "./import_kernel.ts";
export { checkConf, writeConf } from "./knockd_file.ts";
