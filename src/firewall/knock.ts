import type { Protocol } from "./service.ts";

/** One step of a knock. */
export interface KnockStep {
  /** 1-65535. */
  readonly port: number;
  /** Whether it is a TCP SYN or a UDP packet. */
  readonly protocol: Protocol;
}

/** A knock that opens a service. The kernel knows nothing of it: knockd listens for it. */
export interface Knock {
  /** Name of the service that it opens. */
  readonly service: string;
  /** In the order in which they are to be knocked, never empty. */
  readonly steps: readonly KnockStep[];
  /** Seconds that the whole knock may take, at least 1. */
  readonly within: number;
  /** Seconds for which the door then stays open; `null`: until it is closed by `delete`. */
  readonly for: number | null;
}
