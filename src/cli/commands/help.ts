import { nearest } from "../../diagnostics/nearest.ts";
import { quote } from "../args.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { overview, verbPage } from "../help.ts";
import { misused } from "../words.ts";

/** Makes the verb that explains all verbs, itself included. */
export function makeHelp(commands: () => readonly Command[]): Command {
  return {
    name: "help",
    summary: "explain a verb",
    operand: { name: "VERB", min: 0, max: 1 },
    options: [],
    details: [],
    examples: [{ line: "pktables help add", does: "everything about `add`" }],
    run({ operands: [topic] }, context) {
      const { report, system } = context;
      const width = Math.min(system.console.columns, 100);
      if (topic === undefined) report.result(overview(commands(), width));
      else {
        const command = commands().find(({ name }) => name === topic);
        if (command === undefined) {
          const near = nearest(topic, commands().map(({ name }) => name));
          const help = near === null ? null : `did you mean \`${near}\`?`;
          const message = `there is no help on ${quote(topic)}`;
          return Promise.resolve(misused(context, { message, help }));
        }
        report.result(verbPage(command, width));
      }
      return Promise.resolve(EXIT.done);
    },
  };
}
