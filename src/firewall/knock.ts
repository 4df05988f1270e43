import type { KnockStep, Service } from "./service.ts";

export type { KnockStep };

/** A knock that opens a service. */
export interface Knock {
  /** Name of the service that it opens. */
  readonly service: string;
  /** In the order of the knock; empty only with `once`. */
  readonly steps: readonly KnockStep[];
  /** Absolute path of the file of one-time sequences to knock instead; `null` for none. */
  readonly once: string | null;
  /** Seconds that the whole knock may take, at least 1. */
  readonly within: number;
  /** Seconds for which the door then stays open; `null`: until it is closed by `delete`. */
  readonly for: number | null;
  /** The steps that close the door, never empty; `null` if none are given. */
  readonly close: readonly KnockStep[] | null;
  /** Set if the kernel hears it; otherwise knockd does. */
  readonly by?: "kernel";
}

/** Prints the steps of a knock as rules files and knock(1) write them, one by one: `8143:udp`, `7311`. */
export function printSteps(steps: readonly KnockStep[]): string[] {
  return steps.map(({ port, protocol }) => protocol === "udp" ? `${port}:udp` : `${port}`);
}

/** A knock that opens several services at once, or one. */
export interface SharedKnock extends Omit<Knock, "service"> {
  /** Names of the services, in the order of the file, each once. */
  readonly services: readonly string[];
}

/**
 * Joins knocks that differ only in their service: one command opens all of those services.
 *
 * @param knocks in the order of the file
 * @param services those that they open: only services of the same families are joined, because a command
 * for an address fails if one of its services does not exist
 * @returns each with the services that it opens, in the order of the first of them
 */
export function shareKnocks(
  knocks: readonly Knock[],
  services: readonly Pick<Service, "name" | "families">[],
): SharedKnock[] {
  const families = new Map(services.map((service) => [service.name, service.families]));
  const shared = new Map<string, SharedKnock & { services: string[] }>();
  for (const { service, ...knock } of knocks) {
    const { steps, once, within, for: end, close, by } = knock;
    const key = JSON.stringify([steps, once, within, end, close, by, families.get(service)]);
    const known = shared.get(key);
    if (known === undefined) shared.set(key, { ...knock, services: [service] });
    else if (!known.services.includes(service)) known.services.push(service);
  }
  return [...shared.values()];
}

/** Sequences in knockd's manual or in the file that its packages install. */
const FAMOUS = [
  "7000:tcp,8000:tcp,9000:tcp",
  "9000:tcp,8000:tcp,7000:tcp",
  "2222:udp,3333:tcp,4444:udp",
  "12345:tcp,54321:tcp,24680:tcp,13579:tcp",
];

/**
 * Whether strangers may knock a sequence: because it is a published example, or because a port scan that
 * counts upwards visits its ports in order. knockd hears only the ports of its sections, so what
 * a scan knocks in between does not matter; a scan goes through one protocol after the other.
 *
 * @returns `null` if it is neither
 */
export function easyKnock(steps: readonly KnockStep[]): "famous" | "rising" | null {
  if (steps.length === 0) return null;
  if (FAMOUS.includes(steps.map(({ port, protocol }) => `${port}:${protocol}`).join(","))) {
    return "famous";
  }
  const rises = steps.every(({ port, protocol }, at) => {
    const before = steps[at - 1];
    return before === undefined || (before.port < port && before.protocol === protocol);
  });
  return rises && steps.length > 1 ? "rising" : null;
}

/**
 * The same for a knock that the kernel hears. A port near one of its own resets it, so a scan completes it
 * only if there is none between one step and the next, upwards or downwards.
 */
export function easyForKernel(steps: readonly KnockStep[]): "famous" | "rising" | null {
  const easy = easyKnock(steps);
  if (easy === "famous" || steps.length < 2) return easy;
  const isScan = (by: number) =>
    steps.every(({ port, protocol }, at) => {
      const before = steps[at - 1];
      return before === undefined || (before.port + by === port && before.protocol === protocol);
    });
  return isScan(1) || isScan(-1) ? "rising" : null;
}
