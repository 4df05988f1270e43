import { loadPages } from "../lazy.ts";
import { nearest } from "../../diagnostics/nearest.ts";
import { quote } from "../../text/quote.ts";
import type { UsageProblem } from "../args.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { overview, shownVerbs, verbPage } from "../pages/help.ts";
import { drawPage } from "../pages/page.ts";
import { TOPICS } from "../pages/topics.ts";
import { misused } from "../input/words.ts";

/** What looks like the code of a diagnostic. */
const CODE = /^pk\d+$/i;

/** Makes the verb that explains all verbs, itself included, the topics and the codes of messages. */
export function makeHelp(commands: () => readonly Command[]): Command {
  return {
    name: "help",
    summary: "explain a verb, a topic such as `language`, or the code of a message",
    operand: { name: "TOPIC", min: 0, max: 1, completes: ["topic"] },
    options: [],
    details: [
      `TOPIC is a verb, one of ${TOPICS.map(({ name }) => name).join(", ")}, or a code such as ` +
      "PK004 in a message about a .pk file: what it means, with a wrong and a right example.",
    ],
    examples: [
      { line: "pktables help add", does: "everything about `add`" },
      { line: "pktables help language", does: "how a rules file is written, with the grammar" },
      { line: "pktables help PK004", does: "what that code means" },
    ],
    async run({ operands: [topic] }, context) {
      const page = await explain(topic, {
        commands: commands(),
        columns: context.system.console.columns,
      });
      if (page === null) return misused(context, noHelp(topic!, commands()));
      context.report.result(page);
      return EXIT.done;
    },
  };
}

/** The page on a topic; `null` if there is no such topic. */
async function explain(
  topic: string | undefined,
  { commands, columns }: { readonly commands: readonly Command[]; readonly columns: number },
): Promise<string | null> {
  if (topic === undefined) return drawPage(overview(commands), columns);
  const command = shownVerbs(commands).find(({ name }) => name === topic);
  if (command !== undefined) return drawPage(verbPage(command), columns);
  const { explain, topicPage } = await loadPages();
  if (CODE.test(topic)) return explain(topic)?.trimEnd() ?? null;
  const page = topicPage(topic);
  return page === null ? null : drawPage(page, columns);
}

function noHelp(topic: string, commands: readonly Command[]): UsageProblem {
  if (CODE.test(topic)) {
    const help = "a code is PK and three digits, such as PK004";
    return { message: `unknown code ${quote(topic)}`, help };
  }
  const names = [...shownVerbs(commands), ...TOPICS].map(({ name }) => name);
  const near = nearest(topic, names);
  const help = near === null
    ? "`pktables help` lists the verbs and topics"
    : `did you mean \`${near}\`?`;
  return { message: `no help on ${quote(topic)}`, help };
}
