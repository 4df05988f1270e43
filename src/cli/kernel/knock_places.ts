// Where the jumps to the chains of kernel knocks go in INPUT: ahead of anything that decides packets to one
// of the knock's ports or a neighbour of one, including services of this tool. Such a chain itself decides
// nothing.
import { knockChainsOf } from "../../firewall/kernel_knock.ts";
import { chainOf, knockedServiceOf, type Service } from "../../firewall/service.ts";
import type { FilterTable, ObservedRule } from "../../firewall/table.ts";
import { knockPlace } from "../../plan/service.ts";
import type { Place, Placement } from "../report/place.ts";

/** Chains of one kind whose jumps are placed. */
export interface PlacedChains {
  /** The chain of a service by its name. */
  readonly of: (name: string) => string;
  /** Whether a rule of INPUT is a jump to one of them. */
  readonly isJump: (rule: ObservedRule) => boolean;
}

/** What a knock's chain hears of one protocol, as a service with those ports. */
interface Knocked {
  readonly service: Service;
  readonly chain: string;
  /** The service that is knocked for. */
  readonly name: string;
}

const KNOCKS: PlacedChains = {
  of: (name) => name.slice(0, name.indexOf(" ")),
  isJump: ({ rule }) => rule.kind === "jump" && knockedServiceOf(rule.chain) !== null,
};

/**
 * Adds to the places of services those of the jumps to their knocks' chains, under the names of
 * `knockPlace`. They go ahead of all services that are placed: one of those might take the packet.
 *
 * @param find places jumps as those of services are placed
 */
export async function addKnockPlaces(
  own: Placement,
  { table, services, find }: {
    table: FilterTable;
    services: readonly Service[];
    find: (knocks: readonly Service[], chains: PlacedChains) => Promise<Placement>;
  },
): Promise<Placement> {
  const knocked = services.filter(({ families }) => families.includes(table.family))
    .flatMap((service) => knockedOf(service, table));
  const found = await find(knocked.map(({ service }) => service), KNOCKS);
  const first = [...own.places.values()].toSorted((a, b) => a.at - b.at)[0];
  const places = new Map<string, Place>(own.places);
  for (const { service, chain } of knocked) {
    const taker = findTaker(service, { chain, table, services, places: own.places });
    const isStanding = table.jumpsTo(chain).length > 0;
    const name = knockPlace(chain);
    const wanted = [
      found.places.get(service.name),
      isStanding ? taker : first,
      places.get(name),
    ].filter((place) => place !== undefined).toSorted((a, b) => a.at - b.at)[0];
    if (wanted !== undefined) places.set(name, { ...wanted, cuts: false, overruled: [] });
  }
  const owners = new Map(knocked.map(({ service, name }) => [service.name, name]));
  const unknown = found.unknown.map((one) => (
    { ...one, name: `the knock of ${owners.get(one.name)}` }
  ));
  return { places, unknown: [...own.unknown, ...unknown] };
}

/**
 * The first place at which a service of the file is, or will be, ahead of existing jumps to a knock's chain
 * and takes packets of the knock.
 */
function findTaker(
  knocked: Service,
  { chain, table, services, places }: {
    chain: string;
    table: FilterTable;
    services: readonly Service[];
    places: Placement["places"];
  },
): Pick<Place, "at" | "text"> | undefined {
  const input = table.rules("INPUT");
  const last = Math.max(...table.jumpsTo(chain).map((jump) => input.indexOf(jump)));
  return services.flatMap((service) => {
    const takes = service.families.includes(table.family) &&
      service.protocol === knocked.protocol &&
      knocked.ports.some((heard) =>
        service.ports.some(({ from, to }) => from <= heard.to && heard.from <= to)
      );
    if (!takes) return [];
    const standing = table.jumpsTo(chainOf(service.name)).map((jump) => input.indexOf(jump));
    const at = Math.min(...standing, places.get(service.name)?.at ?? Infinity);
    return at > last ? [] : [{ at, text: input[at]?.text ?? "" }];
  }).toSorted((a, b) => a.at - b.at)[0];
}

function knockedOf(service: Service, { family }: FilterTable): Knocked[] {
  return knockChainsOf(service, family).flatMap(({ chain, jumps }) =>
    (["tcp", "udp"] as const).map((protocol): Knocked => {
      // The neighbours too: one that is decided ahead of the chain does not reset the knock in a scan.
      const ports = jumps.flatMap(({ match }) => match?.protocol === protocol ? match.ports : []);
      const { families, interface: on, name } = service;
      return {
        chain,
        name,
        service: {
          name: `${chain} ${protocol}`,
          protocol,
          ports,
          syn: protocol === "tcp",
          // A chain that decides nothing changes nothing about what gets through.
          policy: "accept",
          families,
          interface: on,
          established: false,
          log: null,
          allow: null,
        },
      };
    })
  );
}
