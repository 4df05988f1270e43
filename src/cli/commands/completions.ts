import { loadPages } from "../lazy.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { SHELLS } from "../completion/shells.ts";
import { EXIT } from "../exit.ts";
import { quote } from "../../text/quote.ts";
import { misused } from "../input/words.ts";

/** Prints the completion script of a shell. */
export const completions: Command = {
  name: "completions",
  summary: "print the completion script of a shell",
  operand: { name: "bash|zsh|fish", min: 1, max: 1, completes: [SHELLS] },
  options: [],
  details: [
    "The shell then completes verbs, options, services and open doors as they are in the kernel, " +
    "and .pk files. Services and doors are visible to root only; other users are offered none.",
  ],
  examples: [
    {
      line: "pktables completions bash > /etc/bash_completion.d/pktables",
      does: "for all users; or in ~/.bashrc: source <(pktables completions bash)",
    },
    {
      line: "pktables completions zsh > /usr/local/share/zsh/site-functions/_pktables",
      does: "for all users; or in ~/.zshrc after compinit: source <(pktables completions zsh)",
    },
    {
      line: "pktables completions fish > /etc/fish/completions/pktables.fish",
      does: "for all users; or in ~/.config/fish/completions/",
    },
  ],
  run,
};

async function run(call: Invocation, context: Context): Promise<number> {
  const word = call.operands[0]!;
  const shell = SHELLS.find((one) => one === word);
  if (shell === undefined) {
    const message = `there are no completions for ${quote(word)}`;
    return misused(context, { message, help: `write ${SHELLS.join(", ")}` });
  }
  const { SCRIPTS } = await loadPages();
  context.report.console.out(SCRIPTS[shell]);
  return EXIT.done;
}
