// Nobody locks himself out: what a verb asks before it writes. What answers is loaded only then, so that a
// hook of knockd, which has no terminal, pays for nothing of it.
import { loadGuarding } from "../lazy.ts";
import type { Console } from "../../system/system.ts";
import type { Command, Context, Invocation } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { ListedHosts } from "./kernel_doors.ts";
import type { FamilyEdits } from "./transaction.ts";

/** A change of the kernel that is about to be written. */
export interface GuardedChange {
  /** How the verb was called: `--force` and `--confirm` go on, `--dry-run` only tells. */
  readonly call: Invocation;
  /** The verb; `--confirm` is named as a way out where it takes it. */
  readonly verb: Command;
  /** The edits of each family. */
  readonly plans: readonly FamilyEdits[];
  /** The doors of kernel knocks that are closed beside the edits. Default: none. */
  readonly knocked?: readonly ListedHosts[];
  /** Where rules are unconfirmed: when they would be taken back. What is lost then counts as well. */
  readonly later?: Later | null;
  /**
   * What lets a peer in at a service beforehand, as a sentence or a command line; `null` where nothing does.
   * Default: the `pktables add` for it, or nothing where the kernel does not have the service.
   */
  readonly letIn?: (to: PeerToLetIn) => string | null;
}

/** A moment that counts beside the present one. */
export interface Later {
  /** The moment, in seconds since 1970. */
  readonly at: number;
  /** How a loss that is felt only then is told: `once …, `, or empty. */
  readonly when: string;
}

/** Someone who is to be let in beforehand. */
export interface PeerToLetIn {
  /** His address. */
  readonly peer: string;
  /** The service whose chain keeps him out. */
  readonly service: string;
  /** The command that opens a door for him, once the kernel has the service. */
  readonly add: string;
  /** Whether the service is made only now, so that it can have no door yet. */
  readonly isNew: boolean;
}

/**
 * Whether someone sits at a terminal who can be asked. Any of the three streams will do: a person may pipe a
 * file in or the messages away. Hooks of knockd, cron and systemd's units have none.
 */
export function isAttended(console: Console): boolean {
  return console.errIsTerminal || console.outIsTerminal || console.inIsTerminal;
}

/**
 * Looks whether a change cuts off someone who is connected by TCP, or would keep him out when he connects
 * again. On a terminal it is then refused, unless `--force` or `--confirm` was given; elsewhere it is one
 * warning. Nothing is asked of the machine where nothing is to be written.
 *
 * @returns the exit status that ends the verb, or `null` where it may go on
 */
export async function guardPeers(context: Context, change: GuardedChange): Promise<number | null> {
  const isNothing = (change.knocked ?? []).length === 0 &&
    change.plans.every(({ edits }) => edits.length === 0);
  if (isNothing) return null;
  const { reportLosses } = await loadGuarding();
  return await reportLosses(context, change);
}

/** The same for a verb of knockd's hooks: without a terminal nothing is looked at. */
export async function guardHook(context: Context, change: GuardedChange): Promise<number | null> {
  return isAttended(context.system.console) ? await guardPeers(context, change) : null;
}

/**
 * Says that a command does what is hardly meant: that it takes every service away, for instance.
 *
 * @param what one sentence without a full stop
 * @returns on a terminal, without `--force`, the exit status that ends the verb; else `null`
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
