import type { Address } from "../firewall/address.ts";
import { readChain } from "../firewall/chain_reader.ts";
import { good, type Result } from "../firewall/result.ts";
import { chainOf } from "../firewall/service.ts";
import type { FilterTable } from "../firewall/table.ts";
import type { ChainPlan } from "../plan/chain.ts";
import type { Failure } from "../system/failure.ts";
import type { UsageProblem } from "./args.ts";
import {
  type Context,
  DRY_RUN,
  type GlobalOptions,
  type Invocation,
  type OptionSpec,
} from "./command.ts";
import { readTables } from "./tables.ts";
import { change } from "./transaction.ts";
import { noService, readAddress, readName } from "./words.ts";

/** The option of the verbs that work on one door. */
export const SERVICE_OPTION = {
  name: "service",
  short: "s",
  value: "NAME",
  completes: "service",
  required: true,
} as const satisfies Omit<OptionSpec, "help">;

/** Which door a command is about. */
export interface DoorCall {
  /** The service, as it was named. */
  readonly name: string;
  /** The address; of a family that the command line does not exclude. */
  readonly address: Address;
}

/** Reads the service and the address that `add` and `delete` take. */
export function readDoorCall(call: Invocation): Result<DoorCall, UsageProblem> {
  const name = readName(call.options.get("service") ?? "");
  if (!name.ok) return name;
  const address = readAddress(call.operands[0] ?? "", call.global.families);
  return address.ok ? good({ name: name.value, address: address.value }) : address;
}

/**
 * Reads what a door depends on: the service's chain alone, so that a hook takes no longer for rules of
 * others, and the whole table where the chain does not tell enough or cannot be read by itself.
 */
async function readDoors(
  context: Context,
  { global, door: { name, address: { family } } }: { global: GlobalOptions; door: DoorCall },
): Promise<Result<FilterTable[], Failure>> {
  const chain = chainOf(name);
  const printed = await context.system.iptables(global).readChain(family, chain);
  if (printed.ok) {
    const table = readChain(printed.value, { chain, family });
    if (table !== null) return good([table]);
  } else if (GIVES_UP.has(printed.problem.kind)) return printed;
  return await readTables(context, global);
}

/** Failures after which another try would wait as long once more. */
const GIVES_UP: ReadonlySet<Failure["kind"]> = new Set(["locked", "timeout"]);

/** What is to be written to a service's chain, and what to say of it; or an exit status. */
export type DoorPlan<T> =
  | number
  | { readonly edits: ChainPlan["edits"]; readonly about: T };

/**
 * Changes one door: reads and writes the family of its address alone.
 *
 * @returns the exit status; that of a missing service if the family has no such chain
 */
export function changeDoor<T>(
  context: Context,
  { call, door, plan, done }: {
    call: Invocation;
    door: DoorCall;
    /** Returns an exit status to end without a change. */
    plan: (table: FilterTable, now: number) => DoorPlan<T> | Promise<DoorPlan<T>>;
    /** Says what was done; called when the kernel has it. */
    done: (about: T) => void | Promise<void>;
  },
): Promise<number> {
  const { name, address: { family } } = door;
  const global = { ...call.global, families: [family], familyAsked: true };
  return change(context, {
    global,
    read: () => readDoors(context, { global, door }),
    dryRun: call.options.has(DRY_RUN.name),
    plan: async (tables) => {
      const [table] = tables;
      if (table === undefined || !table.hasChain(chainOf(name))) {
        return noService(context, { name, tables, global });
      }
      // The time from here on counts: waiting for the lock may have taken a while.
      const planned = await plan(table, context.system.now());
      if (typeof planned === "number") return planned;
      return { plans: [{ family, edits: planned.edits }], about: planned.about };
    },
    done,
  });
}
