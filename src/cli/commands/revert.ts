import { takeRulesBack } from "../kernel/answer.ts";
import type { Command } from "../command.ts";

/** Takes back unconfirmed rules. */
export const revert: Command = {
  name: "revert",
  summary: "take back rules that `--confirm` put in force",
  operand: null,
  options: [{ name: "dry-run", help: "Only show what would be written" }],
  details: [
    "The previous rules are in force again, with the doors that were opened or closed meanwhile. " +
    "If nothing is unconfirmed there is nothing to do.",
  ],
  examples: [{ line: "pktables revert", does: "from any session, without waiting for the kernel" }],
  run: (call, context) =>
    takeRulesBack(context, { global: call.global, dryRun: call.options.has("dry-run") }),
};
