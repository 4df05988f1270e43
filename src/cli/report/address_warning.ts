import { type Address, formatAddress } from "../../firewall/address.ts";
import type { Context, GlobalOptions } from "../command.ts";

/**
 * Says what a packet from an address meets at a service, if that is not what the command was for. Only where
 * someone looks: a hook of knockd, whose standard error is no terminal, does not pay for it.
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
