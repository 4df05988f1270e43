// Holds @std and its replacement (dist/networks/npm/) to one set of types, as std_test.ts holds
// them to one behaviour: whatever compiles with a stand-in compiles with the real module as well.
// `deno check` reads this file on both networks; only where JSR answers does it compare two things.
import type * as assertions from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import type * as commandLine from "@std/cli/parse-args";
import type * as widths from "@std/cli/unicode-width";
import type * as paths from "@std/path";
import type * as standInAssertions from "../../dist/networks/npm/std_assert.ts";
import type * as standInCommandLine from "../../dist/networks/npm/std_cli_parse_args.ts";
import type * as standInWidths from "../../dist/networks/npm/std_cli_unicode_width.ts";
import type * as standInPaths from "../../dist/networks/npm/std_path.ts";

/**
 * Whether a call of the stand-in is a call of the real function: each list of arguments that the one
 * takes the other takes (assignability alone lets `(...words)` pass for `(word, ...words)`).
 */
type Calls<Real, StandIn> = StandIn extends (...args: infer Given) => unknown
  ? Real extends (...args: infer Taken) => unknown ? Given extends Taken ? true : false : false
  : true;

/** Functions of several signatures: the compiler gives the last alone, so assignability has to do. */
type Overloaded = "assertThrows";

/** The names of a stand-in that its real module lacks, or has with a narrower type. */
type Laxer<Real, StandIn> = {
  [Name in keyof StandIn]: Name extends keyof Real
    ? Real[Name] extends StandIn[Name] ? Name extends Overloaded ? never
      : Calls<Real[Name], StandIn[Name]> extends true ? never
      : Name
    : Name
    : Name;
}[keyof StandIn];

/** `true` if there is none; else an error of the compiler names those that there are. */
type None<Names> = [Names] extends [never] ? true : Names;

/** Each has to be `true`; the compiler's message holds the name that is not. */
export const fits: readonly true[] = [
  true satisfies None<Laxer<typeof assertions, typeof standInAssertions>>,
  true satisfies None<Laxer<typeof commandLine, typeof standInCommandLine>>,
  true satisfies None<Laxer<typeof widths, typeof standInWidths>>,
  true satisfies None<Laxer<typeof paths, typeof standInPaths>>,
];

/**
 * What parseArgs gives for options whose names the compiler does not know can be read as `unknown`
 * only: @std/cli infers `never` for each of them, and a stand-in that promised more once let code
 * pass that does not compile on the open internet.
 */
export function read(words: readonly string[], names: readonly string[]): unknown[] {
  const parsed: Readonly<Record<string, unknown>> = parseArgs(words, {
    boolean: names,
    string: names,
    unknown: (word: string) => word !== "",
  });
  return names.map((name) => parsed[name]);
}

/** The stand-in promises no option at all, so reading one without saying so is an error there. */
export type PromisedOptions = Exclude<keyof standInCommandLine.Args, "_">;
true satisfies None<PromisedOptions>;
