// What the verbs of hooks load only on a terminal: see whereabouts.ts.
import { type Address, formatAddress } from "../firewall/address.ts";
import { seeService } from "../firewall/survey.ts";
import type { Context, GlobalOptions } from "./command.ts";
import { readNft, readStages } from "./stages.ts";
import { readTables, settle } from "./tables.ts";
import { describeTrace, packetFrom, traceStages } from "./tracing.ts";

/**
 * Finds out what a packet that opens a connection meets, from the first host of a network to the first port
 * of a service.
 *
 * @returns whether it is let in, and by what; `null` where that is not known
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
  const seen = table === undefined ? null : seeService(table, name);
  const port = seen?.ports[0]?.from;
  if (seen === null || seen.protocol === null || port === undefined) return null;
  const read = await readStages(system, { family, nft: readNft(system), needsRoute: false });
  if (!read.ok) return null;
  const { stages, addresses, backends } = read.value;
  const now = system.now();
  const from = formatAddress(address).replace(/\/\d+$/, "");
  const options = { now, interface: seen.interface };
  const packet = packetFrom({ family, protocol: seen.protocol, port }, from, options);
  if (packet === null) return null;
  const trace = traceStages(stages, packet, addresses === null ? {} : { addresses });
  if (trace.verdict === "unknown" || trace.verdict === "queued") return null;
  return { isIn: trace.verdict === "accepted", words: describeTrace(trace, { now, backends }) };
}
