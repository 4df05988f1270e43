import type { Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Console } from "../../system/system.ts";
import { printable } from "../../text/printable.ts";

/** Seconds between two refreshes. */
const PERIOD = 1;

// Control sequences of xterm, which all other terminals know too.
const ENTER = "\x1b[?1049h\x1b[?25l"; // the alternate screen, without a cursor
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** What is shown now, or a function that ends the watch: it reports, and returns the exit status. */
export type Look = string | (() => number);

/**
 * Shows something again each second until it is interrupted (Ctrl-C, SIGTERM, hangup) or the reader goes
 * away. On a terminal it uses the alternate screen, which is gone afterwards; elsewhere each refresh is
 * printed below the last one, after a line with its time.
 *
 * @param context where to show it
 * @param look what to show now
 * @returns 0 if it was interrupted
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
      if (interruption.over) break; // Ctrl-C ends iptables too: ignore its failure
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
  // Only now, on the normal screen.
  return end();
}

/** A whole screen, which is overwritten line by line, so that nothing flickers. */
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
