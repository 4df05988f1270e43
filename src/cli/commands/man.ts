import { loadPages } from "../lazy.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit.ts";

/** Makes the verb that prints the manual of all verbs, itself included. */
export function makeMan(commands: () => readonly Command[]): Command {
  return {
    name: "man",
    summary: "print the manual, as a man page",
    operand: null,
    options: [],
    details: ["It contains all pages of `pktables help`, in mdoc(7)."],
    examples: [
      { line: "pktables man | man -l -", does: "read it" },
      { line: "pktables man > /usr/local/share/man/man8/pktables.8", does: "install it" },
    ],
    async run(_call, context) {
      const { writeManual } = await loadPages();
      context.report.console.out(writeManual(commands()));
      return EXIT.done;
    },
  };
}
