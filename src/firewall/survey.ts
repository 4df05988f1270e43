import type { ChainEnd } from "./chain_end.ts";
import { type Evidence, PROPERTIES, SEEN_NAMES, type SeenProperties } from "./properties.ts";
import { chainOf } from "./service.ts";
import type { FilterTable, ObservedRule } from "./table.ts";

/** A service in the kernel in one family: its properties, and the rules that show them. */
export interface ObservedService extends SeenProperties {
  /** Without the `pk-` of its chain. */
  readonly name: string;
  /** The rule that ends the chain, and its text; `null` if packets fall through it. */
  readonly end: (ChainEnd & { readonly text: string }) | null;
  /** The jumps in INPUT, from top to bottom. */
  readonly jumps: readonly ObservedRule[];
}

/**
 * Reads a service from the kernel's rules.
 *
 * @returns `null` if the table has no chain of that name
 */
export function observeService(table: FilterTable, name: string): ObservedService | null {
  const chain = chainOf(name);
  if (!table.hasChain(chain)) return null;
  const end = table.endOf(chain);
  const reached = table.reachedRules(chain).map(({ rule }) => rule);
  const jumps = table.jumpsTo(chain);
  const matches = jumps.flatMap(({ rule }) =>
    rule.kind === "jump" && rule.match !== null ? [rule.match] : []
  );
  const evidence: Evidence = { matches, reached, verdict: end?.verdict ?? null };
  const seen = SEEN_NAMES.map((name) => [name, PROPERTIES[name].see(evidence)]);
  return {
    ...Object.fromEntries(seen) as SeenProperties,
    name,
    end: end === null ? null : { ...end, text: table.rules(chain)[end.at]?.text ?? "" },
    jumps,
  };
}
