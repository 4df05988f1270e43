import type { FilterTable } from "../firewall/table.ts";
import type { Edit } from "./edit.ts";
import {
  findUnconfirmed,
  isOver,
  makePermanent,
  takeBack,
  type Unconfirmed,
} from "./unconfirmed.ts";

/** The rules in force in one family, as a table in which nothing is unconfirmed. */
export interface Standing {
  /** What they meet: the new rules up to their end, then the old ones. */
  readonly table: FilterTable;
  /** The edits that make the kernel's table permanently like it. */
  readonly edits: readonly Edit[];
  /** The unconfirmed rules; `null` if there are none. */
  readonly found: Unconfirmed | null;
  /** Whether the kernel has taken them back. */
  readonly isOver: boolean;
}

/** Resolves the unconfirmed rules of a table. */
export function look(table: FilterTable, now: number): Standing {
  const found = table.mayBeUnconfirmed ? findUnconfirmed(table) : null;
  if (found === null) return { table, edits: [], found: null, isOver: false };
  const over = isOver(found, now);
  const settled = over ? takeBack(table, found) : makePermanent(table, found);
  return { ...settled, found, isOver: over };
}
