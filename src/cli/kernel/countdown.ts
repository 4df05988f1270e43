import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { findUnconfirmed, takeBack } from "../../plan/unconfirmed.ts";
import type { Keys } from "../../system/system.ts";
import type { Context, GlobalOptions } from "../command.ts";
import { keepRules, takeRulesBack } from "./answer.ts";
import { EXIT } from "../exit.ts";
import { Reporter } from "../report/reporter.ts";
import { readTables } from "./tables.ts";
import { callOf, momentOf, timeLeft } from "./unconfirmed.ts";
import { secondsToConfirm } from "../report/view.ts";

/** Milliseconds in which keys count as pressed before the question. */
const EARLY = 300;

/** Seconds from one line to the next. */
const PERIOD = 1;

// Control sequences: back to the start of the line, and clear it.
const LINE = "\r\x1b[K";

/**
 * Counts down on a terminal: y or Enter keeps the new rules, n takes them back at once. Any other end, by
 * Ctrl-C or because the terminal is gone, leaves them to the kernel.
 *
 * @param options `until` the last second in which packets meet the new rules; `typed` what is pressed
 * @returns 0 if the rules are kept; 1 if they are not, or not yet
 */
export async function countDown(
  context: Context,
  { global, until, typed }: { global: GlobalOptions; until: number; typed: Keys },
): Promise<number> {
  using keys = typed;
  using interruption = context.system.interruption();
  const { report, system } = context;
  await interruption.pause(EARLY / 1000);
  await keys.discard();
  let answer: string | null | undefined;
  const others = new Watcher(context, { global, until });
  let elsewhere = await others.look();
  const pressed = nextAnswer(keys).then((key) => answer = key);
  while (
    answer === undefined && elsewhere === null && !interruption.over &&
    secondsToConfirm(until, system.now()) > 0
  ) {
    const left = timeLeft(until, system.now());
    report.console.err(`${LINE}keep these rules? y or Enter: yes, n: no (${left} left) `);
    await Promise.race([interruption.pause(PERIOD), pressed]);
    if (answer === undefined && !interruption.over) elsewhere = await others.look();
  }
  report.console.err(LINE);
  if (elsewhere !== null && answer === undefined && !interruption.over) {
    report.done(`${elsewhere} by another command`);
    return elsewhere === "confirmed" ? EXIT.done : EXIT.refused;
  }
  if (answer === "y") return await keepRules(context, { global, dryRun: false });
  if (answer === "n") {
    await takeRulesBack(context, { global, dryRun: false });
    return EXIT.refused;
  }
  if (answer !== undefined || interruption.over) {
    report.warn(
      `not confirmed: the kernel takes the rules back after ${momentOf(until)}; until then ` +
        `${callOf("confirm", global)} keeps them`,
    );
  } else report.error("not confirmed in time: the kernel took the rules back");
  return EXIT.refused;
}

/** What another command did to the rules meanwhile; `null` if nothing. */
type Elsewhere = "confirmed" | "taken back" | "confirmed or taken back" | null;

/** Checks from time to time whether the rules are still unconfirmed. */
class Watcher {
  readonly #context: Context;
  /** The previous rules, without doors, which may come and go. */
  #old: string | null = null;

  constructor(
    context: Context,
    readonly options: { readonly global: GlobalOptions; readonly until: number },
  ) {
    const { system, report } = context;
    const quiet = new Reporter(system.console, { ...report.options, quiet: true });
    this.#context = { system, report: quiet };
  }

  async look(): Promise<Elsewhere> {
    const tables = await readTables(this.#context, this.options.global);
    if (!tables.ok) return null; // Ctrl-C ends iptables too
    const found = tables.value.map((table) => ({ table, found: findUnconfirmed(table) }));
    if (found.some(({ found }) => found?.until === this.options.until)) {
      this.#old ??= found.map(({ table, found }) =>
        rulesOf(found === null ? table : takeBack(table, found).table)
      ).join("\n");
      return null;
    }
    if (this.#old === null) return "confirmed or taken back";
    return tables.value.map(rulesOf).join("\n") === this.#old ? "taken back" : "confirmed";
  }
}

/** The rules of a table without its doors. */
function rulesOf(table: FilterTable): string {
  const chains = ["INPUT", ...table.serviceNames.map(chainOf)];
  return chains.flatMap((chain) => [
    chain,
    ...table.rules(chain).filter(({ rule }) => rule.kind !== "door").map(({ text }) => text),
  ]).join("\n");
}

/** The first key that is an answer; `null` if the terminal is gone. */
async function nextAnswer(keys: Keys): Promise<"y" | "n" | null> {
  for (;;) {
    const pressed = await keys.next();
    if (pressed === null) return null;
    for (const key of pressed) {
      if (key === "y" || key === "Y" || key === "\r" || key === "\n") return "y";
      if (key === "n" || key === "N") return "n";
    }
  }
}
