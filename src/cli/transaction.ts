import type { Family } from "../firewall/address.ts";
import { isWritable } from "../firewall/quote.ts";
import { bad, good, type Result } from "../firewall/result.ts";
import { findNativeRules, readNftChains } from "../firewall/native_rules.ts";
import { readSave, type SavedTable } from "../firewall/save_reader.ts";
import type { FilterTable } from "../firewall/table.ts";
import { type Edit, emitPayload, invertEdits } from "../plan/edit.ts";
import { type Failure, failure } from "../system/failure.ts";
import type { Iptables } from "../system/system.ts";
import type { Context, GlobalOptions } from "./command.ts";
import { EXIT } from "./exit.ts";
import { patiently } from "./patience.ts";

/** What is to be written to one family. */
export interface FamilyEdits {
  /** Whose table it is. */
  readonly family: Family;
  /** The transaction, in order; empty if nothing is to change. */
  readonly edits: readonly Edit[];
}

/** How often a plan is made anew because another program changed the kernel under it. */
const MAX_ATTEMPTS = 3;

/** How a family is called in messages. */
export const FAMILY_NAMES: Readonly<Record<Family, string>> = { ipv4: "IPv4", ipv6: "IPv6" };

/** Joins words as a sentence does: `a`, `a and b`, `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return [words.slice(0, -1).join(", "), words.at(-1)].join(" and ");
}

/**
 * Reads table `filter` of the wanted families, at the same time. Where ip6tables cannot be used and the
 * kernel has no IPv6 either, the work goes on with IPv4, and a note says so, unless IPv6 was asked for by
 * name. Where the kernel has IPv6 all the same, its ports would stay open: that is a failure.
 *
 * @returns the tables in family order
 */
export async function readTables(
  context: Context,
  global: GlobalOptions,
): Promise<Result<FilterTable[], Failure>> {
  const iptables = context.system.iptables(global);
  const tables: FilterTable[] = [];
  const saved = await Promise.all(global.families.map(async (family) => ({
    family,
    text: await iptables.save(family),
  })));
  for (const { family, text } of saved) {
    if (text.ok) {
      const read = readSave(text.value, family);
      if (!read.ok) {
        const { message, line } = read.problem;
        return bad(inFamily(failure("refused", message, line), family));
      }
      const problem = await tellNativeRules(iptables, read.value);
      if (problem !== null) return bad(inFamily(problem, family));
      tables.push(read.value.table);
    } else if (isWithout(text.problem, { family, global })) {
      const exposed = await findExposure(context, text.problem);
      if (exposed !== null) return bad(exposed);
      context.report.note(`note: no IPv6 here (${text.problem.message}): going on with IPv4 alone`);
    } else return isMissing(text.problem) ? bad(inFamily(whence(text.problem), family)) : text;
  }
  return good(tables);
}

/**
 * Marks the rules whose text hides what they match on. nft is asked only where a service's chain has a
 * rule that decides every packet ahead of its last: no chain that this tool wrote has one.
 *
 * @returns why they cannot be told apart; then nothing may be concluded from the chain
 */
async function tellNativeRules(
  iptables: Iptables,
  { table, unclear }: SavedTable,
): Promise<Failure | null> {
  const [first] = unclear;
  if (first === undefined) return null;
  const listed = await iptables.listNft(table.family);
  if (listed.ok && listed.value === null) return null;
  const nft = listed.ok ? readNftChains(listed.value ?? "") : null;
  if (nft === null) {
    const [chain, [at = 0]] = first;
    const text = table.rules(chain)[at]?.text ?? "";
    const why = listed.ok ? "`nft -j` printed no JSON" : listed.problem.message;
    const message =
      `rule ${at + 1} of ${chain} (${text}) may be a rule of nft that iptables shows ` +
      `without what it matches on, and only nft can tell (${why}): install nft, or delete the rule`;
    return failure("refused", message, listed.ok ? "" : listed.problem.raw);
  }
  const native = findNativeRules(table, { chains: unclear.keys(), nft });
  if (!native.ok) {
    const message =
      `chain ${native.problem.chain} changed while it was read: run the command again`;
    return failure("refused", message);
  }
  for (const [chain, places] of native.value) table.markNative(chain, places);
  return null;
}

