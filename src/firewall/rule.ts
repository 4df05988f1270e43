import { type Address, type Family, formatAddress } from "./address.ts";
import { formatPort, type PortRange, splitPorts } from "./port.ts";
import { quoteWord } from "./quote.ts";
import {
  chainOf,
  formatRate,
  type Log,
  type Policy,
  printedRate,
  type Protocol,
  type Service,
} from "./service.ts";
import { formatDate } from "./time.ts";

/** The packets that a jump in INPUT sends to a service's chain. */
export interface JumpMatch {
  /** Interface they arrive on; `null` for any. */
  readonly interface: string | null;
  /** What the ports belong to. */
  readonly protocol: Protocol;
  /** At most as many as one multiport match holds. */
  readonly ports: readonly PortRange[];
  /** Only TCP packets that open a connection. */
  readonly syn: boolean;
}

/** Fixed rules, as iptables-save prints them; without ports and addresses. */
export const FIXED_RULES = {
  established: "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
} as const;

/** The kind of a fixed rule: the property of a service that it implements. */
export type FixedKind = keyof typeof FIXED_RULES;

/** One rule, as far as this tool understands it. */
export type Rule =
  | { readonly kind: FixedKind }
  /** A permanent address of a rules file, marked in the kernel by the comment `pk-allow`. */
  | { readonly kind: "allow"; readonly address: Address }
  /** `until` in seconds since 1970; `comment` is one that someone else added. */
  | {
    readonly kind: "door";
    readonly address: Address;
    readonly until: number | null;
    readonly comment: string | null;
  }
  /** Lets in addresses on a list of xt_recent for so many seconds since the last knock. */
  | {
    readonly kind: "knocked";
    readonly list: string;
    readonly seconds: number;
    readonly family: Family;
  }
  | { readonly kind: "log"; readonly log: Log }
  | { readonly kind: "policy"; readonly policy: Policy; readonly protocol: Protocol | null }
  /** `match` is `null` if the jump has matches that this tool does not write. */
  | { readonly kind: "jump"; readonly chain: string; readonly match: JumpMatch | null }
  | { readonly kind: "foreign" };

/** A rule of a chain `pk-NAME`, or a jump to one, that this tool can write. */
export type OwnRule = Exclude<Rule, { kind: "foreign" }>;

/** The comment that distinguishes an address of a rules file from a door (xt_comment). */
export const ALLOW_MARK = "pk-allow";

/**
 * The comment of a door for everyone. iptables-save leaves out a network of length 0, and a rule without
 * a source is a door only if it has this comment.
 */
export const DOOR_MARK = "pk-door";

/**
 * Writes a rule as the words behind `-A CHAIN`. All words that come from a user pass `quoteWord`;
 * addresses are printed from their bytes.
 *
 * @throws {TypeError} for a jump that this tool does not understand: it cannot be rewritten
 */
export function emitRule(rule: OwnRule): string {
  switch (rule.kind) {
    case "allow":
      return `-s ${formatAddress(rule.address)} -m comment --comment ${ALLOW_MARK} -j ACCEPT`;
    case "door":
      return emitDoor(rule);
    case "knocked":
      return `${emitRecent(`--rcheck --seconds ${rule.seconds}`, rule)} -j ACCEPT`;
    case "log":
      return emitLog(rule.log);
    case "policy":
      return emitPolicy(rule);
    case "jump":
      if (rule.match === null) {
        throw new TypeError("a jump that is not understood cannot be written");
      }
      return emitJump(rule.chain, rule.match);
    default:
      return FIXED_RULES[rule.kind];
  }
}

/** The masks that iptables-save prints of whole addresses. */
const WHOLE = { ipv4: "255.255.255.255", ipv6: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" } as const;

/**
 * Writes a match on a list of xt_recent, exactly as iptables-save prints it. The mask is always
 * there: without one libxt_recent fills 16 bytes, with that of IPv4 it fills 4, and `-D` compares all.
 *
 * @param verb such as `--set`
 */
export function emitRecent(
  verb: string,
  { list, family }: { readonly list: string; readonly family: Family },
): string {
  return `-m recent ${verb} --name ${list} --mask ${WHOLE[family]} --rsource`;
}

function emitDoor(rule: Rule & { kind: "door" }): string {
  const said = rule.address.prefix === 0 ? DOOR_MARK : rule.comment;
  const comment = said === null ? "" : ` -m comment --comment ${quoteWord(said)}`;
  const time = rule.until === null ? "" : ` -m time --datestop ${formatDate(rule.until)}`;
  return `-s ${formatAddress(rule.address)}${comment}${time} -j ACCEPT`;
}

function emitLog(log: Log): string {
  const limit = log.limit === null
    ? ""
    : `-m limit --limit ${formatRate(log.limit)} --limit-burst ${log.burst} `;
  const prefix = log.prefix === null ? "" : ` --log-prefix ${quoteWord(log.prefix)}`;
  return `${limit}-j LOG${prefix} --log-level ${log.level}`;
}

function emitPolicy(rule: Rule & { kind: "policy" }): string {
  if (rule.policy !== "reject") return `-j ${rule.policy.toUpperCase()}`;
  // ip_tables takes tcp-reset only from a rule that matches TCP itself.
  return rule.protocol === "tcp" ? "-p tcp -j REJECT --reject-with tcp-reset" : "-j REJECT";
}

function emitJump(chain: string, match: JumpMatch): string {
  const single = match.ports.length === 1 ? match.ports[0] : undefined;
  const words = match.interface === null ? [] : ["-i", quoteWord(match.interface)];
  words.push("-p", match.protocol);
  if (single !== undefined) words.push("-m", match.protocol, "--dport", formatPort(single, ":"));
  else if (match.syn) words.push("-m", "tcp");
  if (match.syn) words.push("--syn");
  if (single === undefined) {
    words.push("-m", "multiport", "--dports", match.ports.map((p) => formatPort(p, ":")).join(","));
  }
  return [...words, "-j", chain].join(" ");
}

/**
 * The same for two rules that are the same to the kernel, however they were written or printed. Keys are
 * for comparing only.
 *
 * @throws {TypeError} for a jump that this tool does not understand: nothing is known to be like it
 */
export function ruleKey(rule: OwnRule): string {
  if (rule.kind === "log") {
    const { prefix, level, limit, burst } = rule.log;
    const rate = limit === null ? "" : `${formatRate(printedRate(limit))} ${burst}`;
    return `log ${level} ${rate} ${prefix ?? ""}`;
  }
  return emitRule(rule);
}

/** The jumps in INPUT that a service needs: one, or more if its ports do not fit one match. */
export function jumpsOf(service: Service): (Rule & { kind: "jump" })[] {
  return splitPorts(service.ports).map((ports) => ({
    kind: "jump",
    chain: chainOf(service.name),
    match: {
      interface: service.interface,
      protocol: service.protocol,
      ports,
      syn: service.syn,
    },
  }));
}

/**
 * The list of xt_recent that holds who has knocked. The families never share a list: it holds addresses
 * whatever their family, and masks them by that of the rule that made it.
 *
 * @param number which knock of its service, from 1
 */
export function doorListOf(
  name: string,
  { number, family }: { readonly number: number; readonly family: Family },
): string {
  const one = number === 1 ? "" : `.${number}`;
  return `${chainOf(name)}${one}${family === "ipv6" ? ".v6" : ""}`;
}
