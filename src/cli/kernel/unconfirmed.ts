// What verbs do while rules are unconfirmed, and after the kernel has taken them back. Loaded only then.
import { chainOf } from "../../firewall/service.ts";
import { unconfirmedChainOf } from "../../firewall/unconfirmed.ts";
import { formatDuration } from "../../firewall/duration.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { formatDate } from "../../firewall/time.ts";
import type { Edit } from "../../plan/edit.ts";
import { look, type Standing } from "../../plan/standing.ts";
import {
  findUnconfirmed,
  isOver,
  makePermanent,
  takeBack,
  type Unconfirmed,
} from "../../plan/unconfirmed.ts";
import type { Context, GlobalOptions } from "../command.ts";
import { EXIT } from "../exit.ts";
import { verify } from "./tables.ts";
import type { FamilyEdits, Planned } from "./transaction.ts";
import { secondsToConfirm } from "../report/view.ts";

/** The earliest last second of the new rules of these tables; `null` if none are unconfirmed. */
export function endOf(standing: readonly Standing[]): number | null {
  const ends = standing.flatMap(({ found, isOver }) =>
    found === null || isOver ? [] : [found.until]
  );
  return ends.length === 0 ? null : Math.min(...ends);
}

/** The command for an answer, with the options for the same tables: `pktables confirm`. */
export function callOf(verb: "confirm" | "revert", { backend }: GlobalOptions): string {
  return `\`pktables ${verb}${backend === "system" ? "" : ` --backend ${backend}`}\``;
}

/** How long the new rules stay in force by themselves: `41s`. */
export function timeLeft(until: number, now: number): string {
  return formatDuration(secondsToConfirm(until, now));
}

/** A moment in UTC, as messages print it. */
export function momentOf(until: number): string {
  return `${formatDate(until)}Z`;
}

/** Warns that rules were taken back; this command tidies up. */
export function warnOfEnd(context: Context, standing: readonly Standing[]): void {
  const over = standing.find(({ isOver }) => isOver);
  if (over?.found == null) return;
  const end = momentOf(over.found.until);
  context.report.warn(
    `rules that were not confirmed by ${end} were taken back: the previous rules are in force`,
  );
}

/**
 * Plans for verbs that need settled rules: while rules are unconfirmed they refuse; what the kernel took
 * back is tidied up in the same transaction.
 */
export async function planSettled<T>(
  context: Context,
  { global, tables, plan }: {
    global: GlobalOptions;
    tables: readonly FilterTable[];
    plan: (
      tables: readonly FilterTable[],
      tidy: readonly FamilyEdits[],
    ) => Planned<T> | Promise<Planned<T>>;
  },
): Promise<Planned<T>> {
  const now = context.system.now();
  const standing = tables.map((table) => look(table, now));
  const until = endOf(standing);
  if (until !== null) {
    context.report.error(
      `rules are unconfirmed, ${timeLeft(until, now)} left: ` +
        `${callOf("confirm", global)} keeps them, ${callOf("revert", global)} takes them back`,
    );
    return EXIT.refused;
  }
  for (const [at, table] of tables.entries()) {
    if (!standing[at]!.isOver || table.isVerified) continue;
    // A tidied table is no longer that of the kernel, so it could not be compared with nft any more.
    const chains = [...table.ownNames.map(chainOf), ...table.unconfirmedChains];
    const problem = await verify(context.system.iptables(global), { table, chains });
    if (problem === null) table.isVerified = true;
  }
  warnOfEnd(context, standing);
  const tidy = tables.map(({ family }, at) => ({ family, edits: standing[at]!.edits }));
  const planned = await plan(tables.map((table) => look(table, now).table), tidy);
  if (typeof planned === "number") return planned;
  return { ...planned, plans: withTidy(planned.plans, tidy) };
}

/** Plans after the tidying edits, in one transaction for each family. */
export function withTidy(
  plans: readonly FamilyEdits[],
  tidy: readonly FamilyEdits[],
): FamilyEdits[] {
  const families = new Set([...tidy, ...plans].map(({ family }) => family));
  return [...families].map((family) => ({
    family,
    edits: [...tidy, ...plans].filter((one) => one.family === family)
      .flatMap(({ edits }) => edits),
  }));
}

