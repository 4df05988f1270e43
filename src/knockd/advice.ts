import type { Protocol } from "../firewall/service.ts";
import { PortClaims } from "../firewall/port_claims.ts";
import type { PortRange } from "../firewall/port.ts";
import type { ForeignCall } from "./foreign_call.ts";

/** The parts of a service of the rules file that advice needs. */
export interface KnownService {
  /** Its name. */
  readonly name: string;
  /** What its ports belong to. */
  readonly protocol: Protocol;
  /** Its ports. */
  readonly ports: readonly PortRange[];
}

/** The services of a rules file, by name and by port. */
export class KnownServices {
  readonly #names: ReadonlySet<string>;
  readonly #ports = { tcp: new PortClaims<string>(), udp: new PortClaims<string>() };

  /**
   * Indexes the services in the order of the file.
   *
   * @param services the first one of equal ports counts, as in the kernel
   */
  constructor(services: readonly KnownService[]) {
    this.#names = new Set(services.map(({ name }) => name));
    for (const { name, protocol, ports } of services) {
      for (const range of ports) this.#ports[protocol].add(range, name);
    }
  }

  /** Their names. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** The service that a foreign rule is about: the one with the first of its ports; otherwise `null`. */
  serviceFor({ protocol, ports }: ForeignCall): string | null {
    for (const range of ports ?? []) {
      const tcp = protocol === "udp" ? null : this.#ports.tcp.find(range);
      const found = tcp ?? (protocol === "tcp" ? null : this.#ports.udp.find(range));
      if (found !== null) return found.owner;
    }
    return null;
  }
}

/**
 * The command of pktables that does the same for one visitor as a foreign rule.
 *
 * @param time how long the door is to stay open; `null` if unknown
 */
export function insteadOf(
  call: ForeignCall,
  { services, time }: { readonly services: KnownServices; readonly time: string | null },
): string {
  const service = services.serviceFor(call) ?? "NAME";
  return call.does === "closes"
    ? `pktables delete %IP% --service ${service}`
    : `pktables add %IP% --service ${service} --for ${time ?? "TIME"}`;
}
