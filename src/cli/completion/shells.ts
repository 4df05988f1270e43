/** Shells that are served. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** A shell that is served. */
export type Shell = (typeof SHELLS)[number];
