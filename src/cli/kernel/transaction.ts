import { loadDryRun, loadPending } from "../lazy.ts";
import type { Family } from "../../firewall/address.ts";
import { isWritable } from "../../firewall/quote.ts";
import { err, ok, type Result } from "../../result.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { type Edit, emitPayload, invertEdits } from "../../plan/edit.ts";
import { type Failure, failure } from "../../system/failure.ts";
import type { Iptables } from "../../system/system.ts";
import { FAMILY_NAMES } from "../../text/words.ts";
import type { Context, GlobalOptions } from "../command.ts";
import { withSlowNotice } from "./slow_notice.ts";
import { inFamily, readTables, verify } from "./tables.ts";

/** The edits of one family. */
export interface FamilyEdits {
  /** The family of the table. */
  readonly family: Family;
  /** The transaction, in order; empty if nothing changes. */
  readonly edits: readonly Edit[];
}

/** How often planning is retried because another program changed the kernel meanwhile. */
const MAX_ATTEMPTS = 3;

/**
 * Writes planned edits: one transaction for each family. If two families change, both are tested before
 * the first is written, and if the second is refused anyway, the first is restored.
 *
 * @param iptables where to write
 * @param plans the edits of each family; families without an edit cost nothing
 * @param options `test: false` leaves out the tests: at boot every process counts, and a refusal is
 * rolled back just the same
 */
export async function write(
  iptables: Iptables,
  plans: readonly FamilyEdits[],
  { test = true }: { readonly test?: boolean } = {},
): Promise<Result<null, Failure>> {
  const changing = plans.filter(({ edits }) => edits.length > 0);
  for (const { edits } of changing) {
    const problem = findUnwritable(changing.length > 1 ? [...edits, ...invertEdits(edits)] : edits);
    if (problem !== null) return err(problem);
  }
  const payloads = changing.map((plan) => ({ ...plan, payload: emitPayload(plan.edits) }));
  if (test && payloads.length > 1) {
    for (const { family, payload } of payloads) {
      const tested = await iptables.restore(family, payload, { test: true });
      if (!tested.ok) return err(inFamily(tested.problem, family));
    }
  }
  const done: FamilyEdits[] = [];
  for (const { family, edits, payload } of payloads) {
    const written = await iptables.restore(family, payload);
    if (!written.ok) {
      return err(await putBack(iptables, { done, problem: written.problem, family }));
    }
    done.push({ family, edits });
  }
  return ok(null);
}

/** A newline in someone's comment cannot be written in a line of iptables-restore. */
function findUnwritable(edits: readonly Edit[]): Failure | null {
  for (const edit of edits) {
    if (!("text" in edit) || isWritable(edit.text)) continue;
    const message = `a rule of chain ${edit.chain} has a newline in it: delete it by hand first`;
    return failure("refused", message, JSON.stringify(edit.text));
  }
  return null;
}

/**
 * A rule of nft can be neither deleted nor written by the text that iptables shows: `-D` would delete
 * another rule, `-A` write one that matches more.
 */
function findNativeEdit(tables: readonly FilterTable[], plans: readonly FamilyEdits[]) {
  for (const { family, edits } of plans) {
    const table = tables.find((one) => one.family === family);
    const natives = new Map<string, { at: number; text: string }[]>();
    for (const edit of edits) {
      if (edit.op !== "delete" && edit.op !== "flush-chain") continue;
      // Once for each chain: each of 200,000 doors may be deleted.
      let found = natives.get(edit.chain);
      if (found === undefined) {
        found = (table?.rules(edit.chain) ?? []).flatMap(({ isNative, text }, at) =>
          isNative === true ? [{ at, text }] : []
        );
        natives.set(edit.chain, found);
      }
      const native = found.find(({ text }) => edit.op === "flush-chain" || edit.text === text);
      if (native === undefined) continue;
      const rule = `rule ${native.at + 1} of ${edit.chain} (${native.text})`;
      const message =
        `${rule} was written by nft and matches more than iptables shows: change or ` +
        "delete it by nft first";
      return inFamily(failure("refused", message), family);
    }
  }
  return null;
}

async function putBack(
  iptables: Iptables,
  { done, problem, family }: { done: readonly FamilyEdits[]; problem: Failure; family: Family },
): Promise<Failure> {
  for (const first of done) {
    const undone = await iptables.restore(first.family, emitPayload(invertEdits(first.edits)));
    if (undone.ok) continue;
    const name = FAMILY_NAMES[first.family];
    return failure(
      "half-done",
      `${FAMILY_NAMES[family]}: ${problem.message}; ${name} was already changed and could not be ` +
        "restored: run the command again",
      `${problem.raw}\n${undone.problem.raw}`,
    );
  }
  return done.length === 0 ? problem : inFamily(problem, family);
}

/**
 * Runs work that changes the kernel under the lock; from here on no file can be read or written.
 *
 * @returns the result of the work, or status 1 if the lock could not be taken
 */
export async function locked<T>(
  context: Context,
  { global, work }: { global: GlobalOptions; work: () => Promise<Result<T, number>> },
): Promise<Result<T, number>> {
  const lock = await withSlowNotice(context, {
    what: `waiting for another pktables to finish, up to ${global.wait} s ...`,
    work: context.system.lock.take(global.wait),
  });
  if (!lock.ok) return err(context.report.failed(lock.problem));
  await context.system.dropFileAccess();
  try {
    return await work();
  } finally {
    lock.value.release();
  }
}

