import type { Keys } from "../system/system.ts";
import type { Context, GlobalOptions } from "./command.ts";
import { keepRules, takeRulesBack } from "./answer.ts";
import { EXIT } from "./exit.ts";
import { momentOf, timeLeft } from "./unconfirmed.ts";
import { secondsToConfirm } from "./view.ts";

/** Milliseconds in which keys are taken for ones that were pressed ahead of the question. */
const EARLY = 300;

/** Seconds from one line to the next. */
const PERIOD = 1;

// What a terminal is told: back to the start of the line, and nothing behind.
const LINE = "\r\x1b[K";

/**
 * Counts down on a terminal: y or Enter keeps the new rules, n takes them back at once. Whatever else ends
 * it, Ctrl-C or a terminal that is gone, leaves it to the kernel.
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
  const pressed = nextAnswer(keys).then((key) => answer = key);
  while (answer === undefined && !interruption.over && secondsToConfirm(until, system.now()) > 0) {
    const left = timeLeft(until, system.now());
    report.console.err(`${LINE}keep these rules? y or Enter: yes, n: no (${left} left) `);
    await Promise.race([interruption.pause(PERIOD), pressed]);
  }
  report.console.err(LINE);
  if (answer === "y") return await keepRules(context, { global, dryRun: false });
  if (answer === "n") return await takeRulesBack(context, { global, dryRun: false });
  if (answer !== undefined || interruption.over) {
    report.warn(
      `not confirmed: the kernel takes the rules back after ${momentOf(until)}; until then ` +
        "`pktables confirm` keeps them",
    );
  } else report.error("not confirmed in time: the kernel took the rules back");
  return EXIT.refused;
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
