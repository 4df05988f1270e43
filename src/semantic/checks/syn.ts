import { CODES } from "../../diagnostics/codes.ts";
import type { Check } from "../context.ts";
import { firstOption } from "../options.ts";
import { report } from "../report.ts";

/** `syn` on udp, which has no such flag. */
export const checkSyn: Check = ({ program }, accept) => {
  for (const service of program.services) {
    const syn = firstOption(service, "syn");
    if (syn === null || service.protocol.value === "tcp") continue;
    accept(report(CODES.synOnUdp, {
      message: "`syn` is for tcp only",
      at: syn.span,
      text: "UDP has no SYN flag",
      secondary: [{ span: service.protocol.span, text: "this service is udp" }],
      help: "leave `syn` out",
    }));
  }
};
