import type { Family } from "./address.ts";
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
    const everywhere = this.family === "ipv4" ? "0.0.0.0/0" : "::/0";
    this.#rule = readRule(`-s ${everywhere} -j ACCEPT`, this.family);
  }
}

/** Table `filter` of one family, read from iptables-save. Rules are understood when asked for. */
export class FilterTable {
  readonly #chains: ReadonlyMap<string, readonly SeenRule[]>;
  /** The rules of INPUT by the chain that they jump to; all services at once, when first asked. */
  #jumps: ReadonlyMap<string, readonly SeenRule[]> | null = null;

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

  /** The jumps in INPUT to a chain, from top to bottom, understood or not. */
  jumpsTo(chain: string): readonly SeenRule[] {
    this.#jumps ??= Map.groupBy(
      this.rules("INPUT"),
      ({ rule }) => rule.kind === "jump" ? rule.chain : "",
    );
    return this.#jumps.get(chain) ?? [];
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
  const reader = new TableReader(family);
  if (printed.includes('"')) {
    for (const line of joinQuoted(printed.split("\n"))) reader.readLine(line, 0, line.length);
  } else {
    // In place: a list of 65,000 lines would cost as much as reading them.
    for (let at = 0; at < printed.length;) {
      const newline = printed.indexOf("\n", at);
      const end = newline < 0 ? printed.length : newline;
      reader.readLine(printed, at, end);
      at = end + 1;
    }
  }
  const { chains, accepting } = reader;
  for (const chain of accepting) {
    const rules = chains.get(chain) ?? [];
    const end = rules.findLastIndex(({ rule }) => rule.kind === "policy");
    for (const rule of rules.slice(0, Math.max(end, 0))) {
      if (rule.text === EVERY_PACKET) rule.asInner();
    }
  }
  return new FilterTable(family, chains);
}

/** How a rule of a service's chain starts. */
const CHAIN_START = `-A ${CHAIN_PREFIX}`;

/** An ACCEPT without a match. */
const EVERY_PACKET = "-j ACCEPT";

/** Takes the lines of iptables-save one by one. */
class TableReader {
  readonly chains: Map<string, PrintedRule[]> = new Map();
  /** Chains of services that hold an ACCEPT without a match, at their end or elsewhere. */
  readonly accepting: Set<string> = new Set();
  #inside = false;
  /** The chain that the last rule stands in, as it was printed: the next one mostly does, too. */
  #start = "";
  #rules: PrintedRule[] | undefined;

  constructor(readonly family: Family) {}

  /** Takes the line that stands in `text` from `at` to `end`. */
  readLine(text: string, at: number, end: number): void {
    switch (text.charAt(at)) {
      case "*":
        this.#inside = text.slice(at, end) === "*filter";
        return;
      case ":":
        if (this.#inside) this.#declare(text.slice(at + 1, end));
        return;
      case "-":
      case "[":
        if (this.#inside) this.#readRule(text, at, end);
    }
  }

  #declare(words: string): void {
    this.chains.set(words.split(" ")[0] ?? "", []);
    this.#start = "";
  }

  #readRule(text: string, at: number, end: number): void {
    const start = text.charAt(at) === "[" ? text.indexOf("-A ", at) : at;
    if (start < 0 || start >= end || !text.startsWith("-A ", start)) return;
    if (this.#start === "" || !text.startsWith(this.#start, start)) {
      const space = text.indexOf(" ", start + 3);
      const behind = space < 0 || space > end ? end : space;
      const chain = text.slice(start + 3, behind);
      this.#start = behind < end ? `-A ${chain} ` : "";
      this.#rules = this.chains.get(chain);
    }
    const counted = start > at && !text.startsWith("[0:0]", at);
    const packets = counted ? parseInt(text.slice(at + 1, start), 10) : 0;
    const bytes = counted ? parseInt(text.slice(text.indexOf(":", at) + 1, start), 10) : 0;
    const words = this.#start === "" ? "" : text.slice(start + this.#start.length, end);
    this.#rules?.push(new PrintedRule(this.family, words, packets, bytes));
    if (words === EVERY_PACKET && this.#start.startsWith(CHAIN_START)) {
      this.accepting.add(this.#start.slice(3, -1));
    }
  }
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
