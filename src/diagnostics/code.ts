/** One kind of error, with what `pktables help PKnnn` prints about it. */
export interface Code {
  /** Stable: a code is never reused for another error. */
  readonly code: string;
  /** Whether it ends the run. */
  readonly severity: "error" | "warning";
  /** A few words without a full stop. */
  readonly title: string;
  /** Why it is an error, in whole sentences. */
  readonly text: string;
  /** Lines of a `.pk` file that show the error. */
  readonly wrong: string;
  /** The same lines as they should be. */
  readonly right: string;
}
