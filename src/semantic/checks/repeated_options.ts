import type { Entry } from "../../../grammar/option_entry.ts";
import { OPTIONS } from "../../../grammar/options.ts";
import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import type { LogPart, Option } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";
import { optionsOf } from "../options.ts";

/** An option, or a part of `log`, given twice, where the table of options does not say that it may. */
export const checkRepeatedOptions: Check = ({ program }, accept) => {
  for (const { options, ...service } of program.services) {
    findRepeated(options.filter((option) => entryOf(option)?.repeats !== true), accept);
    for (const log of optionsOf({ ...service, options }, "log")) findRepeated(log.parts, accept);
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

function entryOf({ kind }: Option | LogPart): Entry | undefined {
  return OPTIONS.find((entry) => entry.kind === kind);
}

function describe(option: Option | LogPart): { message: string; help: string } {
  const entry = entryOf(option);
  return entry?.twice ??
    { message: `duplicate \`${entry?.words[0]}\``, help: "keep one of the two" };
}