/** Whether a failure means that this machine simply has no IPv6, and nobody insists on it. */
function isWithout(
  problem: Failure,
  { family, global }: { family: Family; global: GlobalOptions },
): boolean {
  return isMissing(problem) && family === "ipv6" && !global.familyAsked;
}

/** Why the lack of ip6tables is no lack of IPv6; `null` where the machine has none. */
async function findExposure(
  { system }: Context,
  problem: Failure,
): Promise<Failure | null> {
  const found = await system.ipv6();
  if (found.ok && found.value === null) return null;
  const lack = problem.kind === "absent"
    ? problem.message
    : `ip6tables says that ${problem.message}`;
  const cure = problem.kind === "absent"
    ? "install the package iptables"
    : "load the kernel's module for ip6tables (ip6_tables or nf_tables)";
  const way = `${cure}, or leave IPv6 alone by --ipv4`;
  if (found.ok) {
    const message = `${lack}, but the kernel has IPv6 (${found.value}), which would stay open`;
    return inFamily({ ...problem, message: `${message}: ${way}` }, "ipv6");
  }
  const unknown = `${lack}, and whether the kernel has IPv6 cannot be seen`;
  const message = `${unknown} (${found.problem.message}): ${way}`;
  return inFamily({ ...problem, message, raw: found.problem.raw }, "ipv6");
}

/** Says where a program that is not there comes from. */
function whence(problem: Failure): Failure {
  if (problem.kind !== "absent") return problem;
  return { ...problem, message: `${problem.message}: install the package iptables` };
}

/** Whether the machine lacks the family itself, so that the message has to say which. */
function isMissing({ kind }: Failure): boolean {
  return kind === "absent" || kind === "no-family";
}

/**
 * Writes planned edits: one transaction a family. Where two families change, both are tested before
 * the first is written, and if the second refuses all the same, the first is put back.
 *
 * @param iptables where to write
 * @param plans the edits of each family; families without an edit cost nothing
 * @param options `test: false` leaves the tests out: at boot every process counts, and what a test
 * would find is put back just the same
 */
export async function write(
  iptables: Iptables,
  plans: readonly FamilyEdits[],
  { test = true }: { readonly test?: boolean } = {},
): Promise<Result<null, Failure>> {
  const changing = plans.filter(({ edits }) => edits.length > 0);
  for (const { edits } of changing) {
    const problem = findUnwritable(changing.length > 1 ? [...edits, ...invertEdits(edits)] : edits);
    if (problem !== null) return bad(problem);
  }
  const payloads = changing.map((plan) => ({ ...plan, payload: emitPayload(plan.edits) }));
  if (test && payloads.length > 1) {
    for (const { family, payload } of payloads) {
      const tested = await iptables.restore(family, payload, { test: true });
      if (!tested.ok) return bad(inFamily(tested.problem, family));
    }
  }
  const done: FamilyEdits[] = [];
  for (const { family, edits, payload } of payloads) {
    const written = await iptables.restore(family, payload);
    if (!written.ok) {
      return bad(await putBack(iptables, { done, problem: written.problem, family }));
    }
    done.push({ family, edits });
  }
  return good(null);
}

/** A newline in somebody's comment cannot be written in a line of iptables-restore. */
function findUnwritable(edits: readonly Edit[]): Failure | null {
  for (const edit of edits) {
    if (!("text" in edit) || isWritable(edit.text)) continue;
    const message = `a rule of chain ${edit.chain} has a newline in it: delete it by hand first`;
    return failure("refused", message, JSON.stringify(edit.text));
  }
  return null;
}

/**
 * A rule that nft wrote can be neither deleted nor written by the text that iptables shows of it: `-D`
 * would take another rule, `-A` write one that matches more.
 */
