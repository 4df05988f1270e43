/** Exit status of every verb. */
export const EXIT = {
  /** Done, or there was nothing to do. */
  done: 0,
  /** Refused by the kernel or the system; `diff` and `fmt --check` found a difference. */
  refused: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The `.pk` file has errors. */
  file: 3,
  /** No such service. */
  noService: 4,
  /** `trace`: what becomes of the packet depends on what the rules do not tell. */
  unknown: 5,
} as const;
