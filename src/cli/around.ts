import type { Family } from "../firewall/address.ts";
import { good, type Result } from "../firewall/result.ts";
import type { Failure } from "../system/failure.ts";
import type { Surroundings } from "../system/system.ts";

/** What one iptables printed of all its tables. */
export interface Saved {
  /** As iptables-save prints it. */
  readonly text: string;
  /** Which one; empty where neither goes by its own name. */
  readonly backend: string;
}

/** The tables of both iptables; where neither goes by its own name, those of the one there is. */
export async function saveAll(
  surroundings: Surroundings,
  family: Family,
): Promise<Result<Saved[], Failure>> {
  const saved: Saved[] = [];
  for (const backend of ["nft", "legacy"] as const) {
    const read = await surroundings.saveAll(family, backend);
    if (read.ok) saved.push({ text: read.value, backend });
    else if (read.problem.kind !== "absent") return read;
  }
  if (saved.length > 0) return good(saved);
  const read = await surroundings.saveAll(family, "system");
  return read.ok ? good([{ text: read.value, backend: "" }]) : read;
}

/** What nft shows; `null` where there is none. What it cannot show is not known, and not an error. */
export async function readNft(surroundings: Surroundings): Promise<Result<string | null, Failure>> {
  const shown = await surroundings.nft();
  if (shown.ok) return shown;
  if (shown.problem.kind === "not-root") return shown;
  return good(shown.problem.kind === "absent" ? null : "");
}
