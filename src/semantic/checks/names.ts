import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import {
  isInterfaceName,
  isServiceName,
  MAX_INTERFACE_NAME,
  MAX_SERVICE_NAME,
} from "../../firewall/service.ts";
import type { Check } from "../context.ts";
import { optionsOf } from "../options.ts";

/** The label of a name with other characters. */
const NAME_RULE = "a letter first, then letters, digits, `-` and `_`";

/** A service name that the kernel would not accept as part of a chain's name. */
export const checkServiceNames: Check = ({ program }, accept) => {
  for (const { name } of program.services) {
    if (isServiceName(name.value)) continue;
    const long = name.value.length > MAX_SERVICE_NAME;
    accept(diagnose(CODES.badName, {
      message: long
        ? `the name has ${name.value.length} characters, at most ${MAX_SERVICE_NAME} are allowed`
        : `invalid service name \`${name.value}\``,
      at: name.span,
      label: long ? "too long" : NAME_RULE,
      help: long ? "the kernel takes 28 characters for the chain `pk-NAME`" : null,
    }));
  }
};

/** The name of a list that is not a plain word. Its length is not limited. */
export const checkDefineNames: Check = ({ program }, accept) => {
  for (const { name } of program.defines) {
    if (/^[A-Za-z][A-Za-z0-9_-]*$/.test(name.value)) continue;
    accept(diagnose(CODES.badName, {
      message: `invalid list name \`${name.value}\``,
      at: name.span,
      label: NAME_RULE,
    }));
  }
};

/** An interface name that the kernel would not accept. */
export const checkInterfaceNames: Check = ({ program }, accept) => {
  const options = program.services.flatMap((service) => optionsOf(service, "interface"));
  const expected = program.expects.map((expect) => ({ name: expect.interface }));
  for (const { name } of [...options, ...expected]) {
    if (name === null) continue;
    if (isInterfaceName(name.value)) continue;
    const long = name.value.length > MAX_INTERFACE_NAME;
    accept(diagnose(CODES.badInterface, {
      message: long
        ? `the interface name has ${name.value.length} characters, at most ${MAX_INTERFACE_NAME} are allowed`
        : "invalid interface name",
      at: name.span,
      label: long
        ? "too long"
        : "a name is printable, without space, quotes, `/`, `\\`, `:` and `!`",
      help: long ? "a `+` at the end matches any further characters" : null,
    }));
  }
};
