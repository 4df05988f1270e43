import { CODES } from "../../diagnostics/codes.ts";
import type { Address, AddressProblem } from "../../firewall/address.ts";
import { formatAddress } from "../../firewall/address.ts";
import type { WrittenAddress } from "../address_table.ts";
import type { Accept, Check } from "../context.ts";
import { MAX_ADDRESSES } from "../define_table.ts";
import { report } from "../report.ts";

/** An address that is none, has too long a prefix or has host bits set. */
export const checkAddresses: Check = ({ addresses }, accept) => {
  for (const [item, read] of addresses) {
    if (!read.ok) tellProblem(item, { problem: read.problem, accept });
    else if (read.value.prefix === 0) {
      accept(report(CODES.allowsEverybody, {
        message: `\`${item.text}\` lets everybody in`,
        at: item.span,
        text: `every ${read.value.family === "ipv4" ? "IPv4" : "IPv6"} address`,
        help: "write the policy `accept` if that is meant",
      }));
    }
  }
};

function tellProblem(
  item: WrittenAddress,
  { problem, accept }: { readonly problem: AddressProblem; readonly accept: Accept },
): void {
  if (problem.kind === "host-bits") {
    const [host, network] = [shortForm(problem.host), shortForm(problem.network)];
    accept(report(CODES.hostBits, {
      message: `\`${item.text}\` has host bits set`,
      at: item.span,
      text: "neither one host nor a network",
      help: `write \`${host}\` for the host, or \`${network}\` for the network`,
    }));
  } else if (problem.kind === "prefix") {
    accept(report(CODES.badPrefixLength, {
      message: `\`${item.text}\` has no prefix length from 0 to ${problem.max}`,
      at: item.span,
    }));
  } else {
    accept(report(CODES.badAddress, { message: `\`${item.text}\` is no address`, at: item.span }));
  }
}

/** An address as people write it: without the length where it is one host. */
export function shortForm(address: Address): string {
  const full = formatAddress(address);
  return address.prefix === (address.family === "ipv4" ? 32 : 128)
    ? full.slice(0, full.lastIndexOf("/"))
    : full;
}

/** More addresses than a machine should hold: in one `define`, or in all services together. */
export const checkAddressCount: Check = ({ defines, overflow }, accept) => {
  const limit = MAX_ADDRESSES.toLocaleString("en-US");
  const help = "allow networks instead of single addresses";
  for (const define of defines.oversized) {
    accept(report(CODES.tooManyAddresses, {
      message: `\`${define.name.value}\` expands to more than ${limit} addresses`,
      at: define.name.span,
      help,
    }));
  }
  if (overflow !== null) {
    accept(report(CODES.tooManyAddresses, {
      message: `all services together allow more than ${limit} addresses`,
      at: overflow.span,
      text: "the limit is passed here",
      help,
    }));
  }
};
