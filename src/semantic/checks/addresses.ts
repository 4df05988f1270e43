import { CODES } from "../../diagnostics/codes.ts";
import { diagnose } from "../../diagnostics/diagnostic.ts";
import { type Address, formatAddress } from "../../firewall/address.ts";
import { allowedAddresses, writtenAddresses } from "../address_items.ts";
import type { Check } from "../context.ts";
import { MAX_ADDRESSES } from "../define_table.ts";
import { FAMILY_NAMES } from "../../text/words.ts";

/** An address with host bits set: it may mean the host or the network. */
export const checkHostBits: Check = ({ program }, accept) => {
  for (const item of writtenAddresses(program)) {
    if (item.meaning.ok) continue;
    const { host, network } = item.meaning.problem;
    accept(diagnose(CODES.hostBits, {
      message: `\`${item.text}\` has host bits set`,
      at: item.span,
      label: "neither one host nor a network",
      help: `write \`${shortForm(host)}\` for the host, or \`${
        shortForm(network)
      }\` for the network`,
    }));
  }
};

/** A service that lets in a network of length 0, which is every address. */
export const checkEverybody: Check = ({ program, defines }, accept) => {
  for (const item of allowedAddresses(program, defines)) {
    if (!item.meaning.ok || item.meaning.value.prefix > 0) continue;
    accept(diagnose(CODES.allowsEverybody, {
      message: `\`${item.text}\` lets everyone in`,
      at: item.span,
      label: `every ${FAMILY_NAMES[item.meaning.value.family]} address`,
      help: "use the policy `accept` if that is meant",
    }));
  }
};

/** An address as people write it: a host has no length. */
function shortForm(address: Address): string {
  const full = formatAddress(address);
  return address.prefix === (address.family === "ipv4" ? 32 : 128)
    ? full.slice(0, full.lastIndexOf("/"))
    : full;
}

/** More addresses than a machine should have: in one `define`, or in all services together. */
export const checkAddressCount: Check = ({ defines, overflow }, accept) => {
  const limit = groupDigits(MAX_ADDRESSES);
  const help = "allow networks instead of single addresses";
  for (const define of defines.oversized) {
    accept(diagnose(CODES.tooManyAddresses, {
      message: `\`${define.name.value}\` expands to more than ${limit} addresses`,
      at: define.name.span,
      help,
    }));
  }
  if (overflow !== null) {
    accept(diagnose(CODES.tooManyAddresses, {
      message: `all services together allow more than ${limit} addresses`,
      at: overflow.span,
      label: "the limit is passed here",
      help,
    }));
  }
};

/** Prints 50000 as `50,000`. Intl does the same, but starting it takes 10 ms, whatever the file. */
function groupDigits(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
