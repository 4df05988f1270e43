import { nearest } from "../../diagnostics/nearest.ts";
import { quote, type UsageProblem } from "../args.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { overview, verbPage } from "../help.ts";
import { misused } from "../words.ts";

/** What looks like the code of a diagnostic. */
const CODE = /^pk\d+$/i;

/** Makes the verb that explains all verbs, itself included, and the codes of messages. */
export function makeHelp(commands: () => readonly Command[]): Command {
  return {
    name: "help",
    summary: "explain a verb, or the code of a message about a rules file",
    operand: { name: "TOPIC", min: 0, max: 1 },
    options: [],
    details: [
      "TOPIC is a verb, or a code such as PK004 that stands in a message about a .pk file: what it " +
      "means, with an example of wrong and right.",
    ],
    examples: [
      { line: "pktables help add", does: "everything about `add`" },
      { line: "pktables help PK004", does: "what that code means" },
    ],
    async run({ operands: [topic] }, context) {
      const { report, system } = context;
      const width = Math.min(system.console.columns, 100);
      if (topic === undefined) {
        report.result(overview(commands(), width));
        return EXIT.done;
      }
      const command = commands().find(({ name }) => name === topic);
      const page = command === undefined ? await explainCode(topic) : verbPage(command, width);
      if (page === null) return misused(context, noHelp(topic, commands()));
      report.result(page);
      return EXIT.done;
    },
  };
}

/** The page of a code, without its last newline; `null` if there is no such code. */
async function explainCode(topic: string): Promise<string | null> {
  if (!CODE.test(topic)) return null;
  const { explain } = await import("../../diagnostics/codes.ts");
  return explain(topic)?.trimEnd() ?? null;
}

function noHelp(topic: string, commands: readonly Command[]): UsageProblem {
  if (CODE.test(topic)) {
    const help = "a code is PK and three digits, as it stands in the message";
    return { message: `there is no code ${quote(topic)}`, help };
  }
  const near = nearest(topic, commands.map(({ name }) => name));
  const help = near === null ? "`pktables help` lists the verbs" : `did you mean \`${near}\`?`;
  return { message: `there is no help on ${quote(topic)}`, help };
}
