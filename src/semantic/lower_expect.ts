import { type Address, FAMILIES } from "../firewall/address.ts";
import type { Expectation } from "../firewall/expectation.ts";
import type { Expect } from "../syntax/ast.ts";
import { unitsOf } from "../syntax/segments.ts";
import type { DefineTable } from "./define_table.ts";
import { expandAddress } from "./expansion.ts";

/**
 * Lowers expectations to the model. Only those addresses of a list count that can send to the destination
 * of the packet.
 *
 * @param expects those of a program without errors
 * @returns one for each, but none for a list that is empty
 */
export function lowerExpects(expects: readonly Expect[], defines: DefineTable): Expectation[] {
  const lists = new Map<string, readonly Address[]>();
  const sourcesOf = ({ from }: Expect): readonly Address[] | null => {
    if (from === null || from.kind === "anyone") return null;
    if (from.kind === "address") return expandAddress(from, defines);
    // A thousand expectations may name the same long list.
    const known = lists.get(from.name) ?? expandAddress(from, defines);
    lists.set(from.name, known);
    return known;
  };
  return expects.flatMap((expect) => lower(expect, sourcesOf(expect)));
}

function lower(expect: Expect, from: readonly Address[] | null): Expectation[] {
  const { to, policy, span } = expect;
  const destination = to?.meaning.ok ? to.meaning.value : null;
  const families = FAMILIES.filter((family) =>
    (destination === null || family === destination.family) &&
    (from === null || from.some((address) => address.family === family))
  );
  if (families.length === 0) return [];
  return [{
    protocol: expect.protocol.value,
    port: expect.port.value,
    families,
    from,
    to: destination,
    interface: expect.interface?.value ?? null,
    established: expect.established !== null,
    policy: policy.value,
    text: unitsOf(expect).flat().map(({ text }) => text).join(" "),
    span,
    verdict: policy.span,
  }];
}
