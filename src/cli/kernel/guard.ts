// The guard against locking oneself out, which a verb calls before it writes. The code behind it is loaded
// only then, so that it costs nothing in a hook of knockd, which has no terminal.
import { loadGuarding } from "../lazy.ts";
import type { Console } from "../../system/system.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { ListedHosts } from "./kernel_doors.ts";
import type { FamilyEdits } from "./transaction.ts";

/** A change of the kernel that is about to be written. */
export interface GuardedChange {
  /** How the verb was called: `--force` and `--confirm` continue, `--dry-run` only reports. */
  readonly call: Invocation;
  /** The verb; `--confirm` is suggested if it takes it. */
  readonly verb: Command;
  /** The edits of each family. */
  readonly plans: readonly FamilyEdits[];
  /** The doors of kernel knocks that are closed beside the edits. Default: none. */
  readonly knocked?: readonly ListedHosts[];
  /** If rules are unconfirmed: when they would be taken back. What is lost then counts as well. */
  readonly later?: Later | null;
  /**
   * How to let a peer into a service beforehand, as a sentence or a command line; `null` if there is no way.
   * Default: the `pktables add` for it, or nothing if the kernel does not have the service.
   */
  readonly letIn?: (to: PeerToLetIn) => string | null;
}

/** A second moment that counts, besides now. */
export interface Later {
  /** The moment, in seconds since 1970. */
  readonly at: number;
  /** Prefix for a loss that happens only then: `once …, `, or empty. */
  readonly when: string;
}

/** A client that is to be let in beforehand. */
export interface PeerToLetIn {
  /** Its address. */
  readonly peer: string;
  /** The service whose chain keeps it out. */
  readonly service: string;
  /** The command that opens a door for it, once the kernel has the service. */
  readonly add: string;
  /** Whether the service is only being created, so that it can have no door yet. */
  readonly isNew: boolean;
}

/**
 * Whether there is someone at a terminal. Any of the three streams will do: a file may be piped in, or the
 * messages redirected. Hooks of knockd, cron and units of systemd have no terminal.
 */
export function isAttended(console: Console): boolean {
  return console.errIsTerminal || console.outIsTerminal || console.inIsTerminal;
}

/**
 * Checks whether a change cuts off a connected TCP client, or would keep it out when it connects again. On
 * a terminal the change is then refused, unless `--force` or `--confirm` was given; elsewhere there is one
 * warning. The machine is not read if nothing is to be written.
 *
 * @returns the exit status that ends the verb, or `null` if it may continue
 */
export async function guardPeers(context: Context, change: GuardedChange): Promise<number | null> {
  const isNothing = (change.knocked ?? []).length === 0 &&
    change.plans.every(({ edits }) => edits.length === 0);
  if (isNothing) return null;
  const { reportLosses } = await loadGuarding();
  return await reportLosses(context, change);
}

/** The same for a verb of knockd's hooks: without a terminal nothing is checked. */
export async function guardHook(context: Context, change: GuardedChange): Promise<number | null> {
  return isAttended(context.system.console) ? await guardPeers(context, change) : null;
}

/**
 * Reports that a command does something that is hardly intended, for instance removing every service.
 *
 * @param what one sentence without a full stop
 * @returns on a terminal, without `--force`, the exit status that ends the verb; otherwise `null`
 */
export function askForForce(
  { report, system }: Context,
  { call, what }: { readonly call: Invocation; readonly what: string },
): number | null {
  const mayGoOn = call.options.has("force") || call.options.has("dry-run") ||
    !isAttended(system.console);
  if (mayGoOn) {
    report.warn(what);
    return null;
  }
  report.error(`nothing was changed: ${what} (--force does it anyway)`);
  return EXIT.refused;
}
