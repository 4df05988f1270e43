import type { Span } from "../source/span.ts";
import type { Address, Family } from "./address.ts";
import type { Policy, Protocol } from "./service.ts";

/** What a rules file says a packet has to meet. */
export interface Expectation {
  /** How it is sent. */
  readonly protocol: Protocol;
  /** Where to, 1 to 65535. */
  readonly port: number;
  /** Families in which it is sent: those of its addresses. */
  readonly families: readonly Family[];
  /** Who sends it: each of these addresses; `null` for someone whom no rule names. */
  readonly from: readonly Address[] | null;
  /** The machine's address that it is sent to; `null` for any. */
  readonly to: Address | null;
  /** The interface that it comes in on; `null` where it is not said. */
  readonly interface: string | null;
  /** Whether it belongs to a connection that stands. */
  readonly established: boolean;
  /** What has to become of it. */
  readonly policy: Policy;
  /** The statement in canonical form. */
  readonly text: string;
  /** Where the statement stands. */
  readonly span: Span;
  /** Where its verdict stands. */
  readonly verdict: Span;
}
