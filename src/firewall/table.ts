import { type Family, parseAddress } from "./address.ts";
import { splitWords } from "./quote.ts";
import { type Rule, ruleKey } from "./rule.ts";
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

/** A rule as printed; it is understood when first asked what it is, which most never are. */
class PrintedRule implements SeenRule {
  #rule: Rule | null = null;

  constructor(
    readonly family: Family,
    readonly text: string,
    readonly packets: number,
    readonly bytes: number,
  ) {}

  get rule(): Rule {
    return this.#rule ??= readRule(this.text, this.family);
  }

  get key(): string {
    const { rule } = this;
    return rule.kind === "foreign" || rule.kind === "jump" && rule.match === null
      ? `foreign ${this.text}`
      : ruleKey(rule);
  }

  /** Ahead of the end of a chain, an ACCEPT without a match is a door for every address. */
  asInner(): void {
    if (this.text !== "-j ACCEPT") return;
    const everywhere = parseAddress(this.family === "ipv4" ? "0.0.0.0/0" : "::/0");
    if (!everywhere.ok) return;
    this.#rule = { kind: "door", address: everywhere.value, until: null, comment: null };
  }
}

/** Table `filter` of one family, read from iptables-save. Rules are understood when asked for. */
export class FilterTable {
  readonly #chains: ReadonlyMap<string, readonly SeenRule[]>;

  /**
   * Keeps the rules of each chain.
   *
   * @param family whose table it is
   * @param chains the rules of each chain, from top to bottom; an empty list is an empty chain
   */
  constructor(readonly family: Family, chains: ReadonlyMap<string, readonly SeenRule[]>) {
    this.#chains = chains;
  }

  /** All chains, in the order in which iptables-save printed them. */
  get chainNames(): string[] {
    return [...this.#chains.keys()];
  }

  /** The services that have a chain here, in name order. */
  get serviceNames(): string[] {
    return this.chainNames.filter((name) => name.startsWith(CHAIN_PREFIX))
      .map((name) => name.slice(CHAIN_PREFIX.length)).sort();
  }

  /** Whether the chain exists, be it empty. */
  hasChain(chain: string): boolean {
    return this.#chains.has(chain);
  }

  /** How many rules a chain holds; 0 for a chain that does not exist. */
  countRules(chain: string): number {
    return this.#chains.get(chain)?.length ?? 0;
  }

  /** The rules of a chain, from top to bottom; empty for a chain that does not exist. */
  rules(chain: string): readonly SeenRule[] {
    return this.#chains.get(chain) ?? [];
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
  const chains = new Map<string, PrintedRule[]>();
  let inside = false;
  for (const line of joinQuoted(printed.split("\n"))) {
    if (line.startsWith("*")) inside = line === "*filter";
    else if (!inside) continue;
    else if (line.startsWith(":")) chains.set(line.slice(1, line.indexOf(" ")), []);
    else if (line.startsWith("-A ") || line.startsWith("[")) {
      readLine(line, { family, chains });
    }
  }
  for (const [chain, rules] of chains) {
    if (!chain.startsWith(CHAIN_PREFIX)) continue;
    const end = rules.findLastIndex(({ rule }) => rule.kind === "policy");
    for (let at = 0; at < end; at++) rules[at]?.asInner();
  }
  return new FilterTable(family, chains);
}

function readLine(
  line: string,
  { family, chains }: { family: Family; chains: Map<string, PrintedRule[]> },
): void {
  const start = line.indexOf("-A ");
  const space = line.indexOf(" ", start + 3);
  const chain = space < 0 ? line.slice(start + 3) : line.slice(start + 3, space);
  const text = space < 0 ? "" : line.slice(space + 1);
  const counted = start > 0 && !line.startsWith("[0:0]");
  const packets = counted ? parseInt(line.slice(1), 10) : 0;
  const bytes = counted ? parseInt(line.slice(line.indexOf(":") + 1), 10) : 0;
  chains.get(chain)?.push(new PrintedRule(family, text, packets, bytes));
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
