// What a list of mutants is made of, and all of them.
import { EMITTER, PLAN, READER } from "./core.ts";
import { ARGS, BINARY, CHECKS, FILES, KERNEL, PROCESSES, SYSTEM, TRANSACTION } from "./edge.ts";
import { KNOCKD } from "./knockd.ts";
import { EXPECT } from "./expect.ts";
import { GUARD } from "./guard.ts";

/** One way to break the program: a text that is once in a file, its replacement, and what that breaks. */
export type Mutant = readonly [file: string, text: string, into: string, breaks: string];

/** Mutants of one part of the program, and the tests that have to catch them. */
export interface Area {
  readonly name: string;
  /** Files or folders, run in this order until one fails. */
  readonly tests: readonly string[];
  readonly mutants: readonly Mutant[];
  /** Which of the tests, as `deno test --filter` takes it. Kernel tests run the program from source. */
  readonly filter?: string;
  /** The tests run the binary, which is built first. */
  readonly build?: boolean;
}

/** All areas. */
export const AREAS: readonly Area[] = [
  PLAN,
  EMITTER,
  READER,
  CHECKS,
  EXPECT,
  GUARD,
  ARGS,
  TRANSACTION,
  SYSTEM,
  PROCESSES,
  KERNEL,
  FILES,
  BINARY,
  KNOCKD,
];
