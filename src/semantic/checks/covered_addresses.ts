import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import { type Address, compareAddresses, coversAddress, FAMILIES } from "../../firewall/address.ts";
import type { AddressItem } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";
import type { ExpandedAddress, Expansion, Trail } from "../expansion.ts";

/**
 * An address that another of the same service already covers. It is reported where the two diverge:
 * at the list of a `define` if both are in it, at the `allow` if that joins them; and once,
 * however many services use the list.
 */
export const checkCoveredAddresses: Check = ({ program, expansions, overflow }, accept) => {
  // Lists that are too long already have an error.
  if (overflow !== null) return;
  const reported = new Set<AddressItem>();
  for (const service of program.services) {
    const expansion = expansions.get(service) ?? [];
    for (const family of FAMILIES) {
      const addresses = expansion.filter(({ address }) => address.family === family);
      for (const pair of findCovered(addresses)) reportCovered(pair, { reported, accept });
    }
  }
};

interface Pair {
  readonly inner: ExpandedAddress;
  readonly outer: ExpandedAddress;
}

/**
 * Finds every pair among addresses of one family. Address order puts a network directly ahead of all
 * that it covers, so one walk with the networks that are still open does it.
 */
function findCovered(addresses: Expansion): Pair[] {
  const ordered = addresses.toSorted((a, b) => compareAddresses(a.address, b.address));
  const pairs: Pair[] = [];
  const open: ExpandedAddress[] = [];
  for (const entry of ordered) {
    while (open.length > 0 && !covers(open.at(-1), entry.address)) open.pop();
    const outer = open.at(-1);
    if (outer === undefined) {
      // A network of length 0 has its own warning.
      if (entry.address.prefix > 0) open.push(entry);
      continue;
    }
    pairs.push({ inner: entry, outer });
    if (outer.address.key !== entry.address.key) open.push(entry);
  }
  return pairs;
}

function covers(outer: ExpandedAddress | undefined, inner: Address): boolean {
  return outer !== undefined && coversAddress(outer.address, inner);
}

function reportCovered(
  { inner, outer }: Pair,
  given: { readonly reported: Set<AddressItem>; readonly accept: Accept },
): void {
  const [innerWay, outerWay] = [wayOf(inner.trail), wayOf(outer.trail)];
  const at = innerWay.findIndex((item, index) => item !== outerWay[index]);
  const place = innerWay[at] ?? inner.written;
  const other = inner.written === outer.written ? outerWay[at] ?? outer.written : outer.written;
  if (given.reported.has(place)) return;
  given.reported.add(place);
  const equal = inner.address.key === outer.address.key;
  given.accept(diagnose(CODES.coveredAddress, {
    message: equal
      ? `duplicate address \`${inner.written.text}\``
      : `\`${outer.written.text}\` already covers \`${inner.written.text}\``,
    at: place.span,
    label: place === inner.written ? "changes nothing" : `brings in \`${inner.written.text}\``,
    secondary: [{
      span: other.span,
      text: equal ? "the same address" : "covers it",
    }],
    help: place === inner.written ? "leave it out" : null,
  }));
}

/** From the item of the `allow` down to the address. */
function wayOf(trail: Trail): AddressItem[] {
  const way: AddressItem[] = [];
  for (let step: Trail | null = trail; step !== null; step = step.up) way.push(step.item);
  return way.reverse();
}
