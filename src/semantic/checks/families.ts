import { CODES } from "../../diagnostics/codes.ts";
import { diagnose, type Label } from "../../diagnostics/diagnostic.ts";
import type { Family } from "../../firewall/address.ts";
import type { AddressItem, WrittenAddress } from "../../syntax/ast.ts";
import type { Check, Context } from "../context.ts";
import { FAMILY_NAMES } from "../../text/words.ts";
import { firstOption, optionsOf } from "../options.ts";

/** An address of the family that `ipv4` or `ipv6` excludes, literal or through a `define`. */
export const checkFamilies: Check = (context, accept) => {
  for (const service of context.program.services) {
    const narrowed = firstOption(service, "family");
    // If both words are given, only that is reported.
    if (narrowed === null || optionsOf(service, "family").length > 1) continue;
    const excluded: Family = narrowed.family === "ipv4" ? "ipv6" : "ipv4";
    const because: Label = { span: narrowed.span, text: `only ${FAMILY_NAMES[narrowed.family]}` };
    for (const item of optionsOf(service, "allow").flatMap((allow) => allow.items)) {
      const found = findAddress(item, { family: excluded, context });
      if (found === null) continue;
      accept(diagnose(CODES.familyExcluded, {
        message: `\`${service.name.value}\` leaves ${
          FAMILY_NAMES[excluded]
        } out, but allows \`${found.text}\``,
        at: item.span,
        label: found === item
          ? `an ${FAMILY_NAMES[excluded]} address`
          : `contains \`${found.text}\``,
        secondary: found === item
          ? [because]
          : [because, { span: found.span, text: `an ${FAMILY_NAMES[excluded]} address` }],
        help: `remove \`${narrowed.family}\` to cover both families, or the address from the list`,
      }));
    }
  }
};

function findAddress(
  item: AddressItem,
  { family, context }: { readonly family: Family; readonly context: Context },
): WrittenAddress | null {
  if (item.kind === "name") return context.defines.factsOf(item.name)?.sample[family] ?? null;
  return item.meaning.ok && item.meaning.value.family === family ? item : null;
}
