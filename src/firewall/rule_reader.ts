import { hasControl } from "../text/printable.ts";
import { type Address, type Family, hostOf, parseAddress } from "./address.ts";
import { parsePorts, type PortRange } from "./port.ts";
import { splitWords } from "./quote.ts";
import { ALLOW_MARK, DOOR_MARK, FIXED_RULES, type FixedKind, type Rule } from "./rule.ts";
import { CHAIN_PREFIX, parseLogLevel, parseRate, type Protocol, type Rate } from "./service.ts";
import { parseDate } from "./time.ts";

const FOREIGN: Rule = { kind: "foreign" };

/** The options of one printed rule; only what was printed is set. */
interface Parts {
  source?: string;
  interface?: string;
  protocol?: Protocol;
  ports?: PortRange[];
  syn?: boolean;
  states?: string;
  limit?: Rate;
  burst?: number;
  until?: number;
  comment?: string;
  /** Whether the module `time` is there: printed without an option, its end is before 1970. */
  time?: boolean;
  target?: string;
  rejectWith?: string;
  prefix?: string;
  level?: number;
}

/** Records an option; `false` if it is not understood. */
type Reader = (parts: Parts, value: string) => boolean;

/** The network of length 0, which iptables-save leaves out. */
const EVERYWHERE = { ipv4: "0.0.0.0/0", ipv6: "::/0" } as const;

const MODULES = new Set(["tcp", "udp", "multiport", "conntrack", "limit", "time", "comment"]);

function readPortList(parts: Parts, value: string): boolean {
  const ports = parsePorts(value);
  if (!ports.ok || parts.ports !== undefined) return false;
  parts.ports = ports.value;
  return true;
}

function readOnce<K extends keyof Parts>(key: K, read: (value: string) => Parts[K] | null): Reader {
  return (parts, value) => {
    const found = read(value);
    if (found === null || found === undefined || parts[key] !== undefined) return false;
    parts[key] = found;
    return true;
  };
}

/** A text that quoteWord() can write back; our rules hold no other. */
const writable = (value: string): string | null => hasControl(value) ? null : value;

const text = (value: string): string => value;
const digits = (value: string): number | null => /^\d{1,10}$/.test(value) ? Number(value) : null;
const protocol = (value: string): Protocol | null =>
  value === "tcp" || value === "udp" ? value : null;

/** The options that this tool writes, in every spelling that iptables-save uses. */
const OPTIONS: Readonly<Record<string, Reader>> = {
  "-s": readOnce("source", text),
  "-i": readOnce("interface", writable),
  "-p": readOnce("protocol", protocol),
  "-m": (parts, value) => {
    if (value === "time") parts.time = true;
    return MODULES.has(value);
  },
  "--dport": readPortList,
  "--dports": readPortList,
  "--ctstate": readOnce("states", text),
  "--limit": readOnce("limit", parseRate),
  "--limit-burst": readOnce("burst", digits),
  "--datestop": readOnce("until", parseDate),
  "--comment": readOnce("comment", text),
  "-j": readOnce("target", text),
  "--reject-with": readOnce("rejectWith", text),
  "--log-prefix": readOnce("prefix", writable),
  "--log-level": readOnce("level", parseLogLevel),
};

/**
 * Understands a rule as iptables-save prints it behind `-A CHAIN`. Both backends print the same words,
 * but not those that were written: `--syn` comes back as `--tcp-flags FIN,SYN,RST,ACK SYN`, a default
 * burst and level are left out.
 *
 * @param printed the rule's words
 * @param family the table's family: a network of length 0 is printed without its address
 * @returns what the rule is; `foreign` for every rule that does not exactly have a form this tool writes
 */
export function readRule(printed: string, family: Family): Rule {
  const plain = readPlainDoor(printed, family) ?? readKnocked(printed, family);
  if (plain !== null) return plain;
  const words = splitWords(printed);
  const parts = words === null ? null : readParts(words);
  if (parts !== null && parts.target !== undefined) {
    if (parts.target.startsWith(CHAIN_PREFIX)) return readJump(parts, parts.target);
    return readFixed(parts) ?? readTarget(parts, family) ?? FOREIGN;
  }
  const jump = words === null ? undefined : jumpTarget(words);
  return jump === undefined ? FOREIGN : { kind: "jump", chain: jump, match: null };
}

