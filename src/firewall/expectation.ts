import type { Span } from "../source/span.ts";
import type { Address, Family } from "./address.ts";
import type { Policy, Protocol } from "./service.ts";

/** What must happen to a packet, according to a rules file. */
export interface Expectation {
  /** TCP or UDP. */
  readonly protocol: Protocol;
  /** The destination port, 1 to 65535. */
  readonly port: number;
  /** The families of its addresses. */
  readonly families: readonly Family[];
  /** The senders: each of these addresses; `null` for an address that no rule names. */
  readonly from: readonly Address[] | null;
  /** The machine's address that it is sent to; `null` for any. */
  readonly to: Address | null;
  /** The interface that it comes in on; `null` if none is given. */
  readonly interface: string | null;
  /** Whether it belongs to an established connection. */
  readonly established: boolean;
  /** The expected verdict. */
  readonly policy: Policy;
  /** The statement in canonical form. */
  readonly text: string;
  /** The place of the statement. */
  readonly span: Span;
  /** The place of its verdict. */
  readonly verdict: Span;
}
