import type { Host } from "./network.ts";
import { ANYONE, TCP, UDP } from "./packet.ts";
import type { State } from "./state.ts";

/** The beginning of a rule as iptables-save prints it: everything before the first `!` or extension. */
const START =
  /^(?:-s (\S+)\/(\d+) )?(?:-d \S+ )?(?:-i (\S+) )?(?:-p (tcp|udp) (?:-m (?:tcp|udp) --dport (\d+) )?)?/;

/** Source networks that are at least this narrow name their members, and no outsider: see network.ts. */
const NARROW = 12;
const PROTOCOLS: Readonly<Record<string, number>> = { tcp: TCP, udp: UDP };

/** The parsed first words of a rule; undefined for missing ones. */
interface Start {
  /** Prefix length of the source. */
  readonly bits?: number;
  /** The source, if it is a single IPv4 address. */
  readonly host?: string;
  readonly interface?: string;
  readonly protocol?: number;
  readonly port?: number;
}

function readStart(text: string): Start {
  const [, address, length, name, protocol, port] = START.exec(text) ?? [];
  const bits = Number(length);
  return {
    ...(address === undefined ? {} : { bits }),
    ...(address !== undefined && bits === 32 && address.includes(".") ? { host: address } : {}),
    ...(name !== undefined && /^[\w.-]+$/.test(name) ? { interface: name } : {}),
    ...(protocol === undefined ? {} : { protocol: PROTOCOLS[protocol] ?? 0 }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

/** The first words of a chain's rules: most rules of a long chain are for other sources. */
export class Glance {
  readonly #starts: readonly Start[];
  /** The last source looked up, in the notation of rules. */
  #source: Host | null = null;
  #printed = "";

  /** Scans the first words of all rules: that is far cheaper than parsing one. */
  constructor(lines: readonly string[]) {
    this.#starts = lines.map(readStart);
  }

  /** Whether a rule certainly does not match; false if it has to be evaluated. */
  cannotHold(index: number, { packet, interface: name, port }: State): boolean {
    const start = this.#starts[index];
    if (start === undefined) return false;
    if (start.port !== undefined && port !== null && start.port !== port) return true;
    if (start.protocol !== undefined && start.protocol !== packet.protocol) return true;
    if (start.interface !== undefined && name !== null && start.interface !== name) return true;
    if (start.bits === undefined) return false;
    if (packet.source === ANYONE) return start.bits >= NARROW;
    return start.host !== undefined && packet.family === "ipv4" &&
      start.host !== this.#print(packet.source);
  }

  #print(source: Host): string {
    if (source !== this.#source) [this.#source, this.#printed] = [source, source.join(".")];
    return this.#printed;
  }
}