/** A door for one IPv4 host as this tool writes it: four bytes, and the end of a timed one. */
const HOST_DOOR =
  /^-s (\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/32(?: -m time --datestop (\S+))? -j ACCEPT$/;

/** Any other door as this tool writes it. */
const PLAIN_DOOR = /^-s (\S+)(?: -m time --datestop (\S+))? -j ACCEPT$/;

/**
 * A door as this tool writes it, on the fast path: a chain may hold 65,000 of them, and most of a hook's
 * time is spent here. Patterns are as fast at the first door as at the last, unlike a loop.
 */
function readPlainDoor(printed: string, family: Family): Rule | null {
  const host = family === "ipv4" ? HOST_DOOR.exec(printed) : null;
  const address = host === null ? null : readHost(host);
  if (host !== null && address !== null) return readDoor(address, host[5]);
  const [, network, end] = PLAIN_DOOR.exec(printed) ?? [];
  const parsed = network === undefined ? null : parseAddress(network);
  return parsed?.ok && parsed.value.family === family ? readDoor(parsed.value, end) : null;
}

/** The host with the bytes that were found; `null` if one of them is out of range. */
function readHost(found: RegExpExecArray): Address | null {
  const a = Number(found[1]);
  const b = Number(found[2]);
  const c = Number(found[3]);
  const d = Number(found[4]);
  return a < 256 && b < 256 && c < 256 && d < 256 ? hostOf(a, b, c, d) : null;
}

function readDoor(address: Address, end: string | undefined): Rule | null {
  const until = end === undefined ? null : parseDate(end);
  if (end !== undefined && until === null) return null;
  return { kind: "door", address, until, comment: null };
}

/** The door of a kernel's knock; libxt_recent prints the mask and side that are the default. */
const KNOCKED =
  /^-m recent --rcheck --seconds (\d{1,10}) --name (pk-[\w.-]+)(?: --mask (?:255(?:\.255){3}|ffff(?::ffff){7}))?(?: --rsource)? -j ACCEPT$/;

function readKnocked(printed: string, family: Family): Rule | null {
  if (!printed.startsWith("-m recent ")) return null;
  const [, seconds, list] = KNOCKED.exec(printed) ?? [];
  return list === undefined ? null : { kind: "knocked", list, seconds: Number(seconds), family };
}

/** The pk- chain that a rule with unknown matches jumps or goes to. */
function jumpTarget(words: readonly string[]): string | undefined {
  const at = words.findLastIndex((word) => word === "-j" || word === "-g");
  const target = at < 0 ? undefined : words[at + 1];
  return target?.startsWith(CHAIN_PREFIX) ? target : undefined;
}

function readParts(words: readonly string[]): Parts | null {
  const parts: Parts = {};
  for (let at = 0; at < words.length; at++) {
    const option = words[at] ?? "";
    if (option === "--syn" || option === "--tcp-flags") {
      if (option === "--tcp-flags") {
        if (words[at + 1] !== "FIN,SYN,RST,ACK" || words[at + 2] !== "SYN") return null;
        at += 2;
      }
      parts.syn = true;
      continue;
    }
    const value = words[++at];
    const read = Object.hasOwn(OPTIONS, option) ? OPTIONS[option] : undefined;
    if (read === undefined || value === undefined || !read(parts, value)) return null;
  }
  return parts;
}

/** Whether nothing but the named parts is set; `time` counts with its end. */
function only(parts: Parts, ...allowed: (keyof Parts)[]): boolean {
  if (parts.time === true) {
    if (parts.until === undefined || !allowed.includes("until")) return false;
    allowed.push("time");
  }
  return (Object.keys(parts) as (keyof Parts)[]).every((key) => allowed.includes(key));
}

function readJump(parts: Parts, chain: string): Rule {
  const { protocol, ports } = parts;
  const known = only(parts, "interface", "protocol", "ports", "syn", "comment", "target");
  if (!known || protocol === undefined || ports === undefined) {
    return { kind: "jump", chain, match: null };
  }
  return {
    kind: "jump",
    chain,
    match: { interface: parts.interface ?? null, protocol, ports, syn: parts.syn ?? false },
  };
}

/** The options of each fixed rule; read on first use. */
let fixed: readonly { readonly kind: FixedKind; readonly parts: Parts }[] | null = null;

/** The fixed rule that has exactly these options. */
function readFixed(parts: Parts): Rule | null {
  fixed ??= (Object.keys(FIXED_RULES) as FixedKind[]).map((kind) => (
    { kind, parts: readParts(FIXED_RULES[kind].split(" ")) ?? {} }
  ));
  for (const known of fixed) if (isSame(known.parts, parts)) return { kind: known.kind };
  return null;
}

/** Whether two rules have the same options by single words; called for every allowed address. */
function isSame(known: Parts, parts: Parts): boolean {
  const keys = Object.keys(known) as (keyof Parts)[];
  return keys.every((key) => known[key] === parts[key]) &&
    Object.keys(parts).length === keys.length;
}

function readTarget(parts: Parts, family: Family): Rule | null {
  switch (parts.target) {
    case "ACCEPT":
      return readAccept(parts, family);
    case "DROP":
      return only(parts, "comment", "target")
        ? { kind: "policy", policy: "drop", protocol: null }
        : null;
    case "REJECT":
      return readReject(parts);
    case "LOG":
      return readLog(parts);
    default:
      return null;
  }
}

function readAccept(parts: Parts, family: Family): Rule | null {
  if (!only(parts, "source", "until", "comment", "target")) return null;
  if (parts.source === undefined && parts.comment !== ALLOW_MARK && parts.comment !== DOOR_MARK) {
    // A rule without a source is never a door: it lets everyone in.
    return parts.until === undefined ? { kind: "policy", policy: "accept", protocol: null } : null;
  }
  const address = parseAddress(parts.source ?? EVERYWHERE[family]);
  if (!address.ok || address.value.family !== family) return null;
  if (parts.comment === ALLOW_MARK && parts.until === undefined) {
    return { kind: "allow", address: address.value };
  }
  return {
    kind: "door",
    address: address.value,
    until: parts.until ?? null,
    comment: parts.source === undefined ? null : parts.comment ?? null,
  };
}

function readReject(parts: Parts): Rule | null {
  if (!only(parts, "target", "protocol", "rejectWith", "comment")) return null;
  const reset = parts.protocol === "tcp" && parts.rejectWith === "tcp-reset";
  const plain = parts.protocol === undefined &&
    /^(icmp6?-port-unreachable)?$/.test(parts.rejectWith ?? "");
  if (!reset && !plain) return null;
  return { kind: "policy", policy: "reject", protocol: reset ? "tcp" : null };
}

function readLog(parts: Parts): Rule | null {
  if (!only(parts, "target", "limit", "burst", "prefix", "level")) return null;
  return {
    kind: "log",
    log: {
      prefix: parts.prefix ?? null,
      level: parts.level ?? 4,
      limit: parts.limit ?? null,
      burst: parts.burst ?? 5,
    },
  };
}
