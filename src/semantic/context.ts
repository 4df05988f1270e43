import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { AddressItem, Service } from "../syntax/ast.ts";
import type { DefineTable } from "./define_table.ts";
import type { Expansion } from "./expansion.ts";
import type { Program } from "../program/program.ts";

/** Receives the diagnostics of a check. */
export type Accept = (diagnostic: Diagnostic) => void;

/** The input of the checks: the program and facts derived from it, each computed once. */
export interface Context {
  /** What was read. */
  readonly program: Program;
  /** The lists and their relations. */
  readonly defines: DefineTable;
  /** The addresses that `allow` lets in, service by service. */
  readonly expansions: ReadonlyMap<Service, Expansion>;
  /** The item at which the addresses of all services together became too many. */
  readonly overflow: AddressItem | null;
  /** Now, in seconds since 1970 UTC. */
  readonly now: number;
  /** Whether everyone may read a file, by the name in spans. */
  readonly isPublic: (file: string) => boolean;
}

/**
 * One check: reads the whole program and reports problems. It never throws, and does not report what
 * another check reports.
 */
export type Check = (context: Context, accept: Accept) => void;
