import type { Policy } from "../firewall/service.ts";
import type { Option, Service } from "../syntax/ast.ts";

/** An option of one kind. */
export type OptionOf<K extends Option["kind"]> = Extract<Option, { kind: K }>;

/** The first option of a kind: it counts if there are duplicates. */
export function firstOption<K extends Option["kind"]>(
  service: Service,
  kind: K,
): OptionOf<K> | null {
  for (const option of service.options) if (isKind(option, kind)) return option;
  return null;
}

/** All options of a kind, in the order of the text. */
export function optionsOf<K extends Option["kind"]>(service: Service, kind: K): OptionOf<K>[] {
  return service.options.filter((option) => isKind(option, kind));
}

function isKind<K extends Option["kind"]>(option: Option, kind: K): option is OptionOf<K> {
  return option.kind === kind;
}

/** The policy of a service; without one it is `drop`. */
export function policyOf(service: Service): Policy {
  return firstOption(service, "policy")?.policy ?? "drop";
}
