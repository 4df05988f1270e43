import type { Family } from "../firewall/address.ts";
import { findNativeRules, readNftChains } from "../firewall/native_rules.ts";
import { bad, good, type Result } from "../firewall/result.ts";
import { readSave, type SavedTable } from "../firewall/save_reader.ts";
import type { FilterTable } from "../firewall/table.ts";
import { type Failure, failure } from "../system/failure.ts";
import type { Iptables } from "../system/system.ts";
import { FAMILY_NAMES } from "../text/words.ts";
import type { Context, GlobalOptions } from "./command.ts";

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

/** Says which family a failure is about. */
export function inFamily({ kind, message, raw }: Failure, family: Family): Failure {
  return failure(kind, `${FAMILY_NAMES[family]}: ${message}`, raw);
}
