import type { Define, Expect, Service } from "../syntax/ast.ts";

/** All files of one program, joined. */
export interface Program {
  /** In load order: an included file takes the place of its `include`. */
  readonly services: readonly Service[];
  /** In load order, including duplicate names. */
  readonly defines: readonly Define[];
  /** In load order. */
  readonly expects: readonly Expect[];
  /** Whether every statement was read: no syntax error, no file that could not be read. */
  readonly complete: boolean;
  /** Whether a file could not be read: names that seem undefined may be in it. */
  readonly isMissingFiles: boolean;
  /** Names that statements with syntax errors may define. */
  readonly halfDefined: ReadonlySet<string>;
  /** Services with syntax errors: what seems to be missing may be what could not be read. */
  readonly halfRead: ReadonlySet<Service>;
}
