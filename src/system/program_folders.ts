/**
 * The folders of programs, in search order. PATH is never used: it is set by the caller. The binary may start
 * nothing from elsewhere (dist/build/permissions.ts).
 */
export const PROGRAM_FOLDERS = [
  "/usr/sbin",
  "/sbin",
  "/usr/local/sbin",
  "/usr/bin",
  "/bin",
] as const;
