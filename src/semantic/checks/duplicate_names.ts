import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import type { Spanned } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";

/** A duplicate name: each later use is shown with the first. */
export const checkDuplicateNames: Check = ({ program }, accept) => {
  findDuplicates("service", { named: program.services, accept });
  findDuplicates("define", { named: program.defines, accept });
};

function findDuplicates(
  word: string,
  given: { readonly named: readonly { readonly name: Spanned<string> }[]; readonly accept: Accept },
): void {
  const first = new Map<string, Spanned<string>>();
  for (const { name } of given.named) {
    const earlier = first.get(name.value);
    if (earlier === undefined) {
      first.set(name.value, name);
      continue;
    }
    given.accept(diagnose(CODES.duplicateName, {
      message: `duplicate ${word} \`${name.value}\``,
      at: name.span,
      label: "second use of the name",
      secondary: [{ span: earlier.span, text: "first use" }],
      help: `give one of the two another name, or delete it`,
    }));
  }
}
