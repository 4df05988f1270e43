import { EXIT } from "../exit.ts";
import { loadPending } from "../lazy.ts";
import { type Address, formatAddress } from "../../firewall/address.ts";
import type { FilterTable } from "../../firewall/table.ts";
import { planDoors } from "../../plan/chain.ts";
import type { Edit } from "../../plan/edit.ts";
import { type Command, type Context, DRY_RUN, type Invocation } from "../command.ts";
import { change } from "../kernel/transaction.ts";

/** Removes expired doors. */
export const sweep: Command = {
  name: "sweep",
  summary: "remove expired doors",
  operand: null,
  options: [DRY_RUN],
  details: [
    "The kernel has closed them already; this only tidies up. Every verb that writes sweeps the " +
    "service that it changes, so a cron job is only for machines with few knocks.",
  ],
  examples: [{
    line: "17 * * * * root /usr/local/bin/pktables sweep --quiet",
    does: "in /etc/crontab",
  }],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const swept = await change(context, {
    global: call.global,
    dryRun: call.options.has(DRY_RUN.name),
    copes: true,
    plan: async (tables) => {
      const now = context.system.now();
      const each = await Promise.all(tables.map(async (table) => {
        if (!table.mayBeUnconfirmed) return sweepTable(table, now);
        const { sweepBoth } = await loadPending();
        return sweepBoth(context, { table, now, sweep: (settled) => sweepTable(settled, now) });
      }));
      const plans = tables.map(({ family }, at) => ({ family, edits: each[at]?.edits ?? [] }));
      return { plans, about: each.flatMap(({ gone }) => gone) };
    },
  });
  if (!swept.ok) return swept.problem;
  const gone = swept.value;
  for (const { name, address } of gone) {
    context.report.done(`${name}: ${formatAddress(address)} removed (expired)`);
  }
  if (gone.length === 0) context.report.done("no expired doors: nothing to do");
  return EXIT.done;
}

/** A removed door. */
export interface Gone {
  /** The service. */
  readonly name: string;
  /** The address it was for. */
  readonly address: Address;
}

/** Sweeps every chain that has an expired door; the others are left as they are. */
function sweepTable(table: FilterTable, now: number): { edits: Edit[]; gone: Gone[] } {
  const edits: Edit[] = [];
  const gone: Gone[] = [];
  for (const name of table.serviceNames) {
    const plan = planDoors(table, { name, change: {}, now });
    if (plan.expired.length === 0) continue;
    for (const edit of plan.edits) edits.push(edit);
    for (const address of plan.expired) gone.push({ name, address });
  }
  return { edits, gone };
}
