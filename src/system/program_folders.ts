/**
 * Where programs may lie, in the order in which they are looked for. PATH is never asked: it belongs to
 * whoever called us. The binary may start nothing elsewhere (dist/build/permissions.ts).
 */
export const PROGRAM_FOLDERS = [
  "/usr/sbin",
  "/sbin",
  "/usr/local/sbin",
  "/usr/bin",
  "/bin",
] as const;
