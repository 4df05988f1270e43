// What `--dry-run` prints in place of writing; `load` prints what `diff` does.
import { FAMILY_NAMES } from "../../text/words.ts";
import type { Context } from "../command.ts";
import { EXIT } from "../exit.ts";
import { drawLines, toDiffLine } from "../report/follow.ts";
import type { FamilyEdits } from "./transaction.ts";

/**
 * Shows the transactions that would be written, as payload lines: what goes has `-`, what comes has `+`.
 *
 * @returns 0, as the command itself would end
 */
export function showPlans({ report }: Context, plans: readonly FamilyEdits[]): number {
  const changing = plans.filter(({ edits }) => edits.length > 0);
  const drawn = changing.map(({ family, edits }) =>
    drawLines(edits.map(toDiffLine), { heading: FAMILY_NAMES[family], color: report.colorOut })
  );
  if (drawn.length === 0) report.note("nothing would change");
  else report.drawn(drawn.join("\n\n"));
  return EXIT.done;
}
