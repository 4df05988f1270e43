import { type Family, parseAddress } from "./address.ts";
import { splitWords } from "./quote.ts";
import { type OwnRule, type Rule, ruleKey } from "./rule.ts";
import { readRule } from "./rule_reader.ts";
import { CHAIN_PREFIX } from "./service.ts";

/** How often a rule matched. */
export interface Counters {
  /** Packets since the rule was made or its counters were set to zero. */
  readonly packets: number;
  /** Their bytes, IP headers included. */
  readonly bytes: number;
}

/** A rule as it stands in the kernel. */
export interface SeenRule extends Counters {
  /** What it says, as far as this tool understands it. */
  readonly rule: Rule;
  /** The words behind `-A CHAIN` as iptables-save printed them: what `-D` takes to find the rule. */
  readonly text: string;
  /** Equal for two rules that are the same to the kernel; a foreign rule's key is its text. */
  readonly key: string;
}

/** One line of iptables-save that declares a rule, not yet understood. */
interface Line extends Counters {
  readonly text: string;
}

/** Table `filter` of one family, read from iptables-save. Rules are understood when asked for. */
export class FilterTable {
  readonly #lines: ReadonlyMap<string, readonly Line[]>;
  readonly #chains = new Map<string, readonly SeenRule[]>();

  /**
   * Keeps the lines as they are until a chain is asked for.
   *
   * @param family whose table it is
   * @param lines the rules of each chain; an empty list is an empty chain
   */
  constructor(readonly family: Family, lines: ReadonlyMap<string, readonly Line[]>) {
    this.#lines = lines;
  }

  /** All chains, in the order in which iptables-save printed them. */
  get chainNames(): string[] {
    return [...this.#lines.keys()];
  }

  /** The services that have a chain here, in name order. */
  get serviceNames(): string[] {
    return this.chainNames.filter((name) => name.startsWith(CHAIN_PREFIX))
      .map((name) => name.slice(CHAIN_PREFIX.length)).sort();
  }

  /** Whether the chain exists, be it empty. */
  hasChain(chain: string): boolean {
    return this.#lines.has(chain);
  }

  /** How many rules a chain holds; 0 for a chain that does not exist. */
  countRules(chain: string): number {
    return this.#lines.get(chain)?.length ?? 0;
  }

  /** The rules of a chain, from top to bottom; empty for a chain that does not exist. */
  rules(chain: string): readonly SeenRule[] {
    const known = this.#chains.get(chain);
    if (known !== undefined) return known;
    const lines = this.#lines.get(chain) ?? [];
    const rules = lines.map((line, index) => this.#understand(line, index === lines.length - 1));
    this.#chains.set(chain, rules);
    return rules;
  }

  #understand(line: Line, last: boolean): SeenRule {
    let rule = readRule(line.text, this.family);
    if (!last && rule.kind === "policy" && rule.policy === "accept") {
      // Not at the end, an ACCEPT without a match is a door for every address.
      const everywhere = parseAddress(this.family === "ipv4" ? "0.0.0.0/0" : "::/0");
      if (everywhere.ok) {
        rule = { kind: "door", address: everywhere.value, until: null, comment: null };
      }
    }
    const key = rule.kind === "foreign" || rule.kind === "jump" && rule.match === null
      ? `foreign ${line.text}`
      : ruleKey(rule as OwnRule);
    return { rule, text: line.text, key, packets: line.packets, bytes: line.bytes };
  }
}

/**
 * Reads table `filter` from what `iptables-save [-c]` prints, either backend. Other tables and
 * comments are passed over.
 *
 * @param printed the whole output; rules may stand with or without `[packets:bytes]`
 * @param family which family's iptables-save printed it
 * @returns the table; empty where the output holds no table `filter`
 */
export function readFilterTable(printed: string, family: Family): FilterTable {
  const chains = new Map<string, Line[]>();
  let inside = false;
  for (const line of joinQuoted(printed.split("\n"))) {
    if (line.startsWith("*")) inside = line === "*filter";
    else if (!inside) continue;
    else if (line.startsWith(":")) chains.set(line.slice(1, line.indexOf(" ")), []);
    else if (line.startsWith("-A ") || line.startsWith("[")) readLine(line, chains);
  }
  return new FilterTable(family, chains);
}

function readLine(line: string, chains: Map<string, Line[]>): void {
  const start = line.indexOf("-A ");
  const space = line.indexOf(" ", start + 3);
  const chain = space < 0 ? line.slice(start + 3) : line.slice(start + 3, space);
  const text = space < 0 ? "" : line.slice(space + 1);
  const colon = line.indexOf(":");
  const packets = start === 0 ? 0 : Number(line.slice(1, colon));
  const bytes = start === 0 ? 0 : parseInt(line.slice(colon + 1), 10);
  chains.get(chain)?.push({ text, packets, bytes });
}

/** A comment may hold newlines, which iptables-save prints as they are: join what a quote spans. */
function joinQuoted(lines: readonly string[]): readonly string[] {
  if (!lines.some((line) => line.includes('"') && splitWords(line) === null)) return lines;
  const joined: string[] = [];
  let open = false;
  for (const line of lines) {
    const last = joined.length - 1;
    if (open) joined[last] += `\n${line}`;
    else joined.push(line);
    open = splitWords(joined.at(-1) ?? "") === null;
  }
  return joined;
}
