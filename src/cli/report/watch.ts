import type { Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Console } from "../../system/system.ts";
import { printable } from "../../text/printable.ts";

/** Seconds from one look to the next. */
const PERIOD = 1;

// What a terminal is told (xterm's control sequences, which all others know too).
const ENTER = "\x1b[?1049h\x1b[?25l"; // the other screen, without a cursor
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** What is shown now, or how the watch ends: what is then said, and the exit status. */
export type Look = string | (() => number);

/**
 * Shows something again each second until someone ends it (Ctrl-C, SIGTERM, hangup) or reads no
 * more. On a terminal it has a screen of its own, which is gone afterwards; elsewhere each look is
 * printed below the last one, after a line with its time.
 *
 * @param context where to show it
 * @param look what to show now
 * @returns 0 if someone ended it
 */
export async function watch(
  { system, report }: Context,
  look: () => Promise<Look>,
): Promise<number> {
  const { console } = system;
  using interruption = system.interruption();
  let end = (): number => EXIT.done;
  try {
    if (console.outIsTerminal) console.out(ENTER);
    while (!interruption.over && console.outGone !== true && console.outProblem === undefined) {
      const seen = await look();
      if (interruption.over) break; // Ctrl-C ends iptables too, and its failure is no news
      if (typeof seen !== "string") {
        end = seen;
        break;
      }
      const time = `${new Date(system.now() * 1000).toISOString().slice(0, 19)}Z`;
      if (console.outIsTerminal) console.out(drawScreen(seen, { time, console }));
      else report.result(`${time}\n${seen}\n`);
      await interruption.pause(PERIOD);
    }
  } finally {
    if (console.outIsTerminal) console.out(LEAVE);
  }
  // Said only now, on the screen that stays.
  return end();
}

/** A whole screen: what was on it is written over line by line, so that nothing flickers. */
export function drawScreen(
  text: string,
  { time, console: { columns, rows } }: {
    readonly time: string;
    readonly console: Pick<Console, "columns" | "rows">;
  },
): string {
  const all = [`pktables list at ${time}, Ctrl-C quits`, "", ...text.split("\n")];
  const room = Math.max(3, rows);
  const left = all.length - room + 1;
  const lines = all.length <= room
    ? all
    : [...all.slice(0, room - 1), `... ${left} more lines than fit on this terminal`];
  const cut = lines.map((line) => `${printable(line).slice(0, columns)}${CLEAR_LINE}`);
  return `${HOME}${cut.join("\r\n")}${CLEAR_BELOW}`;
}
