import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import { nearest } from "../../diagnostics/nearest.ts";
import type { AddressItem } from "../../syntax/ast.ts";
import { addressItems } from "../address_items.ts";
import type { Check } from "../context.ts";
import type { Cycle } from "../define_table.ts";

/**
 * An undefined name in a list. Reports nothing if a part of the program is missing that may define it,
 * unless the name is a near miss of an existing one.
 */
export const checkUndefinedNames: Check = ({ program, defines }, accept) => {
  for (const item of addressItems(program)) {
    if (item.kind !== "name" || defines.byName.has(item.name)) continue;
    if (program.halfDefined.has(item.name)) continue;
    const near = nearest(item.name, defines.byName.keys());
    if (near === null && program.isMissingFiles) continue;
    accept(diagnose(CODES.undefinedName, {
      message: `unknown list \`${item.name}\``,
      at: item.span,
      label: "not defined",
      help: near === null
        ? `add \`define ${item.name} = …\`, or write the address itself`
        : `did you mean \`${near}\`?`,
    }));
  }
};

/** More names than this do not help to show a cycle. */
const SHOWN_NAMES = 6;

/** A `define` that contains itself; the message shows the cycle. */
export const checkCircularDefines: Check = ({ defines }, accept) => {
  for (const cycle of defines.cycles) {
    const [first, ...others] = cycle.defines;
    if (first === undefined) continue;
    const names = cycle.defines.map((define) => define.name.value);
    const shown = names.length > SHOWN_NAMES ? [...names.slice(0, SHOWN_NAMES), "…"] : names;
    const way = [...shown, first.name.value].join(" -> ");
    accept(diagnose(CODES.circularDefine, {
      message: others.length === 0
        ? `\`${first.name.value}\` contains itself`
        : `\`${first.name.value}\` contains itself through others: ${way}`,
      at: cycle.closing.span,
      label: `leads back to \`${first.name.value}\``,
      secondary: placesOf(cycle),
      help: "remove one name from the cycle",
    }));
  }
};

function placesOf(cycle: Cycle): { span: AddressItem["span"]; text: string }[] {
  return cycle.defines.slice(0, SHOWN_NAMES).map((define, index) => {
    const next = cycle.defines[index + 1];
    const item = define.items.find((one) => one.kind === "name" && one.name === next?.name.value);
    return item === undefined
      ? { span: define.name.span, text: "" }
      : { span: item.span, text: `\`${define.name.value}\` contains \`${next?.name.value}\`` };
  }).filter((place) => place.text !== "");
}

/** An unused `define`. Reports nothing while parts of the program could not be read. */
export const checkUnusedDefines: Check = ({ program, defines }, accept) => {
  if (!program.complete) return;
  const used = new Set<string>();
  for (const item of addressItems(program)) if (item.kind === "name") used.add(item.name);
  for (const define of defines.byName.values()) {
    if (used.has(define.name.value)) continue;
    accept(diagnose(CODES.unusedDefine, {
      message: `\`${define.name.value}\` is never used`,
      at: define.name.span,
      label: "no service allows it",
      help: `delete it, or write \`allow ${define.name.value}\` at a service`,
    }));
  }
};
