// A reader of iptables-save text for checking end states. It shares no code with the program under
// test on purpose: the same error in both could not be found.
import type { Family } from "./iptables_text.ts";

/** A rule that lets one address in. */
export interface ObservedDoor {
  /** As iptables prints it, with its length. */
  readonly address: string;
  /** `--datestop` of a timed door. */
  readonly until: string | null;
  /** Whether a rules file allows it. */
  readonly isAllowed: boolean;
}

/** One chain `pk-…` of the `filter` table. */
export interface ObservedChain {
  readonly name: string;
  /** All rules, without `-A CHAIN`. */
  readonly rules: readonly string[];
  readonly doors: readonly ObservedDoor[];
  /** How many rules elsewhere jump to it. */
  readonly jumps: number;
}

const DOOR =
  /^-s (\S+)(?: -m time --datestop (\S+))?(?: -m comment --comment pk-allow)? -j ACCEPT$/;
/**
 * iptables-save leaves `-s 0.0.0.0/0` and `-s ::/0` out: a door to everyone says by its comment that it is
 * one. It comes first in address order.
 */
const EVERYBODY = /^-m comment --comment pk-door(?: -m time --datestop (\S+))? -j ACCEPT$/;
/** A TCP service rejects by reset, which iptables takes only of a rule that matches TCP itself. */
const END = /^(-p tcp )?-j (DROP|ACCEPT|REJECT( --reject-with \S+)?)$/;
/** Rules that this program writes; others are foreign and stay where they were put. */
const KNOWN = [DOOR, END, / -j LOG( |$)/, /^-j LOG( |$)/];

/**
 * Reads the chains `pk-…`.
 *
 * @param saved Normalized iptables-save text of one family, without counters.
 * @returns The chains in the order of their declarations.
 */
export function readChains(saved: string): ObservedChain[] {
  const lines = (saved.split("*filter\n")[1] ?? "").split("COMMIT\n")[0]?.split("\n") ?? [];
  // In a chain with a number behind its name the kernel hears a knock; it decides nothing.
  const isService = (line: string) => /^:pk-(?!\S*\.\d+ )/.test(line);
  return lines.filter(isService).map((line) => {
    const name = line.slice(1).split(" ")[0] ?? "";
    const rules = lines.filter((rule) => rule.startsWith(`-A ${name} `))
      .map((rule) => rule.slice(`-A ${name} `.length));
    const doors = rules.flatMap((rule) => {
      const everybody = EVERYBODY.exec(rule);
      if (everybody !== null) {
        return [{ address: "0.0.0.0/0", until: everybody[1] ?? null, isAllowed: false }];
      }
      const [, address, until] = DOOR.exec(rule) ?? [];
      const isAllowed = rule.includes(" --comment pk-allow ");
      return address === undefined ? [] : [{ address, until: until ?? null, isAllowed }];
    });
    const jumps = lines.filter((rule) => rule.startsWith("-A ") && rule.endsWith(` -j ${name}`));
    return { name, rules, doors, jumps: jumps.length };
  });
}

/**
 * What must never be, after any command, killed or not: a jump into an empty chain, a chain that is
 * not ended by a verdict, a rule of ours behind the verdict that ends the chain.
 *
 * @param saved Normalized iptables-save text of one family, without counters.
 * @returns One sentence for each fault; empty if there is none.
 */
export function structuralFaults(saved: string): string[] {
  return readChains(saved).flatMap(({ name, rules, jumps }) => {
    if (rules.length === 0) return jumps > 0 ? [`${name} is empty and jumped to`] : [];
    const end = rules.findIndex((rule) => END.test(rule));
    if (end < 0) return [`${name} has no end`];
    return rules.slice(end + 1).filter((rule) => KNOWN.some((shape) => shape.test(rule)))
      .map((rule) => `${name}: behind its end stands ${rule}`);
  });
}

/**
 * What must not be after a command that succeeded, besides {@link structuralFaults}: doors out of
 * address order, an address twice, a chain that nothing jumps to.
 *
 * @param saved Normalized iptables-save text of one family, without counters.
 * @returns One sentence for each fault; empty if there is none.
 */
export function faults(saved: string): string[] {
  return [
    ...structuralFaults(saved),
    ...readChains(saved).flatMap(({ name, doors, jumps }) => [
      ...(jumps === 0 ? [`${name} is not jumped to`] : []),
      ...doors.slice(1).flatMap((door, index) => {
        const before = doors[index] ?? door;
        const order = compareAddresses(before.address, door.address);
        // One address may stand twice: allowed by a file, and behind that let in by someone.
        if (order < 0 || order === 0 && before.isAllowed && !door.isAllowed) return [];
        return [`${name}: ${door.address} stands behind ${before.address}`];
      }),
    ]),
  ];
}

/**
 * The same of a chain that others worked on as well: only what packets reach counts, since dead rules stay as
 * they are, and doors are in order between two foreign rules, which none of them crosses.
 *
 * @param saved Normalized iptables-save text of one family, without counters.
 * @returns One sentence for each fault; empty if there is none.
 */
export function reachedFaults(saved: string): string[] {
  return readChains(saved).flatMap(({ name, rules, jumps }) => {
    const end = rules.findIndex((rule) => END.test(rule));
    const parts: string[][] = [[]];
    for (const rule of end < 0 ? rules : rules.slice(0, end + 1)) {
      if (KNOWN.some((shape) => shape.test(rule)) && !/-j LOG/.test(rule)) parts.at(-1)!.push(rule);
      else parts.push([]);
    }
    const head = `*filter\n:${name} - [0:0]\n`;
    const jump = `-A INPUT -j ${name}\n`.repeat(jumps);
    const disorder = parts.flatMap((part) =>
      faults(`${head}${jump}${part.map((rule) => `-A ${name} ${rule}\n`).join("")}COMMIT\n`)
        .filter((fault) => / stands behind /.test(fault))
    );
    return [
      ...(end < 0 ? [`${name} has no end`] : []),
      ...(jumps === 0 ? [`${name} is not jumped to`] : []),
      ...disorder,
    ];
  });
}

/**
 * Address order: by the number, a shorter prefix before a longer one at the same number.
 *
 * @param a An address of iptables-save, with its length.
 * @param b Another of the same family.
 * @returns Negative, 0 or positive, as for `Array.prototype.sort`.
 */
export function compareAddresses(a: string, b: string): number {
  const [left, right] = [toNumber(a), toNumber(b)];
  if (left.bits !== right.bits) return left.bits < right.bits ? -1 : 1;
  return left.length - right.length;
}

function toNumber(text: string): { bits: bigint; length: number } {
  const [address = "", length = ""] = text.split("/");
  return { bits: address.includes(":") ? v6(address) : v4(address), length: Number(length) };
}

function v4(address: string): bigint {
  return address.split(".").reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
}

/** Hexadecimal groups only: iptables-save prints no other form but for mapped addresses. */
function v6(address: string): bigint {
  const groups = (text: string) => text === "" ? [] : text.split(":").map((part) => `0x${part}`);
  const [head = "", tail] = address.split("::");
  const left = groups(head);
  const right = groups(tail ?? "");
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].reduce((sum, part) => (sum << 16n) + BigInt(part), 0n);
}

/** The family of an address. */
export function familyOf(address: string): Family {
  return address.includes(":") ? "ipv6" : "ipv4";
}
