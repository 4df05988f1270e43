// What the program may do at all, fixed in the binary by `deno compile`. The only place for it:
// build.ts compiles with this list, tests/build/ compares the built binary with it.
import { PROGRAM_FOLDERS } from "../../src/system/program_folders.ts";

/** The variables the program may read; all others are invisible to it. */
export const ENVIRONMENT = ["NO_COLOR", "XDG_RUNTIME_DIR", "TERM", "COLUMNS"] as const;

const FAMILIES = ["iptables", "ip6tables"];
const BACKENDS = ["", "-nft", "-legacy"];
const TOOLS = ["", "-save", "-restore"];

/**
 * The programs that may be started. Absolute paths only: a bare name would be looked for in PATH,
 * and the caller who sets PATH would decide what runs as root. A hundred entries do not slow the start.
 */
export const PROGRAMS: readonly string[] = [
  ...PROGRAM_FOLDERS.flatMap((folder) =>
    FAMILIES.flatMap((family) =>
      BACKENDS.flatMap((backend) => TOOLS.map((tool) => `${folder}/${family}${backend}${tool}`))
    )
  ),
  // Distinguishes rules of nft from those of iptables where iptables-save cannot.
  ...PROGRAM_FOLDERS.map((folder) => `${folder}/nft`),
  "/usr/bin/logger",
  "/bin/logger",
  ...PROGRAM_FOLDERS.map((folder) => `${folder}/ip`),
  // Deno opens /proc and /sys only to programs with all rights. cat reads who is on the lists of kernel
  // knocks (/proc/net/xt_recent), the clock of their times and how many addresses they hold; tee
  // writes the one line that removes an address from a list, which is how `delete` closes such a door.
  ...["/usr/bin", "/bin"].flatMap((folder) => [`${folder}/cat`, `${folder}/tee`]),
  // Shows who is connected, for the guard against locking oneself out.
  ...PROGRAM_FOLDERS.map((folder) => `${folder}/ss`),
];

/**
 * Arguments of `deno compile`. Reading is wide because a user may name any `.pk` file. Writing is
 * wide for `fmt` and `compile --output`; the lock is listed as well so that every other verb can
 * give up `/` as its first act and still lock.
 */
export const PERMISSIONS: readonly string[] = [
  `--allow-env=${ENVIRONMENT.join(",")}`,
  "--allow-read=/",
  "--allow-write=/,/run/pktables.lock",
  `--allow-run=${PROGRAMS.join(",")}`,
  "--deny-net",
  "--deny-ffi",
  "--deny-sys",
  "--deny-import",
];

/**
 * Further arguments of `deno compile` that narrow the binary: the code cache would be a predictable
 * name in /tmp that any local user can plant code in, a prompt could be answered by anyone at
 * the terminal, and a bundle needs no package from anywhere.
 */
export const HARDENING: readonly string[] = [
  "--no-code-cache",
  "--no-prompt",
  "--no-npm",
  "--no-remote",
  "--no-config",
  "--no-lock",
];
