import { type Family, hostOf } from "./address.ts";
import { emitRule, type Rule, ruleKey } from "./rule.ts";
import { FilterTable, type ObservedRule, PrintedRule } from "./table.ts";
import { parseDate } from "./time.ts";

/** Which chain was listed. */
export interface Listed {
  /** The full name of the chain. */
  readonly chain: string;
  /** Which family's iptables printed it. */
  readonly family: Family;
}

/**
 * Reads chains of services from what `iptables -v -S CHAIN` prints, either backend.
 *
 * @param printed the whole output for each chain, by the chain's name
 * @returns a table of those chains alone; `null` if a door in one of them may depend on more than
 * the chain: if the lines can be read in two ways, or a rule is not one that this tool writes, or
 * the chain does not end in a DROP or REJECT with nothing behind it. Then the whole table is needed.
 */
export function readChains(
  printed: ReadonlyMap<string, string>,
  family: Family,
): FilterTable | null {
  const chains = new Map<string, ObservedRule[]>();
  for (const [chain, text] of printed) {
    const rules = readListedRules(text, { chain, family });
    if (rules === null || !standsAlone(rules)) return null;
    chains.set(chain, rules);
  }
  return new FilterTable(family, chains);
}

/**
 * Reads the rules of a user's chain from what `iptables -v -S CHAIN` prints: `-N CHAIN`, and a line for
 * each rule, with the words of iptables-save, but with the counters among them: `-c PACKETS BYTES`
 * ahead of the target, or at the end where there is none.
 *
 * @param printed the whole output
 * @returns the rules, from top to bottom, each with the text that iptables-save prints; `null` if a line
 * is not of that form, or holds ` -c ` a second time: then a comment or a name may look like counters
 */
export function readListedRules(
  printed: string,
  { chain, family }: Listed,
): ObservedRule[] | null {
  const head = `-N ${chain}\n`;
  if (!printed.startsWith(head)) return null;
  const start = `-A ${chain} `;
  const rules: ObservedRule[] = [];
  for (let at = head.length; at < printed.length;) {
    if (!printed.startsWith(start, at)) return null;
    HOST_DOOR.lastIndex = at + start.length;
    const found = family === "ipv4" ? HOST_DOOR.exec(printed) : null;
    const door = found === null ? null : readHostDoor(found);
    if (door !== null) {
      rules.push(door);
      at = HOST_DOOR.lastIndex;
      continue;
    }
    const rule = readAnyRule(printed, { words: at + start.length, family });
    if (rule === null) return null;
    rules.push(rule);
    at = COUNTED.lastIndex;
  }
  return rules;
}

/** A door for one IPv4 host as this tool writes it, with its counters. */
const HOST_DOOR =
  /-s (\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/32(?: -m time --datestop (\S+))? -c (\d+) (\d+) -j ACCEPT\n/y;

/** A door, of which a chain may hold 65,000: its text is built on demand. */
class HostDoor implements ObservedRule {
  isNative = false;
  readonly #door: Rule & { kind: "door" };

  constructor(
    door: Rule & { kind: "door" },
    readonly packets: number,
    readonly bytes: number,
  ) {
    this.#door = door;
  }

  get rule(): Rule {
    return this.isNative ? { kind: "foreign" } : this.#door;
  }

  get text(): string {
    return emitRule(this.#door);
  }

  get key(): string {
    return this.isNative ? `foreign ${this.text}` : ruleKey(this.#door);
  }

  markNative(): void {
    this.isNative = true;
  }
}

/** The fast path, for nearly all rules of a long chain; `null` if it is not such a door. */
function readHostDoor(found: RegExpExecArray): ObservedRule | null {
  const a = Number(found[1]);
  const b = Number(found[2]);
  const c = Number(found[3]);
  const d = Number(found[4]);
  const until = found[5] === undefined ? null : parseDate(found[5]);
  if (a > 255 || b > 255 || c > 255 || d > 255) return null;
  if (until === null && found[5] !== undefined) return null;
  const address = hostOf(a, b, c, d);
  const rule = { kind: "door", address, until, comment: null } as const;
  return new HostDoor(rule, Number(found[6]), Number(found[7]));
}

/** What precedes the counters of a rule. */
const COUNTERS = " -c ";

/** The counters of a rule, and its target if it has one, up to the end of the line. */
const COUNTED = / -c (\d+) (\d+)(?: |( -[jg] [^\n]*))?\n/y;

/**
 * Any other rule; its line ends at the position of `COUNTED`.
 *
 * @param line where its words start
 */
function readAnyRule(
  printed: string,
  { words, family }: { readonly words: number; readonly family: Family },
): ObservedRule | null {
  const counters = printed.indexOf(COUNTERS, words - 1);
  COUNTED.lastIndex = Math.max(counters, 0);
  const found = COUNTED.exec(printed);
  if (found === null) return null;
  const [, packets, bytes, target = ""] = found;
  // Without a match the space ahead of the counters is the one behind the chain.
  const text = counters < words ? target.slice(1) : printed.slice(words, counters) + target;
  if (text.includes("\n") || target.includes(COUNTERS)) return null;
  return new PrintedRule(family, text, Number(packets), Number(bytes));
}

/** Kinds of rules that must not precede the policy: their effect depends on something outside the chain. */
const OUTWARD: ReadonlySet<Rule["kind"]> = new Set(["policy", "jump", "foreign"]);

/** Whether doors depend on nothing outside the chain: it is ours from the top to a policy at its end. */
function standsAlone(rules: readonly ObservedRule[]): boolean {
  const last = rules.length - 1;
  const end = rules[last]?.rule;
  // A bare ACCEPT may be all that iptables prints of a native nft rule with matches of its own.
  if (end?.kind !== "policy" || end.policy === "accept") return false;
  for (let at = 0; at < last; at++) if (OUTWARD.has(rules[at]!.rule.kind)) return false;
  return true;
}
