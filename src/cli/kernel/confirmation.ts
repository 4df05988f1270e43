// `--confirm DURATION` of `load` and `init`: rules that the kernel takes back by itself.
import { loadPending } from "../lazy.ts";
import { parseDuration } from "../../firewall/duration.ts";
import { ok, type Result } from "../../result.ts";
import { targetOf } from "../../firewall/chain_end.ts";
import type { Edit } from "../../plan/edit.ts";
import { CHAIN_PREFIX, knockedServiceOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { readJump } from "../../firewall/unconfirmed.ts";
import { arm } from "../../plan/arm.ts";
import { quote } from "../../text/quote.ts";
import { type UsageProblem, wrong } from "../usage.ts";
import type { Context, GlobalOptions, Invocation, OptionSpec } from "../command.ts";
import { EXIT } from "../exit.ts";
import { failure } from "../../system/failure.ts";
import { inFamily, verify } from "./tables.ts";
import type { FamilyEdits } from "./transaction.ts";
import { callOf, momentOf, timeLeft } from "./unconfirmed.ts";
import { checkClock } from "../input/words.ts";

/** The option of the verbs that can load rules unconfirmed. */
export const CONFIRM_OPTION: OptionSpec = {
  name: "confirm",
  value: "DURATION",
  help:
    "Unless `confirm` follows in that time (60s), the kernel takes the new rules back by itself",
};

/** Longest time that rules may be unconfirmed: a day, in seconds. */
const LONGEST = 86_400;

/**
 * Parses how long rules are to be unconfirmed.
 *
 * @returns seconds, `null` if they are not
 */
export function readConfirm({ options }: Invocation): Result<number | null, UsageProblem> {
  const text = options.get("confirm");
  if (text === undefined) return ok(null);
  const seconds = parseDuration(text);
  if (seconds === null) {
    const help = "write a number above 0 and s, m, h or d, such as 60s or 5m";
    return wrong(`invalid duration ${quote(text)}`, help);
  }
  if (seconds > LONGEST) {
    return wrong(`\`--confirm ${text}\` is too long`, "at most a day: `1d`");
  }
  return ok(seconds);
}

/** Whether the clock is plausible for taking rules back; reports if not. Called before anything is read. */
export function mayConfirm(context: Context): boolean {
  if (context.report.console.errIsTerminal) context.system.lock.reserve?.();
  return checkClock(context, context.system.now(), {
    danger: "the kernel would take the rules back at a wrong time",
    way: "--confirm",
  });
}

/** A transaction whose rules will be unconfirmed. */
export interface Arming {
  /** What is to be written. */
  readonly plans: readonly FamilyEdits[];
  /** The last second in which packets meet them; `null` if nothing changes. */
  readonly until: number | null;
}

/**
 * Turns plans into ones that the kernel takes back by itself. Doors and foreign rules are copied; iptables
 * may not show all of a rule of nft, so those are looked for first.
 *
 * @param options `tables` in which nothing is unconfirmed, and `plans` for them; for how many `seconds`
 * @returns an exit status if that is impossible
 */
export async function armAll(
  context: Context,
  { global, tables, plans, seconds }: {
    global: GlobalOptions;
    tables: readonly FilterTable[];
    plans: readonly FamilyEdits[];
    seconds: number;
  },
): Promise<number | Arming> {
  const until = Math.floor(context.system.now()) + seconds;
  const armed: FamilyEdits[] = [];
  for (const { family, edits } of plans) {
    const table = tables.find((one) => one.family === family);
    if (table === undefined || edits.length === 0) continue;
    const knock = edits.find(isAboutKnock);
    if (knock !== undefined) {
      const message =
        `knocks \`by kernel\` would change (${knock.chain}), and cannot be taken back: ` +
        "load without --confirm";
      return context.report.failed(inFamily(failure("refused", message), family));
    }
    const one = arm(table, { edits, until });
    if (one.taken !== null) {
      const { chain, text } = one.taken;
      const message = text === null
        ? `chain ${chain} already exists`
        : `chain ${chain} already exists, and others use it: ${text}`;
      return context.report.failed(
        inFamily(failure("refused", `${message}; the new rules would go there`), family),
      );
    }
    const problem = await findDoubt(context, { global, table, copied: one.copied });
    if (problem !== null) return context.report.failed(inFamily(problem, family));
    armed.push({ family, edits: one.edits });
  }
  return { plans: armed, until: armed.length === 0 ? null : until };
}

/** Whether an edit changes a chain in which the kernel hears a knock, or a jump to one. */
function isAboutKnock(edit: Edit): boolean {
  if (knockedServiceOf(edit.chain) !== null) return true;
  return "text" in edit && knockedServiceOf(targetOf(edit.text) ?? "") !== null;
}

/** Why rules that would be copied may match more than their text says; `null` if they certainly do not. */
async function findDoubt(
  { system }: Context,
  { global, table, copied }: {
    global: GlobalOptions;
    table: FilterTable;
    copied: ReadonlySet<string>;
  },
) {
  const isKnown = (chain: string) => chain === "INPUT" || chain.startsWith(CHAIN_PREFIX);
  const chains = [...copied].filter((chain) => !table.isVerified || !isKnown(chain));
  if (chains.length > 0) {
    const problem = await verify(system.iptables(global), { table, chains });
    if (problem !== null) {
      const first = chains[0] ?? "";
      const message =
        `rules of ${first} would have to be copied, and whether iptables shows all of ` +
        `them is not known (${problem.message})`;
      return { ...problem, message };
    }
  }
  for (const chain of copied) {
    const at = table.rules(chain).findIndex(({ isNative, text }) =>
      isNative === true && (chain.startsWith(CHAIN_PREFIX) || readJump(text) !== null)
    );
    if (at < 0) continue;
    const message =
      `rule ${at + 1} of ${chain} (${table.rules(chain)[at]?.text}) was written by nft ` +
      "and matches more than iptables shows: it cannot be copied, load without --confirm";
    return { kind: "refused", message, raw: "" } as const;
  }
  return null;
}

/** Reports until when rules are in force, and how to keep them. */
export function reportUnconfirmed(
  { report, system }: Context,
  { until, global }: { until: number; global: GlobalOptions },
): void {
  report.done(
    `unconfirmed, ${timeLeft(until, system.now())} left: the kernel takes this back after ` +
      `${momentOf(until)} unless ${callOf("confirm", global)} keeps it; ${
        callOf("revert", global)
      } takes it back now`,
  );
}

/**
 ** Counts down on a terminal until there is an answer. Does nothing without one.
 *
 * @returns the exit status of the verb
 */
export async function askForConfirmation(
  context: Context,
  { global, until }: { global: GlobalOptions; until: number },
): Promise<number> {
  if (!context.report.console.errIsTerminal) return EXIT.done;
  const typed = context.report.console.keys?.() ?? null;
  if (typed === null) return EXIT.done;
  const { countDown } = await loadPending();
  return await countDown(context, { global, until, typed });
}
