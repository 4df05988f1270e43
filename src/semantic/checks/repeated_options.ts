import type { Entry } from "../../../grammar/option_entry.ts";
import { OPTIONS } from "../../../grammar/options.ts";
import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import type { LogPart, Option } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";
import { optionsOf } from "../options.ts";

const ENTRIES: readonly Entry[] = OPTIONS;

/** The kinds of options that may be given more than once. */
const REPEATABLE: ReadonlySet<string> = new Set(
  ENTRIES.filter(({ repeats }) => repeats === true).map(({ kind }) => kind),
);

/** A duplicate option, or part of `log`, that may not repeat according to the table of options. */
export const checkRepeatedOptions: Check = ({ program }, accept) => {
  for (const service of program.services) {
    findRepeated(service.options.filter(({ kind }) => !REPEATABLE.has(kind)), accept);
    for (const log of optionsOf(service, "log")) findRepeated(log.parts, accept);
  }
};

function findRepeated(given: readonly (Option | LogPart)[], accept: Accept): void {
  const first = new Map<string, Span>();
  for (const option of given) {
    const earlier = first.get(option.kind);
    if (earlier === undefined) {
      first.set(option.kind, option.span);
      continue;
    }
    const words = describe(option);
    accept(diagnose(CODES.repeatedOption, {
      message: words.message,
      at: option.span,
      label: "given again",
      secondary: [{ span: earlier, text: "given first" }],
      help: words.help,
    }));
  }
}

function describe(option: Option | LogPart): { message: string; help: string } {
  const entry = ENTRIES.find(({ kind }) => kind === option.kind);
  return entry?.twice ??
    { message: `duplicate \`${entry?.words[0]}\``, help: "keep one of the two" };
}
