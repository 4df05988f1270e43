import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import type { Check } from "../context.ts";
import { firstOption } from "../options.ts";

/** A door, or a way to open one, where everyone is let in anyway. */
export const checkOpenServices: Check = ({ program }, accept) => {
  for (const service of program.services) {
    const policy = firstOption(service, "policy");
    if (policy?.policy !== "accept") continue;
    const name = service.name.value;
    for (const option of service.options) {
      if (option.kind !== "allow" && option.kind !== "knock") continue;
      accept(diagnose(CODES.doorIntoOpen, {
        message: `\`${option.kind}\` has no effect: \`${name}\` accepts everyone`,
        at: option.span,
        secondary: [{ span: policy.span, text: "everyone is let in here" }],
        help: `write \`drop\` instead of \`accept\`, or leave \`${option.kind}\` out`,
      }));
    }
  }
};
