// Loaded by `sweep` if rules are unconfirmed, or were taken back.
import type { FilterTable } from "../../firewall/table.ts";
import type { Edit } from "../../plan/edit.ts";
import { look } from "../../plan/standing.ts";
import { findUnconfirmed, isOver, makePermanent, takeBack } from "../../plan/unconfirmed.ts";
import { serviceOf } from "../../firewall/service.ts";
import type { Context } from "../command.ts";
import type { Gone } from "../commands/sweep.ts";
import { aheadOfMarker, toNewChain, warnOfEnd } from "./unconfirmed.ts";

/** The sweep of one table. */
export interface Swept {
  /** The transaction. */
  readonly edits: readonly Edit[];
  /** The removed doors. */
  readonly gone: readonly Gone[];
}

/**
 * Sweeps new rules and old ones. What the kernel took back is tidied up in the same transaction.
 *
 * @param options `sweep` sweeps a table in which nothing is unconfirmed
 */
export function sweepBoth(
  context: Context,
  { table, now, sweep }: {
    table: FilterTable;
    now: number;
    sweep: (table: FilterTable) => Swept;
  },
): Swept {
  const found = findUnconfirmed(table);
  if (found === null || isOver(found, now)) {
    const standing = look(table, now);
    warnOfEnd(context, [standing]);
    const { edits, gone } = sweep(standing.table);
    return { edits: [...standing.edits, ...edits], gone };
  }
  const isChanged = (name: string | null) => name !== null && found.names.includes(name);
  const same = sweep(table);
  const fresh = sweep(makePermanent(table, found).table);
  const old = sweep(takeBack(table, found).table);
  const ofChanged = ({ edits }: Swept) => edits.filter(({ chain }) => isChanged(serviceOf(chain)));
  const edits = [
    ...same.edits.filter(({ chain }) => !isChanged(serviceOf(chain))),
    ...ofChanged(fresh).map((edit) => toNewChain(serviceOf(edit.chain)!)(edit)),
    ...ofChanged(old).map(aheadOfMarker),
  ];
  const gone = [
    ...same.gone.filter(({ name }) => !isChanged(name)),
    ...[...fresh.gone, ...old.gone].filter(({ name }) => isChanged(name)),
  ];
  const unique = new Map(gone.map((one) => [`${one.name} ${one.address.key}`, one] as const));
  return { edits, gone: [...unique.values()] };
}
