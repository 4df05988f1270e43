import type { Paths } from "../../src/system/system.ts";

/** A machine on which pktables is the only program, and `/home` the current folder. */
export const FIXED_PATHS: Paths = {
  program: "/usr/local/bin/pktables",
  absolute: (path) => path.startsWith("/") ? path : `/home/${path}`,
  isProgram: (path) => path === "/usr/local/bin/pktables",
};