function findNativeEdit(tables: readonly FilterTable[], plans: readonly FamilyEdits[]) {
  for (const { family, edits } of plans) {
    const table = tables.find((one) => one.family === family);
    for (const edit of edits) {
      if (edit.op !== "delete" && edit.op !== "flush-chain") continue;
      const rules = table?.rules(edit.chain) ?? [];
      const at = rules.findIndex(({ isNative, text }) =>
        isNative === true && (edit.op === "flush-chain" || edit.text === text)
      );
      if (at < 0) continue;
      const rule = `rule ${at + 1} of ${edit.chain} (${rules[at]?.text ?? ""})`;
      const message =
        `${rule} was written by nft and matches more than iptables shows: change or ` +
        "delete it by nft first";
      return inFamily(failure("refused", message), family);
    }
  }
  return null;
}

function inFamily({ kind, message, raw }: Failure, family: Family): Failure {
  return failure(kind, `${FAMILY_NAMES[family]}: ${message}`, raw);
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
      `${
        FAMILY_NAMES[family]
      }: ${problem.message}; ${name} is changed already and could not be put ` +
        "back: run the command again",
      `${problem.raw}\n${undone.problem.raw}`,
    );
  }
  return done.length === 0 ? problem : inFamily(problem, family);
}

/**
 * Runs work that changes the kernel: no other command that takes the lock runs at the same time, and
 * no file can be read or written from here on.
 *
 * @returns the work's exit status, or 1 if the lock could not be had
 */
export async function locked(
  context: Context,
  { global, work }: { global: GlobalOptions; work: () => Promise<number> },
): Promise<number> {
  const lock = await patiently(context, {
    what: `waiting for another pktables to end, up to ${global.wait} s ...`,
    work: context.system.lock.take(global.wait),
  });
  if (!lock.ok) return context.report.failed(lock.problem);
  await context.system.dropFileAccess();
  try {
    return await work();
  } finally {
    lock.value.release();
  }
}

/**
 * Reads, plans and writes under the lock; `plan` returns an exit status to end without a change. If
 * the kernel refuses, it is read once more: should another program have changed it meanwhile, the plan
 * is made anew.
 */
export function change<T>(
  context: Context,
  { global, test = true, plan, done }: {
    global: GlobalOptions;
    /** Whether both families are tested first where both change; they are unless this is `false`. */
    test?: boolean;
    plan: (tables: readonly FilterTable[]) => number | { plans: readonly FamilyEdits[]; about: T };
    /** Says what was done; called when the kernel has it. */
    done: (about: T, changed: boolean) => void;
  },
): Promise<number> {
  return locked(context, {
    global,
    work: async () => {
      let refused: { plans: string; problem: Failure } | null = null;
      for (let attempt = 1;; attempt++) {
        const tables = await patiently(context, {
          what: "reading what the kernel has ...",
          work: readTables(context, global),
        });
        if (!tables.ok) return context.report.failed(tables.problem);
        const planned = plan(tables.value);
        if (typeof planned === "number") return planned;
        const native = findNativeEdit(tables.value, planned.plans);
        if (native !== null) return context.report.failed(native);
        if (refused !== null && refused.plans === JSON.stringify(planned.plans)) {
          return context.report.failed(refused.problem);
        }
        const count = planned.plans.reduce((sum, { edits }) => sum + edits.length, 0);
        const written = await patiently(context, {
          what: `writing ${count} ${count === 1 ? "line" : "lines"} by iptables-restore, ` +
            "which may wait for others ...",
          work: write(context.system.iptables(global), planned.plans, { test }),
        });
        if (written.ok) {
          done(planned.about, planned.plans.some(({ edits }) => edits.length > 0));
          return EXIT.done;
        }
        if (written.problem.kind !== "refused" || attempt === MAX_ATTEMPTS) {
          return context.report.failed(written.problem);
        }
        refused = { plans: JSON.stringify(planned.plans), problem: written.problem };
      }
    },
  });
}
