import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { AddressItem, Define, Service } from "../syntax/ast.ts";
import type { AddressTable } from "./address_table.ts";
import type { DefineTable } from "./define_table.ts";
import type { Expansion } from "./expansion.ts";

/** Takes what a check has to tell. */
export type Accept = (diagnostic: Diagnostic) => void;

/** All files of one program, put together. */
export interface Program {
  /** In load order: an included file stands where its `include` does. */
  readonly services: readonly Service[];
  /** In load order, those with a name that is taken included. */
  readonly defines: readonly Define[];
  /** Whether every statement was read: no syntax error, no file that could not be read. */
  readonly complete: boolean;
  /** Whether a file could not be read: names that seem undefined may stand there. */
  readonly isMissingFiles: boolean;
  /** Names that statements with syntax errors may have been meant to define. */
  readonly halfDefined: ReadonlySet<string>;
  /** Services with syntax errors: what seems to be left out may be what could not be read. */
  readonly halfRead: ReadonlySet<Service>;
}

/** What the checks look at: the program and the facts that follow from it, each worked out once. */
export interface Context {
  /** What was read. */
  readonly program: Program;
  /** What each written address means. */
  readonly addresses: AddressTable;
  /** How the lists hang together. */
  readonly defines: DefineTable;
  /** The addresses that `allow` lets in, service by service. */
  readonly expansions: ReadonlyMap<Service, Expansion>;
  /** Where the addresses of all services together became too many. */
  readonly overflow: AddressItem | null;
  /** Now, in seconds since 1970 UTC. */
  readonly now: number;
}

/**
 * One check: looks at the whole program and tells what is wrong. It never throws and keeps silent
 * about what another check complains of.
 */
export type Check = (context: Context, accept: Accept) => void;