/** A verb's plan for the doors of one service in one table. */
export type TablePlan<T> = number | { readonly edits: readonly Edit[]; readonly about: T };

/** Plans for the doors of a service in a table in which nothing is unconfirmed. */
export type PlanDoor<T> = (
  table: FilterTable,
  given: { name: string; now: number },
) => TablePlan<T> | Promise<TablePlan<T>>;

/** The plan for the doors of several services, or those services that neither rules have. */
export type BothPlan<T> =
  | number
  | { readonly missing: string }
  | {
    readonly edits: Edit[];
    readonly about: { name: string; about: T }[];
    /** The last second of the unconfirmed rules; `null` after it. */
    readonly until: number | null;
  };

/**
 * Plans a change to the doors of services in their new and their old rules, so that it holds whether they
 * are confirmed or not. After their end only the old ones exist.
 *
 * @param table as the kernel has it
 */
export async function planBoth<T>(
  context: Context,
  { table, names, now, plan }: {
    table: FilterTable;
    names: readonly string[];
    now: number;
    plan: PlanDoor<T>;
  },
): Promise<BothPlan<T>> {
  const found = findUnconfirmed(table);
  const standing = found === null || isOver(found, now) ? look(table, now) : null;
  const edits: Edit[] = [...standing?.edits ?? []];
  const about: { name: string; about: T }[] = [];
  if (standing !== null) {
    const missing = names.find((name) => !standing.table.hasChain(chainOf(name)));
    if (missing !== undefined) return { missing };
    warnOfEnd(context, [standing]);
  }
  for (const name of names) {
    const planned = found === null || standing !== null
      ? await plan(standing!.table, { name, now })
      : await planOne(context, { table, found, name, now, plan });
    if (planned === null) return { missing: name };
    if (typeof planned === "number") return planned;
    edits.push(...planned.edits);
    about.push({ name, about: planned.about });
  }
  return { edits, about, until: standing === null ? found?.until ?? null : null };
}

/** The same for one service while rules are unconfirmed; `null` if neither rules have it. */
async function planOne<T>(
  context: Context,
  { table, found, name, now, plan }: {
    table: FilterTable;
    found: Unconfirmed;
    name: string;
    now: number;
    plan: PlanDoor<T>;
  },
): Promise<TablePlan<T> | null> {
  const chain = chainOf(name);
  const given = { name, now };
  // An unchanged service has one chain, which may hold jumps to others that do change.
  if (!found.names.includes(name)) return table.hasChain(chain) ? await plan(table, given) : null;
  const old = takeBack(table, found).table;
  const fresh = makePermanent(table, found).table;
  const inNew = fresh.hasChain(chain) ? await plan(fresh, given) : null;
  const inOld = old.hasChain(chain) ? await plan(old, given) : null;
  if (typeof inNew === "number") return inNew;
  if (typeof inOld === "number") return inOld;
  const left = timeLeft(found.until, now);
  context.report.note(`note: ${whereDone({ inNew, inOld })}, ${left} left`);
  const edits = [
    ...(inNew?.edits ?? []).map(toNewChain(name)),
    ...(inOld?.edits ?? []).map(aheadOfMarker),
  ];
  // Report the one that changes something.
  const chosen = inNew !== null && (inNew.edits.length > 0 || inOld === null) ? inNew : inOld;
  return chosen === null ? null : { edits, about: chosen.about };
}

function whereDone({ inNew, inOld }: { inNew: unknown; inOld: unknown }): string {
  if (inOld === null) return "only the unconfirmed rules have this service";
  return inNew === null
    ? "the unconfirmed rules no longer have this service"
    : "rules are unconfirmed: this applies to them and to the previous rules";
}

/** The same edit in the chain of the new rules, which has the same rules in the same places. */
export function toNewChain(name: string): (edit: Edit) => Edit {
  return (edit) => ({ ...edit, chain: unconfirmedChainOf(name) });
}

/** The chain has one more rule at its end than the table that was planned for. */
export function aheadOfMarker(edit: Edit): Edit {
  return "last" in edit ? { ...edit, last: false } : edit;
}
