// What `--dry-run` prints instead of writing; `load` prints what `diff` does.
import { FAMILY_NAMES } from "../../text/words.ts";
import type { Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { drawLines, toDiffLine } from "../report/follow.ts";
import type { FamilyEdits } from "./transaction.ts";

/**
 * Shows the transactions that would be written, as payload lines: removed ones with `-`, new ones with `+`;
 * and what else would change.
 *
 * @returns 0, like the command itself
 */
export function showPlans(
  { report }: Context,
  { plans, besides = [] }: {
    readonly plans: readonly FamilyEdits[];
    readonly besides?: readonly string[];
  },
): number {
  const changing = plans.filter(({ edits }) => edits.length > 0);
  const drawn = changing.map(({ family, edits }) =>
    drawLines(edits.map(toDiffLine), { heading: FAMILY_NAMES[family], color: report.colorOut })
  );
  if (drawn.length + besides.length === 0) report.note("nothing would change");
  if (drawn.length > 0) report.drawn(drawn.join("\n\n"));
  for (const line of besides) report.result(line);
  return EXIT.done;
}
