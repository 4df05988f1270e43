import { CODES } from "../../diagnostics/codes.ts";
import {
  isInterfaceName,
  isServiceName,
  MAX_INTERFACE_NAME,
  MAX_SERVICE_NAME,
} from "../../firewall/service.ts";
import type { Check } from "../context.ts";
import { optionsOf } from "../options.ts";
import { report } from "../report.ts";

/** A service name that the kernel would not take as part of a chain's name. */
export const checkServiceNames: Check = ({ program }, accept) => {
  for (const { name } of program.services) {
    if (isServiceName(name.value)) continue;
    const long = name.value.length > MAX_SERVICE_NAME;
    accept(report(CODES.badName, {
      message: long
        ? `the name has ${name.value.length} characters, ${MAX_SERVICE_NAME} is the most`
        : `\`${name.value}\` cannot name a service`,
      at: name.span,
      text: long ? "too long" : "a letter first, then letters, digits, `-` and `_`",
      help: long ? "the kernel takes 28 characters for the chain `pk-NAME`" : null,
    }));
  }
};

/** An interface name that the kernel would not take. */
export const checkInterfaceNames: Check = ({ program }, accept) => {
  for (const { name } of program.services.flatMap((service) => optionsOf(service, "interface"))) {
    if (isInterfaceName(name.value)) continue;
    const long = name.value.length > MAX_INTERFACE_NAME;
    accept(report(CODES.badInterface, {
      message: long
        ? `the interface name has ${name.value.length} characters, ${MAX_INTERFACE_NAME} is the most`
        : "no interface can have this name",
      at: name.span,
      text: long ? "too long" : "",
      help: long ? "a `+` at the end stands for any further characters" : null,
    }));
  }
};
