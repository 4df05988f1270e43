import type { Define, Expect, Service } from "../syntax/ast.ts";

/** All files of one program, put together. */
export interface Program {
  /** In load order: an included file stands where its `include` does. */
  readonly services: readonly Service[];
  /** In load order, those with a name that is taken included. */
  readonly defines: readonly Define[];
  /** In load order. */
  readonly expects: readonly Expect[];
  /** Whether every statement was read: no syntax error, no file that could not be read. */
  readonly complete: boolean;
  /** Whether a file could not be read: names that seem undefined may stand there. */
  readonly isMissingFiles: boolean;
  /** Names that statements with syntax errors may have been meant to define. */
  readonly halfDefined: ReadonlySet<string>;
  /** Services with syntax errors: what seems to be left out may be what could not be read. */
  readonly halfRead: ReadonlySet<Service>;
}
