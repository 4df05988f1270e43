import { MAX_INTERFACE_NAME } from "../../firewall/service.ts";
import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import { FAMILIES, type Family } from "../../firewall/address.ts";
import type { PortItem, Service } from "../../syntax/ast.ts";
import type { Accept, Check } from "../context.ts";
import { firstOption } from "../options.ts";
import { PortClaims } from "../../firewall/port_claims.ts";
import { isSoundPort } from "./ports.ts";

/** A service and the ports that it claimed first. */
interface Owner {
  readonly service: Service;
  readonly item: PortItem;
  /** Place of the service in the order of the jumps. */
  readonly order: number;
}

/**
 * Two services that match the same packets. Services are taken in the order of their jumps; each
 * claims its ports on its interface, and is reported with the first that had one of them before. No pair of
 * services is ever compared, so ten thousand services cost ten times what one thousand do.
 */
export const checkSamePackets: Check = ({ program }, accept) => {
  const claims = new Map<string, InterfaceClaims>();
  const names = new Set<string>();
  program.services.forEach((service, order) => {
    // A second service of the same name has its own message, and so has one that could not be read completely.
    if (names.has(service.name.value) || program.halfRead.has(service)) return;
    names.add(service.name.value);
    const tables = familiesOf(service).map((family) => {
      const key = `${family} ${service.protocol.value}`;
      const table = claims.get(key) ?? new InterfaceClaims();
      claims.set(key, table);
      return table;
    });
    const pattern = firstOption(service, "interface")?.name.value ?? "+";
    const clash = findClash(service, { tables, pattern });
    if (clash !== null) reportClash(service, { ...clash, accept });
    for (const item of service.ports.filter(isSoundPort)) {
      for (const table of tables) table.add(pattern, { service, item, order });
    }
  });
};

function familiesOf(service: Service): readonly Family[] {
  const narrowed = firstOption(service, "family");
  return narrowed === null ? FAMILIES : [narrowed.family];
}

function findClash(
  service: Service,
  { tables, pattern }: { readonly tables: readonly InterfaceClaims[]; readonly pattern: string },
): { readonly item: PortItem; readonly owner: Owner } | null {
  for (const item of service.ports.filter(isSoundPort)) {
    for (const table of tables) {
      const owner = table.find(pattern, item);
      if (owner !== null) return { item, owner };
    }
  }
  return null;
}

function reportClash(
  service: Service,
  given: { readonly item: PortItem; readonly owner: Owner; readonly accept: Accept },
): void {
  const [first, second] = [given.owner.service.name.value, service.name.value];
  given.accept(diagnose(CODES.samePackets, {
    message: `\`${first}\` and \`${second}\` match the same packets`,
    at: given.item.span,
    label: `\`${second}\` never sees what \`${first}\` took`,
    secondary: [{ span: given.owner.item.span, text: `\`${first}\` comes first` }],
    help: `give them different ports, interfaces or families, or merge them`,
  }));
}

/** First claims of ports, kept apart by the interface patterns that they were made for. */
class InterfaceClaims {
  /** Claims for one interface, by its name. */
  readonly #exact = new Map<string, PortClaims<Owner>>();
  /** Claims for all interfaces whose names start alike, by that start. */
  readonly #wild = new Map<string, PortClaims<Owner>>();
  /** Claims for all interfaces or patterns that start like this: what a wider pattern overlaps with. */
  readonly #under = new Map<string, PortClaims<Owner>>();

  find(pattern: string, ports: PortItem): Owner | null {
    const { start, wild } = split(pattern);
    const met = startsOf(start).map((shorter) => this.#wild.get(shorter));
    met.push(wild ? this.#under.get(start) : this.#exact.get(start));
    let first: Owner | null = null;
    for (const claims of met) {
      const owner = claims?.find(ports)?.owner ?? null;
      if (owner !== null && (first === null || owner.order < first.order)) first = owner;
    }
    return first;
  }

  add(pattern: string, owner: Owner): void {
    const { start, wild } = split(pattern);
    claim(wild ? this.#wild : this.#exact, { key: start, owner });
    for (const shorter of startsOf(start)) claim(this.#under, { key: shorter, owner });
  }
}

function claim(
  table: Map<string, PortClaims<Owner>>,
  { key, owner }: { readonly key: string; readonly owner: Owner },
): void {
  let claims = table.get(key);
  if (claims === undefined) table.set(key, claims = new PortClaims());
  claims.add(owner.item, owner);
}

/** `ppp+` is every name that starts with `ppp`, `+` alone is every name (iptables(8), `-i`). */
function split(pattern: string): { readonly start: string; readonly wild: boolean } {
  return pattern.endsWith("+")
    ? { start: pattern.slice(0, -1), wild: true }
    : { start: pattern, wild: false };
}

/** All starts of a name, from the empty one to the name itself. */
function startsOf(name: string): string[] {
  const kept = name.slice(0, MAX_INTERFACE_NAME);
  return Array.from({ length: kept.length + 1 }, (_, end) => kept.slice(0, end));
}
