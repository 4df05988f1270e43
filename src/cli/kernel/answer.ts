// What `confirm` and `revert` do, for the verbs and for the question on a terminal.
import type { FilterTable } from "../../firewall/table.ts";
import { unconfirmedChainOf } from "../../firewall/unconfirmed.ts";
import { emitEdit } from "../../plan/edit.ts";
import { look } from "../../plan/standing.ts";
import { findUnconfirmed, isOver, makePermanent, takeBack } from "../../plan/unconfirmed.ts";
import { FAMILY_NAMES, joinWords } from "../../text/words.ts";
import type { Context, GlobalOptions } from "../command.ts";
import { EXIT } from "../exit.ts";
import { readTables } from "./tables.ts";
import { change, type FamilyEdits } from "./transaction.ts";
import { endOf, momentOf, warnOfEnd } from "./unconfirmed.ts";

/** How it was called. */
export interface Answer {
  /** The options that every verb takes. */
  readonly global: GlobalOptions;
  /** Whether to only show what would be written. */
  readonly dryRun: boolean;
  /**
   * Called before writing, with the last second of the unconfirmed rules: an exit status ends it, `null`
   * continues. Default: nothing is called.
   */
  readonly guard?: (
    plans: readonly FamilyEdits[],
    until: number | null,
  ) => Promise<number | null>;
}

/** The result of an answer. */
interface Outcome {
  readonly plans: readonly FamilyEdits[];
  /** The message. */
  readonly line: string;
  /** The exit status. */
  readonly status: number;
}

/**
 * Makes unconfirmed rules permanent.
 *
 * @returns 0 if they are, or if there are none; 1 if the kernel took them back
 */
export function keepRules(context: Context, answer: Answer): Promise<number> {
  return answerWith(context, { ...answer, decide: keep });
}

/**
 * Restores the rules before `load --confirm`.
 *
 * @returns 0 if they are, or if nothing is unconfirmed
 */
export function takeRulesBack(context: Context, answer: Answer): Promise<number> {
  return answerWith(context, { ...answer, decide: undo });
}

/** Decides by the current tables of the kernel. */
type Decide = (context: Context, tables: readonly FilterTable[]) => Outcome;

function keep(context: Context, tables: readonly FilterTable[]): Outcome {
  const now = context.system.now();
  const standing = tables.map((table) => look(table, now));
  const plans = tables.map((table, at): FamilyEdits => {
    const { found, isOver, edits } = standing[at]!;
    const kept = found === null || isOver
      ? edits
      : makePermanent(table, found, { late: true }).edits;
    return { family: table.family, edits: kept };
  });
  const over = standing.find(({ isOver }) => isOver)?.found ?? null;
  const kept = standing.filter(({ found, isOver }) => found !== null && !isOver);
  if (kept.length === 0) {
    return over === null
      ? { plans, line: "nothing is unconfirmed: nothing to do", status: EXIT.done }
      : {
        plans,
        line: `too late: the kernel took the rules back after ${momentOf(over.until)}`,
        status: EXIT.refused,
      };
  }
  for (const { found } of kept) {
    const [flushed] = found?.flushed ?? [];
    const [cutOff] = found?.cutOff ?? [];
    const name = flushed ?? cutOff;
    if (name === undefined) continue;
    const chain = `chain ${unconfirmedChainOf(name)}`;
    const what = flushed === undefined
      ? `the rules that lead to ${chain} were taken away by another program`
      : `${chain} was emptied by another program`;
    const line = `${what}: \`pktables revert\` takes the rules back`;
    return { plans: [], line, status: EXIT.refused };
  }
  warnOfEnd(context, standing);
  return { plans, line: `confirmed ${nameFamilies(kept)}`, status: EXIT.done };
}

function undo(context: Context, tables: readonly FilterTable[]): Outcome {
  const now = context.system.now();
  const found = tables.map((table) => ({ table, found: findUnconfirmed(table) }));
  const plans = found.map(({ table, found }) => ({
    family: table.family,
    edits: found === null ? [] : takeBack(table, found).edits,
  }));
  const standing = found.filter(({ found }) => found !== null);
  const isLate = standing.every(({ found }) => isOver(found!, now));
  const line = standing.length === 0
    ? "nothing is unconfirmed: nothing to do"
    : isLate
    ? "the kernel has taken the rules back already; what was left of them is removed"
    : `taken back ${nameFamilies(standing)}`;
  return { plans, line, status: EXIT.done };
}

function nameFamilies(
  tables: readonly { readonly table: Pick<FilterTable, "family"> }[],
): string {
  return `(${joinWords(tables.map(({ table }) => FAMILY_NAMES[table.family]))})`;
}

async function answerWith(
  context: Context,
  answer: Answer & { decide: Decide },
): Promise<number> {
  const { global, guard, decide } = answer;
  if (answer.dryRun) return await show(context, answer);
  const changed = await change(context, {
    global,
    copes: true,
    plan: async (tables) => {
      const outcome = decide(context, tables);
      const until = untilOf(context, tables);
      const refused = outcome.status === EXIT.done
        ? await guard?.(outcome.plans, until) ?? null
        : null;
      return refused ?? { plans: outcome.plans, about: outcome };
    },
  });
  if (!changed.ok) return changed.problem;
  const { status, line } = changed.value;
  if (status === EXIT.done) context.report.done(line);
  else context.report.error(line);
  return status;
}

/** The last second of unconfirmed rules; `null` if there are none. */
function untilOf({ system }: Context, tables: readonly FilterTable[]): number | null {
  const now = system.now();
  return endOf(tables.map((table) => look(table, now)));
}

/** Prints what would be written, family by family, as lines of iptables-restore. */
async function show(
  context: Context,
  { global, guard, decide }: Answer & { decide: Decide },
): Promise<number> {
  const { report, system } = context;
  await system.dropFileAccess();
  const tables = await readTables(context, global);
  if (!tables.ok) return report.failed(tables.problem);
  const { plans, line, status } = decide(context, tables.value);
  if (status === EXIT.done) await guard?.(plans, untilOf(context, tables.value));
  for (const { family, edits } of plans) {
    if (edits.length === 0) continue;
    report.result([`# ${FAMILY_NAMES[family]}`, ...edits.map(emitEdit)].join("\n"));
  }
  if (status === EXIT.done) report.note(`would say: ${line}`);
  else report.error(line);
  return status;
}
