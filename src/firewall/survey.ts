import { normalizePorts, type PortRange } from "./port.ts";
import type { Rule } from "./rule.ts";
import type { ChainEnd } from "./chain_end.ts";
import { chainOf, type Log, type Policy, type Protocol } from "./service.ts";
import type { FilterTable, ObservedRule } from "./table.ts";

/** A service as the kernel has it in one family. What no rule says is `null`. */
export interface ObservedService {
  /** Without the `pk-` of its chain. */
  readonly name: string;
  /** Of the first jump; `null` without a jump that this tool understands. */
  readonly protocol: Protocol | null;
  /** Of all jumps, in canonical order; empty without a jump that this tool understands. */
  readonly ports: readonly PortRange[];
  /** Whether every jump takes only TCP packets that open a connection. */
  readonly syn: boolean;
  /** Of the first jump; `null` for any interface, and without a jump. */
  readonly interface: string | null;
  /** What happens at the end of the chain; `null` if packets fall through it or go elsewhere. */
  readonly policy: Policy | null;
  /** The rule that ends the chain, and its text; `null` if packets fall through it. */
  readonly end: (ChainEnd & { readonly text: string }) | null;
  /** Whether packets of accepted connections pass. */
  readonly established: boolean;
  /** The first log in the chain; `null` if there is none. */
  readonly log: Log | null;
  /** The jumps in INPUT, from top to bottom. */
  readonly jumps: readonly ObservedRule[];
}

const POLICIES: readonly Policy[] = ["drop", "accept", "reject"];

/**
 * What the kernel's rules say about a service.
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
  return {
    name,
    protocol: matches[0]?.protocol ?? null,
    ports: normalizePorts(matches.flatMap(({ ports }) => ports)),
    syn: matches.length > 0 && matches.every(({ syn }) => syn),
    interface: matches[0]?.interface ?? null,
    policy: POLICIES.find((policy) => policy === end?.verdict) ?? null,
    end: end === null ? null : { ...end, text: table.rules(chain)[end.at]?.text ?? "" },
    established: find(reached, "established") !== undefined,
    log: find(reached, "log")?.log ?? null,
    jumps,
  };
}

function find<K extends Rule["kind"]>(
  rules: readonly Rule[],
  kind: K,
): (Rule & { kind: K }) | undefined {
  return rules.find((rule): rule is Rule & { kind: K } => rule.kind === kind);
}
