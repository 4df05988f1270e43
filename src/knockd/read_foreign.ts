// Parses commands of other firewall programs, as far as a rules file can express them.
import { baseName, type Call } from "./called.ts";
import type { ForeignCall } from "./foreign_call.ts";
import { readIptables } from "./foreign_iptables.ts";
import { readUfw } from "./foreign_ufw.ts";

/** Firewall programs whose rules are outside of pktables. */
const FOREIGN = /^(?:ip6?tables(?:-nft|-legacy)?(?:-restore)?|nft|ufw|firewall-cmd)$/;

/**
 * Reads a call of another firewall program.
 *
 * @returns what it does, or `null` if the program is not one of those
 */
export function readForeign({ program, args }: Call): ForeignCall | null {
  const name = baseName(program.text);
  if (!FOREIGN.test(name)) return null;
  if (/^ip6?tables/.test(name) && !name.endsWith("-restore")) {
    return { ...readIptables(args, name), program: name, word: program };
  }
  if (name === "ufw") return { ...readUfw(args), program: name, word: program };
  return {
    program: name,
    word: program,
    does: null,
    byNumber: null,
    source: args.some(({ text }) => text.includes("%IP%")) ? "%IP%" : null,
    protocol: null,
    ports: null,
    syn: false,
    interface: null,
    families: ["ipv4", "ipv6"],
    unsaid: [{ word: program, why: "is not understood" }],
  };
}
