import type { Tracer } from "../lazy.ts";
import type { Family } from "../../firewall/address.ts";
import { ok, type Result } from "../../result.ts";
import type { Failure } from "../../system/failure.ts";
import type { Backend, System } from "../../system/system.ts";
import type { KnownLists } from "../../trace/lists.ts";
import type { Stage } from "../../trace/stage.ts";

/** Everything that a packet of one family passes on its way to this machine. */
export interface FamilyStages {
  /** The family of the packets. */
  readonly family: Family;
  /** The chains, of both iptables and of the tables that only nft knows. */
  readonly stages: readonly Stage[];
  /** Whether both iptables have tables, so that a rule's backend has to be named. */
  readonly backends: boolean;
  /** The machine's own addresses; `null` if they cannot be read. */
  readonly addresses: readonly string[] | null;
  /** The interface of the default route; `null` if there is none, or more than one. */
  readonly outside: string | null;
  /** Who has knocked `by kernel`. */
  readonly lists: KnownLists;
}

/**
 * Reads what nft shows.
 *
 * @returns `null` without nft; empty if nft fails, which means unknown and is not an error
 */
export async function readNft({ surroundings }: System): Promise<Result<string | null, Failure>> {
  const shown = await surroundings.nft();
  if (shown.ok) return shown;
  if (shown.problem.kind === "not-root") return shown;
  return ok(shown.problem.kind === "absent" ? null : "");
}

/**
 * Reads all tables of one family. Starts iptables-save of both backends and ip.
 *
 * @param options `nft` as `readNft` gives it, once for both families; `needsRoute`: whether the default
 * route is needed; `tracing`: the tracer, which may still be loading
 */
export async function readStages(
  { surroundings, recent }: System,
  { family, nft, needsRoute, tracing }: {
    family: Family;
    nft: ReturnType<typeof readNft>;
    needsRoute: boolean;
    tracing: Promise<Tracer>;
  },
): Promise<Result<FamilyStages, Failure>> {
  // Concurrently: with 20,000 rules nft alone takes half a second.
  const [shown, saved, route, addresses] = await Promise.all([
    nft,
    saveAll(surroundings, family),
    needsRoute ? surroundings.defaultInterface(family) : null,
    surroundings.addresses(family),
  ]);
  if (!shown.ok) return shown;
  if (!saved.ok) return saved;
  const { allStages, readKnownLists, readTables } = await tracing;
  const rulesets = saved.value.map(({ text, backend }) => readTables(text, { family, backend }));
  return ok({
    family,
    stages: allStages(rulesets, shown.value),
    backends: rulesets.filter(({ tables }) => tables.size > 0).length > 1,
    addresses: addresses.ok ? addresses.value : null,
    outside: route?.ok ? route.value : null,
    lists: (await readKnownLists(recent, saved.value.map(({ text }) => text))).lists,
  });
}

/** The tables of one iptables. */
export interface Saved {
  /** As iptables-save prints it. */
  readonly text: string;
  /** Which one; empty if neither exists under its own name. */
  readonly backend: string;
}

/** The tables of both iptables; if neither exists under its own name, those of the only one. */
export async function saveAll(
  surroundings: System["surroundings"],
  family: Family,
): Promise<Result<Saved[], Failure>> {
  const backends: readonly Backend[] = ["nft", "legacy"];
  const reads = await Promise.all(backends.map((backend) => surroundings.saveAll(family, backend)));
  const saved: Saved[] = [];
  for (const [at, read] of reads.entries()) {
    if (read.ok) saved.push({ text: read.value, backend: backends[at]! });
    else if (read.problem.kind !== "absent") return read;
  }
  if (saved.length > 0) return ok(saved);
  const read = await surroundings.saveAll(family, "system");
  return read.ok ? ok([{ text: read.value, backend: "" }]) : read;
}
