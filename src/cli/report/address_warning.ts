import { type Address, formatAddress } from "../../firewall/address.ts";
import type { Context, GlobalOptions } from "../command.ts";

/**
 * Warns if a packet from an address meets something other than what the command was for. Only on a terminal:
 * it costs nothing in a hook of knockd.
 *
 * @param options `isOpen`: whether it should be let in now
 */
export async function reportOfAddress(
  context: Context,
  options: {
    readonly global: GlobalOptions;
    readonly name: string;
    readonly address: Address;
    readonly isOpen: boolean;
  },
): Promise<void> {
  if (!context.report.console.errIsTerminal) return;
  const { traceAddress } = await import("../kernel/address_effect.ts");
  const met = await traceAddress(context, options);
  if (met === null) return;
  const { isIn, words } = met;
  if (isIn === options.isOpen) return;
  const shown = formatAddress(options.address);
  context.report.warn(
    isIn ? `${shown} still gets in: ${words}` : `this door opens nothing: ${words}`,
  );
}
