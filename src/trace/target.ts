import { type Masked, readMasked } from "./options.ts";
import type { State } from "./state.ts";

/** The possible verdicts on a packet. */
export type Verdict =
  /** It reaches this machine. */
  | "accepted"
  /** It is dropped silently. */
  | "dropped"
  /** It is dropped, and the sender is notified. */
  | "rejected"
  /** A program decides (NFQUEUE). */
  | "queued"
  /** It is sent on to another machine or container. */
  | "redirected"
  | "unknown";

/** The action of a rule. */
export type Target =
  /** No decision: it counts or logs. */
  | { readonly kind: "none" }
  | { readonly kind: "verdict"; readonly verdict: Verdict }
  | { readonly kind: "jump" | "goto"; readonly chain: string }
  | { readonly kind: "return" }
  /** The packet continues, changed. */
  | {
    readonly kind: "change";
    readonly change: (state: State) => void;
    /** Its further action; a rule of nft may have several. */
    readonly then?: Target;
  }
  | { readonly kind: "translate"; readonly to: Translation };

/** A new destination. */
export interface Translation {
  /** Whether it stays on this machine (REDIRECT) or goes to an address. */
  readonly address: "this machine" | string | null;
  /** The new port; `null` for one of several, undefined if it stays. */
  readonly port?: number | null;
}

/** Targets after which the packet continues unchanged, or changed only in what no match here reads. */
const PASSING = new Set([
  ...["LOG", "NFLOG", "ULOG", "TRACE", "AUDIT", "CLASSIFY", "TOS", "DSCP", "TTL", "HL", "ECN"],
  ...["TCPMSS", "TCPOPTSTRIP", "CHECKSUM", "SECMARK", "CONNSECMARK", "IDLETIMER", "LED", "RATEEST"],
  ...["TEE", "ACCOUNT"],
]);

/** Duplicated on purpose, see firewall/chain_end.ts. */
const VERDICTS: Readonly<Record<string, Verdict>> = {
  ACCEPT: "accepted",
  DROP: "dropped",
  REJECT: "rejected",
  QUEUE: "queued",
  NFQUEUE: "queued",
  // xtables-addons: the connection is held or answered, and does not reach this machine.
  TARPIT: "dropped",
  STEAL: "dropped",
  DELUDE: "rejected",
};

/** The target's words: its name and options after `-j`. */
export interface TargetWords {
  /** The name after `-j` or `-g`. */
  readonly name: string;
  /** Everything after it. */
  readonly options: readonly string[];
  /** Whether it was given with `-g`. */
  readonly goto: boolean;
}

/**
 * The action of a target.
 *
 * @param words from the rule
 * @param isChain whether the table has a chain of that name
 */
export function readTarget(words: TargetWords, isChain: (name: string) => boolean): Target {
  const { name, options } = words;
  if (words.goto) return isChain(name) ? { kind: "goto", chain: name } : UNKNOWN;
  if (name === "RETURN") return { kind: "return" };
  const verdict = Object.hasOwn(VERDICTS, name) ? VERDICTS[name] : undefined;
  // The four built-in ones take precedence over chains, and chains over extensions.
  if (verdict !== undefined && ["ACCEPT", "DROP", "QUEUE"].includes(name)) {
    return { kind: "verdict", verdict };
  }
  if (isChain(name)) return { kind: "jump", chain: name };
  if (verdict !== undefined) return { kind: "verdict", verdict };
  if (PASSING.has(name)) return { kind: "none" };
  return readChange(name, options) ?? UNKNOWN;
}

const UNKNOWN: Target = { kind: "verdict", verdict: "unknown" };

function readChange(name: string, options: readonly string[]): Target | null {
  const value = (option: string): string | undefined => {
    const at = options.indexOf(option);
    return at < 0 ? undefined : options[at + 1];
  };
  switch (name) {
    case "MARK":
      return { kind: "change", change: markChange(value) };
    case "HMARK":
      return { kind: "change", change: (state) => void (state.mark = null) };
    case "CONNMARK":
      return { kind: "change", change: connmarkChange(value, options) };
    case "CT":
    case "NOTRACK":
      if (name === "CT" && !options.includes("--notrack")) return { kind: "none" };
      return { kind: "change", change: (state) => void (state.tracking = "untracked") };
    case "SET": {
      const added = value("--add-set");
      if (added === undefined) return { kind: "none" };
      return {
        kind: "change",
        change: (state) => void (state.sets = new Set([...state.sets, added])),
      };
    }
    case "DNAT":
      return { kind: "translate", to: readDestination(value("--to-destination") ?? "") };
    case "REDIRECT":
      return {
        kind: "translate",
        to: { address: "this machine", ...readPort(value("--to-ports")) },
      };
    case "NETMAP":
      return { kind: "translate", to: { address: null } };
    default:
      return null;
  }
}

/** Reads `8080`, or a range, from which the kernel takes one; absent if the port stays. */
function readPort(text: string | undefined): { port?: number | null } {
  if (text === undefined || text === "") return {};
  return { port: /^\d{1,5}$/.test(text) ? Number(text) : null };
}

/** Reads `A`, `A:PORT`, `A-B:P-Q`, `:PORT` and `[A]:PORT` (iptables-extensions(8), DNAT). */
function readDestination(text: string): Translation {
  const match = /^(?:\[([^\]]*)\]|([^:]*)|([0-9a-f:.-]*))(?::([\d-]+)(?:\/\d+)?)?$/i.exec(text);
  if (match === null || text === "") return { address: null, port: null };
  const address = match[1] ?? match[2] ?? match[3] ?? "";
  return { address: address === "" ? "this machine" : address, ...readPort(match[4]) };
}

/** xt_mark.c, mark_tg(): the bits of the mask are cleared, then the value is XORed in. */
function setBits(old: number | null, { value, mask }: Masked): number | null {
  if (mask === 0xffffffff) return value;
  return old === null ? null : ((old & ~mask) ^ value) >>> 0;
}

function readSet(value: (option: string) => string | undefined): Masked | null {
  const xored = value("--set-xmark");
  if (xored !== undefined) return readMasked(xored);
  const set = readMasked(value("--set-mark") ?? "");
  return set === null ? null : { value: set.value, mask: (set.value | set.mask) >>> 0 };
}

function markChange(value: (option: string) => string | undefined): (state: State) => void {
  const set = readSet(value);
  return (state) => {
    state.mark = set === null ? null : setBits(state.mark, set);
  };
}

/** xt_connmark.c, connmark_tg(); without a connection it does nothing. */
function connmarkChange(
  value: (option: string) => string | undefined,
  options: readonly string[],
): (state: State) => void {
  const set = readSet(value);
  const mask = (option: string) => readMasked(value(option) ?? "0xffffffff")?.value ?? 0;
  const [inPacket, inConnection] = [mask("--nfmask"), mask("--ctmask")];
  const take = (own: number | null, other: number | null, masks: readonly [number, number]) =>
    other === null ? null : setBits(own, { value: (other & masks[1]) >>> 0, mask: masks[0] });
  return (state) => {
    if (state.tracking !== "tracked") return;
    if (options.includes("--save-mark")) {
      state.connectionMark = take(state.connectionMark, state.mark, [inConnection, inPacket]);
    } else if (options.includes("--restore-mark")) {
      state.mark = take(state.mark, state.connectionMark, [inPacket, inConnection]);
    } else state.connectionMark = set === null ? null : setBits(state.connectionMark, set);
  };
}