/**
 * Whether rules are to be rewritten whose text may not be complete; then that is checked first. If it
 * cannot be checked, the table is frozen: none of its rules may move.
 */
async function mustPlanAnew(
  { system }: Context,
  { global, tables, planned }: {
    global: GlobalOptions;
    tables: readonly FilterTable[];
    planned: { readonly plans: readonly FamilyEdits[] };
  },
): Promise<boolean> {
  let isNew = false;
  for (const { family, edits } of planned.plans) {
    const table = tables.find((one) => one.family === family);
    if (table === undefined || table.isVerified) continue;
    const rewritten = edits.filter((edit) => edit.op === "insert" && edit.isOwn !== true);
    const chains = [...new Set(rewritten.map(({ chain }) => chain))];
    if (chains.length === 0) continue;
    const problem = await verify(system.iptables(global), { table, chains });
    if (problem === null) table.isVerified = true;
    else table.isFrozen = true;
    isNew = true;
  }
  return isNew;
}

/** A frozen table with a rule that would be rewritten anyway. */
function findFrozenEdit(tables: readonly FilterTable[], plans: readonly FamilyEdits[]) {
  for (const { family, edits } of plans) {
    if (!tables.some((table) => table.family === family && table.isFrozen)) continue;
    const edit = edits.find((one) => one.op === "insert" && one.isOwn !== true);
    if (edit === undefined) continue;
    const message =
      `a rule of ${edit.chain} would have to move, and only nft can tell whether iptables ` +
      "shows all of it: install nft";
    return inFamily(failure("refused", message), family);
  }
  return null;
}

/** What is to be written, and what to report; or an exit status to end without a change. */
export type Planned<T> = number | {
  readonly plans: readonly FamilyEdits[];
  readonly about: T;
  /** What `--dry-run` shows of changes that are in no table, a line each. */
  readonly besides?: readonly string[];
};

/**
 * Reads, plans and writes under the lock; `plan` returns an exit status to end without a change. If the
 * kernel refuses, it is read again: if another program has changed it meanwhile, planning is retried.
 *
 * @returns the `about` of the plan, once it is written and the lock is free again, for the verb to report;
 * otherwise the exit status of a failure that was reported
 */
export async function change<T>(
  context: Context,
  { global, dryRun = false, read = readTables, test = true, plan, copes = false }: {
    global: GlobalOptions;
    /** Whether to only show what would be written, without the lock. Default: no. */
    dryRun?: boolean;
    /** How the kernel is read. Default: whole tables of the wanted families. */
    read?: typeof readTables;
    /** Whether both families are tested first if both change. Default: yes. */
    test?: boolean;
    /** Tables in which nothing is unconfirmed, and what makes the kernel's so: see `copes`. */
    plan: (
      tables: readonly FilterTable[],
      tidy: readonly FamilyEdits[],
    ) => Planned<T> | Promise<Planned<T>>;
    /** Whether `plan` is given tables as they are, with rules that are unconfirmed or were taken back. */
    copes?: boolean;
  },
): Promise<Result<T, number>> {
  const make = async (tables: readonly FilterTable[]): Promise<Planned<T>> => {
    if (copes || !tables.some(({ mayBeUnconfirmed }) => mayBeUnconfirmed)) {
      return await plan(tables, []);
    }
    return await (await loadPending()).planSettled(context, { global, tables, plan });
  };
  const work = async (): Promise<Result<T, number>> => {
    let refused: { plans: string; problem: Failure } | null = null;
    for (let attempt = 1;; attempt++) {
      const tables = await withSlowNotice(context, {
        what: "reading the kernel's rules ...",
        work: read(context, global),
      });
      if (!tables.ok) return err(context.report.failed(tables.problem));
      let planned = await make(tables.value);
      if (typeof planned === "number") return err(planned);
      if (
        await mustPlanAnew(context, { global, tables: tables.value, planned })
      ) {
        planned = await make(tables.value);
        if (typeof planned === "number") return err(planned);
      }
      const native = findNativeEdit(tables.value, planned.plans) ??
        findFrozenEdit(tables.value, planned.plans);
      if (native !== null) return err(context.report.failed(native));
      if (dryRun) {
        const { showPlans } = await loadDryRun();
        return err(showPlans(context, planned));
      }
      if (refused !== null && refused.plans === JSON.stringify(planned.plans)) {
        return err(context.report.failed(refused.problem));
      }
      const count = planned.plans.reduce((sum, { edits }) => sum + edits.length, 0);
      const written = await withSlowNotice(context, {
        what: `writing ${count} ${count === 1 ? "line" : "lines"} with iptables-restore, ` +
          "which may wait for other programs ...",
        work: write(context.system.iptables(global), planned.plans, { test }),
      });
      if (written.ok) return ok(planned.about);
      if (written.problem.kind !== "refused" || attempt === MAX_ATTEMPTS) {
        return err(context.report.failed(written.problem));
      }
      refused = { plans: JSON.stringify(planned.plans), problem: written.problem };
    }
  };
  if (!dryRun) return await locked(context, { global, work });
  await context.system.dropFileAccess();
  return await work();
}
