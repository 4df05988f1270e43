import { loadPending } from "../lazy.ts";
import type { Address } from "../../firewall/address.ts";
import { readChains } from "../../firewall/chain_reader.ts";
import { ok, type Result } from "../../result.ts";
import { chainOf } from "../../firewall/service.ts";
import type { FilterTable } from "../../firewall/table.ts";
import type { ChainPlan } from "../../plan/chain.ts";
import type { Edit } from "../../plan/edit.ts";
import type { Failure } from "../../system/failure.ts";
import type { UsageProblem } from "../args.ts";
import {
  type Context,
  DRY_RUN,
  type GlobalOptions,
  type Invocation,
  type OptionSpec,
} from "../command.ts";
import { readTables } from "./tables.ts";
import { change } from "./transaction.ts";
import { noService, readAddress, readName } from "../input/words.ts";

/** The option of the verbs that work on one door. */
export const SERVICE_OPTION = {
  name: "service",
  short: "s",
  value: "NAME",
  completes: "service",
  required: true,
  repeats: true,
} as const satisfies Omit<OptionSpec, "help">;

/** Which doors a command is about: one in each service, all for one address. */
export interface DoorCall {
  /** The services, as they were named, each once. */
  readonly names: readonly string[];
  /** The address; of a family that the command line does not exclude. */
  readonly address: Address;
}

/** Parses the services and the address that `add` and `delete` take. */
export function readDoorCall(call: Invocation): Result<DoorCall, UsageProblem> {
  const names = new Set<string>();
  for (const text of call.repeated.get("service") ?? []) {
    const name = readName(text);
    if (!name.ok) return name;
    names.add(name.value);
  }
  const address = readAddress(call.operands[0] ?? "", call.global.families);
  return address.ok ? ok({ names: [...names], address: address.value }) : address;
}

/**
 * Reads what doors depend on: only the services' chains, so that foreign rules do not slow down a hook,
 * and the whole table if a chain is not enough or cannot be read by itself.
 */
async function readDoors(
  context: Context,
  { global, door: { names, address: { family } } }: { global: GlobalOptions; door: DoorCall },
): Promise<Result<FilterTable[], Failure>> {
  const iptables = context.system.iptables(global);
  const texts = new Map<string, string>();
  for (const chain of names.map(chainOf)) {
    const printed = await iptables.readChain(family, chain);
    if (!printed.ok) {
      if (GIVES_UP.has(printed.problem.kind)) return printed;
      return await readTables(context, global);
    }
    texts.set(chain, printed.value);
  }
  const table = readChains(texts, family);
  return table === null ? await readTables(context, global) : ok([table]);
}

/** Failures after which another try would wait just as long. */
const GIVES_UP: ReadonlySet<Failure["kind"]> = new Set(["locked", "timeout"]);

/** The planned change of one service's door. */
export interface DoorPlan<T> {
  /** The change of the service's chain. */
  readonly edits: ChainPlan["edits"];
  /** What the verb reports about it. */
  readonly about: T;
}

/** The change that was made to one service's door. */
export interface DoorOutcome<T> {
  /** The service. */
  readonly name: string;
  /** What the verb reports about it. */
  readonly about: T;
}

/**
 * Changes the doors of an address in all services in one transaction: reads and writes only the family of
 * the address.
 *
 * @returns one for each service, once the kernel has them; otherwise the exit status, that of a missing service
 * if the family lacks one of the chains, and then nothing is changed
 */
export function changeDoors<T>(
  context: Context,
  { call, door, plan, ready }: {
    call: Invocation;
    door: DoorCall;
    /** Called for one service after the other; returns an exit status to end without a change. */
    plan: (
      table: FilterTable,
      given: { name: string; now: number },
    ) => number | DoorPlan<T> | Promise<number | DoorPlan<T>>;
    /**
     * Called once all is planned, before writing, also with the last second of unconfirmed rules. An exit
     * status ends the command; lines are what `--dry-run` shows beside the edits.
     */
    ready?: (
      edits: readonly Edit[],
      until: number | null,
    ) => Promise<number | readonly string[]>;
  },
): Promise<Result<readonly DoorOutcome<T>[], number>> {
  const { names, address: { family } } = door;
  const global = { ...call.global, families: [family], familyAsked: true };
  const finish = async (
    { edits, about, until }: {
      edits: readonly Edit[];
      about: readonly DoorOutcome<T>[];
      until: number | null;
    },
  ) => {
    const besides = await ready?.(edits, until) ?? [];
    return typeof besides === "number" ? besides : { plans: [{ family, edits }], about, besides };
  };
  return change<readonly DoorOutcome<T>[]>(context, {
    global,
    read: () => readDoors(context, { global, door }),
    dryRun: call.options.has(DRY_RUN.name),
    copes: true,
    plan: async (tables) => {
      const [table] = tables;
      // Only now: waiting for the lock may have taken a while.
      const now = context.system.now();
      if (table?.mayBeUnconfirmed === true) {
        const { planBoth } = await loadPending();
        const both = await planBoth(context, { table, names, now, plan });
        if (typeof both === "number") return both;
        if (!("missing" in both)) return await finish(both);
        return noService(context, { name: both.missing, tables, global });
      }
      const missing = names.find((name) => table?.hasChain(chainOf(name)) !== true);
      if (table === undefined || missing !== undefined) {
        return noService(context, { name: missing ?? "", tables, global });
      }
      const edits: Edit[] = [];
      const about: DoorOutcome<T>[] = [];
      for (const name of names) {
        const planned = await plan(table, { name, now });
        if (typeof planned === "number") return planned;
        edits.push(...planned.edits);
        about.push({ name, about: planned.about });
      }
      return await finish({ edits, about, until: null });
    },
  });
}
