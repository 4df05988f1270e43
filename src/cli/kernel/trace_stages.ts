// What `trace` reads: the kernel as it is, a rules file alone, or the kernel as it would be after `load`.
import type { Tracer } from "../lazy.ts";
import type { Family } from "../../firewall/address.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Service } from "../../firewall/service.ts";
import { planFollow } from "../../plan/follow.ts";
import { type Failure, failure } from "../../system/failure.ts";
import type { Stage } from "../../trace/stage.ts";
import type { Machine } from "../../trace/translate.ts";
import type { Context, GlobalOptions } from "../command.ts";
import { enterFile, enterKernel, readAround } from "./planned_stages.ts";
import { indexesOf, placeAll } from "./placement.ts";
import { readNft, readStages } from "./read_stages.ts";
import { readTables, settle } from "./tables.ts";

/** The stages for one family, and what is known about the machine. */
export interface Ground {
  /** The family of the packets. */
  readonly family: Family;
  /** See traceStages(). */
  readonly stages: readonly Stage[];
  /** The interface of the default route; `null` if unknown. */
  readonly interface: string | null;
  /** What else is known. */
  readonly machine: Machine;
  /** Whether both iptables have tables, so that a rule's backend has to be named. */
  readonly backends: boolean;
}

/** The request. */
export interface Wanted {
  /** The families. */
  readonly families: readonly Family[];
  /** How the verb was called. */
  readonly global: GlobalOptions;
  /** The services of a rules file; `null` for the kernel as it is. */
  readonly services: readonly Service[] | null;
  /** Whether the default route is needed. */
  readonly needsRoute: boolean;
  /** With services: whether to trace the kernel with them, not the file alone. */
  readonly all: boolean;
  /** The tracer, which may still be loading. */
  readonly tracing: Promise<Tracer>;
}

/**
 * Reads the stages that packets pass. Without IPv6 only IPv4 is read, with a note.
 *
 * @returns one for each family
 */
export async function readGrounds(
  context: Context,
  wanted: Wanted,
): Promise<Result<Ground[], Failure>> {
  const { families, services, all, tracing } = wanted;
  if (services === null) return await readKernel(context, wanted);
  if (all) return await readPlanned(context, { ...wanted, services });
  const tracer = await tracing;
  return ok(families.map((family) => {
    const { stages } = enterFile(tracer, { services, family });
    const machine = { lists: tracer.NOBODY_KNOCKED };
    return { family, stages, interface: null, machine, backends: false };
  }));
}

async function readKernel(
  { system, report }: Context,
  { families, needsRoute, tracing }: Pick<Wanted, "families" | "needsRoute" | "tracing">,
): Promise<Result<Ground[], Failure>> {
  const nft = readNft(system);
  const seen = await Promise.all(
    families.map((family) => readStages(system, { family, nft, needsRoute, tracing })),
  );
  const grounds: Ground[] = [];
  for (const one of seen) {
    if (one.ok) {
      const { family, stages, backends, addresses, outside, lists } = one.value;
      const machine = addresses === null ? { lists } : { addresses, lists };
      grounds.push({ family, stages, backends, interface: outside, machine });
    } else if (isWithout(one.problem) && grounds.length > 0) {
      report.note(`note: no IPv6 here (${one.problem.message})`);
    } else return one;
  }
  const shown = await nft;
  if (shown.ok && shown.value === null) {
    report.note("note: without nft, tables and matches that only nft shows are left out");
  }
  return ok(grounds);
}

/** Whether the machine lacks the second family, which is IPv6. */
function isWithout({ kind }: Failure): boolean {
  return kind === "absent" || kind === "no-family";
}

/** The kernel once a file is loaded, as `load` without an option would do it. */
async function readPlanned(
  context: Context,
  { families, global, services, tracing }: Wanted & { readonly services: readonly Service[] },
): Promise<Result<Ground[], Failure>> {
  const tables = await readTables(context, { ...global, families });
  if (!tables.ok) return tables;
  const { system } = context;
  const present = tables.value.map(({ family }) => family);
  const around = await readAround(system, { families: present, global });
  if (!around.ok) return around;
  const tracer = await tracing;
  const grounds: Ground[] = [];
  const standing = await settle(tables.value, system.now());
  const places = await placeAll(context, {
    tables: standing.map(({ table }) => table),
    services,
    append: false,
    move: false,
  });
  for (const [at, { table, edits: ahead }] of standing.entries()) {
    const one = around.value.find(({ family }) => family === table.family);
    const rules = { services, prune: false, now: system.now(), places: indexesOf(places[at]!) };
    const edits = [...ahead, ...planFollow(table, rules).edits];
    const entered = one === undefined ? null : enterKernel(tracer, { around: one, edits });
    if (one === undefined || entered === null) {
      const message = "the tables changed while they were read: run the command again";
      return err(failure("refused", message));
    }
    grounds.push({
      family: table.family,
      stages: entered.stages,
      interface: one.interface,
      machine: one.addresses === null
        ? { lists: one.knocked.lists }
        : { addresses: one.addresses, lists: one.knocked.lists },
      backends: entered.backends,
    });
  }
  return ok(grounds);
}
