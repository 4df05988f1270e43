import { MAX_SOURCE_BYTES } from "../../source/source.ts";
import type { Block, Term } from "./page.ts";

/** Files that the program uses, other than those on its command line. */
export const FILES: readonly Term[] = [
  ["/run/pktables.lock", "locked by flock(2) from reading the kernel to writing it; mode 0600"],
  ["/etc/pktables/rules.pk", "where the examples have their rules file"],
  [
    ".FILE.UUID",
    "beside a FILE that fmt writes: its new text, until FILE has it; it stays only if fmt is killed",
  ],
  ["DIR/rules.v4, DIR/rules.v6", "written by `compile --output DIR`, replaced by rename"],
];

/** Variables of the environment; all others are invisible to the program. */
export const ENVIRONMENT: readonly Term[] = [
  ["NO_COLOR", "if it is set and not empty, nothing is coloured"],
  ["XDG_RUNTIME_DIR", "holds the lock where /run cannot be written, if it is private"],
  ["TERM, COLUMNS", "for the runtime, which may ask for the terminal and its width"],
];

/** The folders that are searched for programs, in this order. */
export const PROGRAM_FOLDERS =
  "/usr/sbin, /sbin, /usr/local/sbin, /usr/bin and /bin; PATH is never used";

/** Programs that are started. */
export const PROGRAMS: readonly Term[] = [
  [
    "iptables, ip6tables",
    "and their -save and -restore, also as -nft and -legacy: to read and write the rules",
  ],
  ["nft", "to read, where a chain may hold rules of nft, and what other tables do with a packet"],
  [
    "ip",
    "to read the interface of the default route and, without ip6tables, whether there is IPv6",
  ],
  ["logger", "for --syslog"],
  ["ss", "to see who is connected, so that nobody is shut out by mistake; without it a note"],
  [
    "cat, tee",
    "to read and to shorten the kernel's lists of who has knocked `by kernel`, in /proc/net/xt_recent",
  ],
];

const REQUIREMENTS: readonly Term[] = [
  [
    "System",
    "Linux on x86_64 or aarch64 with glibc 2.27 or newer and libgcc_s: Debian 10, Ubuntu 20.04, " +
    "RHEL 8. Not musl (Alpine, OpenWrt): the runtime in the binary is linked against glibc.",
  ],
  ["iptables", "1.8 or newer, nf_tables or legacy, with ip6tables for IPv6"],
  [
    "Kernel",
    "xt_time for timed doors, xt_LOG, xt_limit and xt_multiport for logs, limits and lists of " +
    "ports. Kernels of Debian have all of them, RHEL 10 has them in kernel-modules-extra. An error names what is " +
    "missing and the package that has it.",
  ],
  ["Rights", "root, or CAP_NET_ADMIN and CAP_NET_RAW; check, compile and fmt need none"],
  [
    "Limits",
    "/proc, 24 open files (ulimit -n) and unlimited address space. With fewer, in a deleted " +
    "working directory, or given an argument that is not UTF-8, the runtime ends with its own " +
    "message and a status other than 0 before anything is changed.",
  ],
  ["Disk", "about 85 MB: the binary carries its runtime"],
];

/** The rest of `pktables help files`, behind the lists of files and variables. */
export const REQUIREMENTS_PAGE: readonly Block[] = [
  {
    text: `Rules files are UTF-8 of at most ${MAX_SOURCE_BYTES / 2 ** 20} MiB. Files that hold ` +
      "knocks are secrets: `knockd --output`, `import --output` and `sequences --output` write them " +
      "with mode 0600, and check warns about one that is readable by everyone.",
  },
  {
    text: "fmt writes in place, so owner, mode, ACL, extended attributes and hard links stay. " +
      "Symbolic links of root and of the caller are followed and stay; those of other users are not " +
      "followed.",
  },
  { heading: "Programs" },
  { text: `They are looked for in ${PROGRAM_FOLDERS}.` },
  { terms: PROGRAMS },
  { heading: "Requirements" },
  { terms: REQUIREMENTS },
];

/** What `pktables help files` says. */
export const FILES_PAGE: readonly Block[] = [
  { heading: "Files" },
  { terms: FILES },
  { heading: "Environment" },
  { terms: ENVIRONMENT },
  ...REQUIREMENTS_PAGE,
];
