import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../source/span.ts";
import type { LogPart, Option } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";
import { optionsOf } from "../options.ts";

/** An option, or a part of `log`, given twice. Only `allow` and `knock` may repeat. */
export const checkRepeatedOptions: Check = ({ program }, accept) => {
  for (const { options, ...service } of program.services) {
    const single = options.filter(({ kind }) => kind !== "allow" && kind !== "knock");
    findRepeated(single, accept);
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

function describe(option: Option | LogPart): { message: string; help: string } {
  if (option.kind === "policy") {
    return { message: "a service has one policy, not two", help: "keep one of the two" };
  }
  if (option.kind === "family") {
    return {
      message: "a service is narrowed to one family, not to two",
      help: "leave both words out to cover both families",
    };
  }
  const word = option.kind === "interface" ? "on" : option.kind;
  return { message: `\`${word}\` is given twice`, help: "keep one of the two" };
}
