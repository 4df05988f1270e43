import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import { isPort, MAX_PORT } from "../../firewall/port.ts";
import type { Span } from "../../source/span.ts";
import type { PortItem } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";
import { optionsOf } from "../options.ts";

/** Whether a port or range in the source is valid. */
export function isSoundPort(item: PortItem): boolean {
  return isPort(item.from) && isPort(item.to) && item.from <= item.to;
}

/** Ports outside 1-65535, in services and in knocks, and ranges that run backwards. */
export const checkPorts: Check = ({ program }, accept) => {
  for (const service of program.services) {
    for (const item of service.ports) checkPort(item, accept);
    for (const knock of optionsOf(service, "knock")) {
      for (const { port, span } of [...knock.ports, ...(knock.close ?? [])]) {
        if (!isPort(port)) reportRange(port, { span, accept });
      }
    }
  }
  for (const { port: { value, span } } of program.expects) {
    if (!isPort(value)) reportRange(value, { span, accept });
  }
};

function checkPort(item: PortItem, accept: Accept): void {
  const wrong = [item.from, item.to].find((port) => !isPort(port));
  if (wrong !== undefined) reportRange(wrong, { span: item.span, accept });
  else if (item.from > item.to) {
    accept(diagnose(CODES.portRangeBackwards, {
      message: `the port range \`${item.from}-${item.to}\` is reversed`,
      at: item.span,
      help: `write \`${item.to}-${item.from}\``,
    }));
  }
}

function reportRange(port: number, given: { readonly span: Span; readonly accept: Accept }): void {
  given.accept(diagnose(CODES.portOutOfRange, {
    message: `invalid port \`${port}\`: must be 1-${MAX_PORT}`,
    at: given.span,
    label: "no such port",
  }));
}
