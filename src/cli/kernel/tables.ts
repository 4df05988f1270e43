import { loadPending } from "../lazy.ts";
import type { Family } from "../../firewall/address.ts";
import { findNativeRules, readNftChains } from "../../firewall/native_rules.ts";
import { err, ok, type Result } from "../../result.ts";
import { readSave, type SavedTable } from "../../firewall/save_reader.ts";
import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import type { Standing } from "../../plan/standing.ts";
import { type Failure, failure } from "../../system/failure.ts";
import type { Iptables } from "../../system/system.ts";
import { FAMILY_NAMES } from "../../text/words.ts";
import type { Context, GlobalOptions } from "../command.ts";

/**
 * Reads table `filter` of the wanted families, at the same time. If ip6tables cannot be used and the
 * kernel has no IPv6 either, the command continues with IPv4 and a note, unless IPv6 was requested. If the
 * kernel does have IPv6, its ports would stay open: that is a failure.
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
        return err(inFamily(failure("refused", message, line), family));
      }
      const problem = await reportNativeRules(iptables, read.value);
      if (problem !== null) return err(inFamily(problem, family));
      tables.push(read.value.table);
    } else if (isWithout(text.problem, { family, global })) {
      const exposed = await findExposure(context, text.problem);
      if (exposed !== null) return err(exposed);
      context.report.note(
        `note: no IPv6 here (${text.problem.message}): continuing with IPv4 only`,
      );
    } else {return isMissing(text.problem)
        ? err(inFamily(withInstallHint(text.problem), family))
        : text;}
  }
  return ok(tables);
}

/**
 * What packets meet now, as tables in which nothing is unconfirmed: see Standing. Loads nothing unless there
 * are unconfirmed rules.
 */
export async function settle(
  tables: readonly FilterTable[],
  now: number,
): Promise<readonly Standing[]> {
  if (!tables.some(({ mayBeUnconfirmed }) => mayBeUnconfirmed)) {
    return tables.map((table) => ({ table, edits: [], found: null, isOver: false }));
  }
  const { look } = await loadPending();
  return tables.map((table) => look(table, now));
}

/** Names of chains that nft accepts without quoting. */
const SAFE_NAME = /^[A-Za-z_][\w./-]*$/;

/** Chains with more rules than this are compared with nft only if necessary. */
const MOST_RULES = 2000;

/**
 * Marks the rules whose text hides what they match on: those of services' chains, of INPUT and of the
 * chains that services' chains call.
 *
 * @returns why they cannot be distinguished if that matters; then nothing may be concluded from a chain
 */
async function reportNativeRules(
  iptables: Iptables,
  { table, unclear, isNft }: SavedTable,
): Promise<Failure | null> {
  if (isNft === false) {
    table.isVerified = true;
    return null;
  }
  const own = [...table.ownNames.map(chainOf), ...table.unconfirmedChains];
  const doubtful = [...unclear].filter(([chain, places]) => {
    if (SAFE_NAME.test(chain)) return true;
    // nft cannot list a chain of such a name: it may hold anything.
    table.markNative(chain, places);
    return false;
  }).map(([chain]) => chain);
  const input = table.countRules("INPUT") > 0 ? ["INPUT"] : [];
  const chains = [...new Set([...own, ...input, ...doubtful])];
  const size = chains.reduce((sum, chain) => sum + table.countRules(chain), 0);
  const asked = isNft === true && size <= MOST_RULES ? chains : doubtful;
  if (asked.length === 0) return null;
  const problem = await verify(iptables, { table, chains: asked });
  if (problem === null) table.isVerified = asked === chains;
  const first = doubtful[0];
  if (problem === null || first === undefined) return problem?.kind === "absent" ? null : problem;
  if (problem.kind !== "absent") return problem;
  const [at = 0] = unclear.get(first) ?? [];
  const text = table.rules(first)[at]?.text ?? "";
  const message =
    `rule ${
      at + 1
    } of ${first} (${text}) may be a rule of nft that iptables shows without what it ` +
    `matches on, and only nft can tell (${problem.message}): install nft, or delete the rule`;
  return failure("refused", message, problem.raw);
}

/**
 * Compares chains with nft's output, and marks the rules that match on more there.
 *
 * @returns why that was impossible; a failure `absent` without nft
 */
export async function verify(
  iptables: Iptables,
  { table, chains }: { table: FilterTable; chains: readonly string[] },
): Promise<Failure | null> {
  const listed = await iptables.listNft(table.family, chains);
  if (!listed.ok) return listed.problem;
  if (listed.value === null) return null;
  const nft = readNftChains(listed.value);
  if (nft === null) {
    return failure("refused", "unexpected output of `nft -j`: not a list of chains");
  }
  const native = findNativeRules(table, { chains, nft });
  if (!native.ok) {
    const { chain } = native.problem;
    return failure("refused", `chain ${chain} changed while it was read: run the command again`);
  }
  for (const [chain, places] of native.value) table.markNative(chain, places);
  return null;
}

/** Whether a failure means that this machine has no IPv6, and IPv6 was not requested. */
function isWithout(
  problem: Failure,
  { family, global }: { family: Family; global: GlobalOptions },
): boolean {
  return isMissing(problem) && family === "ipv6" && !global.familyAsked;
}

/** The failure of a missing ip6tables that leaves IPv6 open; `null` if the machine has no IPv6. */
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
  const way = `${cure}, or skip IPv6 with --ipv4`;
  if (found.ok) {
    const message = `${lack}, but the kernel has IPv6 (${found.value}), which would stay open`;
    return inFamily({ ...problem, message: `${message}: ${way}` }, "ipv6");
  }
  const unknown = `${lack}, and cannot tell whether the kernel has IPv6`;
  const message = `${unknown} (${found.problem.message}): ${way}`;
  return inFamily({ ...problem, message, raw: found.problem.raw }, "ipv6");
}

/** Adds the package of a missing program. */
function withInstallHint(problem: Failure): Failure {
  if (problem.kind !== "absent") return problem;
  return { ...problem, message: `${problem.message}: install the package iptables` };
}

/** Whether the machine lacks the family itself, so that the message has to say which. */
function isMissing({ kind }: Failure): boolean {
  return kind === "absent" || kind === "no-family";
}

/** Adds the family of a failure. */
export function inFamily({ kind, message, raw }: Failure, family: Family): Failure {
  return failure(kind, `${FAMILY_NAMES[family]}: ${message}`, raw);
}
