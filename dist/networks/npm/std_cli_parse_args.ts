// The part of `@std/cli/parse-args` that this project uses, on top of `minimist`, the package it descends
// from, for networks that do not reach JSR. Only what both do alike is declared here.
// @ts-types="./minimist.d.ts"
import minimist from "minimist";

/** The part of `ParseOptions` that both implementations read alike. */
export interface ParseOptions {
  /** Options that take no value. */
  boolean?: readonly string[];
  /** Options whose value is kept as text. */
  string?: readonly string[];
  /** Other names of an option. */
  alias?: Record<string, string>;
  /** Called with each word that names no option; `false` leaves it out of the result. */
  unknown?: (arg: string) => boolean;
}

/**
 * The parsed command line: the positional words. There is an entry per option as well, but
 * what `@std/cli` infers of them depends on how the options are written down; so no type is declared
 * here, and readers treat them as `unknown` (`Record<string, unknown>`).
 */
export type Args = { _: (string | number)[] };

/** Parses command-line words. */
export function parseArgs(args: readonly string[], options: ParseOptions = {}): Args {
  return minimist([...args], {
    boolean: [...(options.boolean ?? [])],
    string: [...(options.string ?? [])],
    alias: options.alias ?? {},
    ...(options.unknown ? { unknown: options.unknown } : {}),
  });
}
