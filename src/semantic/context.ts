import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { AddressItem, Service } from "../syntax/ast.ts";
import type { DefineTable } from "./define_table.ts";
import type { Expansion } from "./expansion.ts";
import type { Program } from "../program/program.ts";

/** Takes what a check has to tell. */
export type Accept = (diagnostic: Diagnostic) => void;

/** What the checks look at: the program and the facts that follow from it, each worked out once. */
export interface Context {
  /** What was read. */
  readonly program: Program;
  /** How the lists hang together. */
  readonly defines: DefineTable;
  /** The addresses that `allow` lets in, service by service. */
  readonly expansions: ReadonlyMap<Service, Expansion>;
  /** Where the addresses of all services together became too many. */
  readonly overflow: AddressItem | null;
  /** Now, in seconds since 1970 UTC. */
  readonly now: number;
  /** Whether everyone may read a file, by the name in spans. */
  readonly isPublic: (file: string) => boolean;
}

/**
 * One check: looks at the whole program and tells what is wrong. It never throws and keeps silent
 * about what another check complains of.
 */
export type Check = (context: Context, accept: Accept) => void;
