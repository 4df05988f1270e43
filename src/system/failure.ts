import { explainMissing } from "./extensions.ts";

/** Why the system refused. */
export type FailureKind =
  /** The program is not on this machine. */
  | "absent"
  /** The kernel does not know this address family. */
  | "no-family"
  /** The caller may not change the firewall. */
  | "not-root"
  /** Someone else held a lock for too long. */
  | "locked"
  /** A child did not end in time and was killed. */
  | "timeout"
  /** A part of iptables or of the kernel is missing. */
  | "module"
  /** One family was changed, the other refused, and the first could not be restored. */
  | "half-done"
  /** Anything else that iptables or the kernel refused. */
  | "refused";

/** A refusal by the system, in words for people, with the original message. */
export interface Failure {
  /** The kind of refusal, for callers. */
  readonly kind: FailureKind;
  /** One sentence without a full stop. */
  readonly message: string;
  /** The original message of the program or the kernel; may be empty. */
  readonly raw: string;
}

/** Makes a failure. */
export function failure(kind: FailureKind, message: string, raw = ""): Failure {
  return { kind, message, raw: raw.trim() };
}

/** Patterns in the output of iptables, the most specific first; both backends' wording. */
const SIGNS: readonly [RegExp, FailureKind, string][] = [
  [
    /you must be root|Operation not permitted|can't open lock file.*Permission denied/,
    "not-root",
    "this needs root (CAP_NET_ADMIN and CAP_NET_RAW)",
  ],
  [
    /Address family not supported/,
    "no-family",
    "the kernel has this address family switched off",
  ],
  [
    /holding the xtables lock/,
    "locked",
    "another program holds iptables' lock (/run/xtables.lock)",
  ],
  [
    /do you need to insmod|Failed to initialize nft|Protocol not supported/,
    "module",
    "the kernel has no support for this backend of iptables: try --backend nft or --backend legacy",
  ],
  [
    /is incompatible, use 'nft' tool/,
    "refused",
    "the nft tool changed table filter in a way that iptables cannot read",
  ],
  // 1.8.11 prints this for a range of addresses; 1.8.9 prints such a rule without its match.
  [
    /Parsing nftables rule failed/,
    "refused",
    "the nft tool wrote a rule that iptables cannot read",
  ],
];

/** Describes the exit of a program that failed. */
export function describeExit(name: string, code: number): string {
  return `${name} exited with status ${code}`;
}

/**
 * Explains a refusal by iptables.
 *
 * @param stderr what it printed
 * @param status its exit, from `describeExit`
 */
export function explain(stderr: string, status: string): Failure {
  const lines = stderr.split("\n").filter((line) => !line.startsWith("# Warning:"));
  const text = lines.join("\n").trim();
  for (const [sign, kind, message] of SIGNS) {
    if (sign.test(text)) return failure(kind, message, text);
  }
  const missing = explainMissing(text);
  if (missing !== null) return failure("module", missing, text);
  return failure("refused", "iptables refused the change", text === "" ? status : text);
}
