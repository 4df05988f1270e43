// What packets would meet: the rules of a file on a machine without any others, or the kernel's once a
// plan is carried out.
import { loadTracer, type Tracer } from "../lazy.ts";
import type { Family } from "../../firewall/address.ts";
import { err, ok, type Result } from "../../result.ts";
import type { Edit } from "../../plan/edit.ts";
import type { Service } from "../../firewall/service.ts";
import { type Failure, failure } from "../../system/failure.ts";
import type { Surroundings, System } from "../../system/system.ts";
import type { Stage } from "../../trace/stage.ts";
import type { Knocked } from "./known_lists.ts";
import { readNft, saveAll, type Saved } from "./read_stages.ts";
import type { GlobalOptions } from "../command.ts";

/** Table `filter` as the kernel makes it. */
const EMPTY = "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n";

/** The stages that a packet passes, and their rules as text. */
export interface Entered {
  /** See traceStages(). */
  readonly stages: readonly Stage[];
  /** All rules, in any form, and the addresses on lists. */
  readonly texts: readonly string[];
  /** Whether both iptables have tables, so that a rule's backend has to be named. */
  readonly backends: boolean;
}

/** The stages of a machine that has the services of a file and no other rules. */
export function enterFile(
  { emitEmptyMachine, readTables, stagesOf }: Tracer,
  { services, family }: { services: readonly Service[]; family: Family },
): Entered {
  const payload = emitEmptyMachine({ services, family, version: "", source: "" });
  const text = payload.replace("*filter\n", "*filter\n:INPUT ACCEPT [0:0]\n");
  return { stages: stagesOf(readTables(text, { family })), texts: [text], backends: false };
}

/** Everything in the kernel around the planned tables. */
export interface Around {
  /** The family of the packets. */
  readonly family: Family;
  /** The tables of each iptables. */
  readonly saved: readonly Saved[];
  /** The backend of the one that will be written, as `saved` names it. */
  readonly own: string;
  /** What nft shows; `null` if there is none. */
  readonly nft: string | null;
  /** The interface of the default route; `null` if unknown. */
  readonly interface: string | null;
  /** The machine's addresses; `null` if unknown. */
  readonly addresses: readonly string[] | null;
  /** Who has knocked `by kernel`. */
  readonly knocked: Knocked;
}

/** Reads everything that decides packets of some families, concurrently. */
export async function readAround(
  system: System,
  { families, global }: { families: readonly Family[]; global: GlobalOptions },
): Promise<Result<Around[], Failure>> {
  const { surroundings } = system;
  const nft = readNft(system);
  const all = await Promise.all(families.map(async (family): Promise<Result<Around, Failure>> => {
    const route = surroundings.defaultInterface(family);
    const addresses = surroundings.addresses(family);
    const saved = await saveAll(surroundings, family);
    if (!saved.ok) return saved;
    const own = await ownBackend(surroundings, { family, global, saved: saved.value });
    if (!own.ok) return own;
    const shown = await nft;
    if (!shown.ok) return shown;
    const [by, known] = [await route, await addresses];
    const { readKnownLists } = await loadTracer();
    return ok({
      family,
      saved: saved.value,
      own: own.value,
      nft: shown.value,
      interface: by.ok ? by.value : null,
      addresses: known.ok ? known.value : null,
      knocked: await readKnownLists(system.recent, saved.value.map(({ text }) => text)),
    });
  }));
  const around: Around[] = [];
  for (const one of all) {
    if (!one.ok) return one;
    around.push(one.value);
  }
  return ok(around);
}

/** The tables that will be written, among those that were read. */
async function ownBackend(
  surroundings: Surroundings,
  { family, global, saved }: { family: Family; global: GlobalOptions; saved: readonly Saved[] },
): Promise<Result<string, Failure>> {
  const [first] = saved;
  if (first !== undefined && saved.length === 1) return ok(first.backend);
  if (global.backend !== "system") return ok(global.backend);
  const read = await surroundings.saveAll(family, "system");
  if (!read.ok) return read;
  const wanted = withoutCounters(read.value);
  const same = saved.find(({ text }) => withoutCounters(text) === wanted);
  return same === undefined
    ? err(failure("refused", "the tables changed while they were read: run the command again"))
    : ok(same.backend);
}

function withoutCounters(text: string): string {
  return text.split("\n").filter((line) => !line.startsWith("#"))
    .map((line) => line.replace(/^\[\d+:\d+\] /, "").replace(/ \[\d+:\d+\]$/, "")).join("\n");
}

/**
 * The stages in the kernel once a transaction is written.
 *
 * @returns `null` if the tables are no longer those that were planned for
 */
export function enterKernel(
  { readTables, allStages, editStages }: Tracer,
  { around, edits }: { around: Around; edits: readonly Edit[] },
): Entered | null {
  const { family, own, nft } = around;
  const { saved } = around;
  const rulesets = saved.map(({ text, backend }) => {
    const read = readTables(text, { family, backend });
    // A kernel that iptables never used has no table yet; the first rule creates it.
    const isMissing = backend === own && !read.tables.has("filter");
    return isMissing ? readTables(text + EMPTY, { family, backend }) : read;
  });
  const stages = editStages(allStages(rulesets, nft), { edits, family, backend: own });
  if (stages === null) return null;
  const written = edits.flatMap((edit) => "text" in edit ? [edit.text] : []);
  const texts = [
    ...saved.map(({ text }) => text),
    ...(nft === null ? [] : [nft]),
    ...written,
    // An address on a list differs from its neighbours.
    ...around.knocked.hosts,
  ];
  const backends = rulesets.filter(({ tables }) => tables.size > 0).length > 1;
  return { stages, texts, backends };
}
