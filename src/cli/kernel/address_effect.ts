// What the verbs of hooks load only on a terminal: see report/address_warning.ts. It includes the tracer,
// which is needed anyway, so that the bundler makes fewer files for a hook than for two loads.
import { type Address, formatAddress } from "../../firewall/address.ts";
import { observeService } from "../../firewall/survey.ts";
import type { Context, GlobalOptions } from "../command.ts";
import { readNft, readStages } from "./read_stages.ts";
import * as tracer from "./load_tracer.ts";
import { readTables, settle } from "./tables.ts";

/**
 * Finds out what a packet that opens a connection meets, from the first host of a network to the first port
 * of a service.
 *
 * @returns whether it is let in, and by what; `null` if that is unknown
 */
export async function traceAddress(
  context: Context,
  { global, name, address }: { global: GlobalOptions; name: string; address: Address },
): Promise<{ isIn: boolean; words: string } | null> {
  const { system } = context;
  const { family } = address;
  const tables = await readTables(context, { ...global, families: [family], familyAsked: true });
  const [first] = tables.ok ? await settle(tables.value, system.now()) : [];
  const table = first?.table;
  const observed = table === undefined ? null : observeService(table, name);
  const port = observed?.ports[0]?.from;
  if (observed === null || observed.protocol === null || port === undefined) return null;
  const nft = readNft(system);
  const read = await readStages(system, {
    family,
    nft,
    needsRoute: false,
    tracing: Promise.resolve(tracer),
  });
  if (!read.ok) return null;
  const { stages, addresses, backends, lists } = read.value;
  const now = system.now();
  const from = formatAddress(address).replace(/\/.*/, "");
  const options = { now, interface: observed.interface };
  const packet = tracer.packetFrom({ family, protocol: observed.protocol, port }, from, options);
  if (packet === null) return null;
  const trace = tracer.traceStages(
    stages,
    packet,
    addresses === null ? { lists } : { addresses, lists },
  );
  if (trace.verdict === "unknown" || trace.verdict === "queued") return null;
  return {
    isIn: trace.verdict === "accepted",
    words: tracer.describeTrace(trace, { now, backends }),
  };
}
