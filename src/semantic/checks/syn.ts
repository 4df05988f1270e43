import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import type { Check } from "../context.ts";
import { firstOption } from "../options.ts";

/** `syn` on udp, which has no such flag. */
export const checkSyn: Check = ({ program }, accept) => {
  for (const service of program.services) {
    const syn = firstOption(service, "syn");
    if (syn === null || service.protocol.value === "tcp") continue;
    accept(diagnose(CODES.synOnUdp, {
      message: "`syn` is for tcp only",
      at: syn.span,
      label: "UDP has no SYN flag",
      secondary: [{ span: service.protocol.span, text: "this service is udp" }],
      help: "leave `syn` out",
    }));
  }
};
