import { keepRules } from "../kernel/answer.ts";
import { guardPeers } from "../kernel/guard.ts";
import type { Command } from "../command.ts";

/** Keeps unconfirmed rules. */
export const confirm: Command = {
  name: "confirm",
  summary: "keep rules that `--confirm` put in force for a while",
  operand: null,
  options: [
    { name: "force", help: "Confirm even if a connected client is shut out" },
    { name: "dry-run", help: "Only show what would be written" },
  ],
  details: [
    "From any session, over a connection that was made under the new rules: then they are known to " +
    "let you in. Doors that were opened or closed meanwhile stay that way.",
    "Exit status 1 if it comes too late and the kernel took the rules back. If nothing is " +
    "unconfirmed there is nothing to do; a script asks `diff FILE` whether the rules are in force.",
    "A fleet is changed machine by machine like this: `load --confirm 60s FILE`, a test from outside " +
    "over a new connection, `confirm`, `diff FILE`. A machine that fails the test reverts by itself.",
  ],
  examples: [{ line: "pktables confirm", does: "from a second session, once it works" }],
  run: (call, context) =>
    keepRules(context, {
      global: call.global,
      dryRun: call.options.has("dry-run"),
      guard: (plans, until) =>
        guardPeers(context, {
          ...{ call, verb: confirm, plans, letIn: () => null },
          // What it removes is what the kernel would restore.
          later: until === null ? null : { at: until + 1, when: "" },
        }),
    }),
};
