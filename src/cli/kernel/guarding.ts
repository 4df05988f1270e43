// What the guard loads when something is to be written: see guard.ts.
import type { Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { type GuardedChange, isAttended } from "./guard.ts";
import { countPeers, describePeers, drawPeers, waysOut } from "./peer_words.ts";
import { type Affected, findAffected } from "./peers.ts";

/** Reports who loses what, and decides whether the verb may continue: see guardPeers(). */
export async function reportLosses(
  context: Context,
  change: GuardedChange,
): Promise<number | null> {
  const { report, system } = context;
  const { call } = change;
  const affected = await findAffected(context, { ...change, global: call.global });
  const losers = affected.filter(({ isKnown }) => isKnown);
  reportDoubts(context, affected.filter(({ isKnown }) => !isKnown));
  if (losers.length === 0) return null;
  const mayGoOn = ["force", "confirm", "dry-run"].some((option) => call.options.has(option)) ||
    !isAttended(system.console);
  if (mayGoOn) {
    report.warn(describePeers(losers, call.options.has("dry-run") ? "would" : "will"));
    return null;
  }
  const one = losers.length === 1;
  report.error(
    `nothing was changed: ${one ? describePeers(losers, "would") : countPeers(losers)}`,
  );
  if (!one) report.details(drawPeers(losers));
  report.details(waysOut(losers, change));
  return EXIT.refused;
}

/** Warns about clients for which the loss cannot be determined; does not stop the verb. */
function reportDoubts({ report }: Context, doubtful: readonly Affected[]): void {
  const [first] = doubtful;
  if (first === undefined) return;
  const others = doubtful.length - 1;
  const more = others === 0 ? "" : ` and ${others} more`;
  report.warn(
    `whether ${first.peer} (connected to port ${first.port})${more} can still get in is not known: ` +
      `perhaps ${first.words}`,
  );
}
