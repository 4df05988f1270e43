import type { Family } from "./address.ts";
import { type ChainEnd, findEnd, targetOf } from "./chain_end.ts";
import { type Rule, ruleKey } from "./rule.ts";
import { readRule } from "./rule_reader.ts";
import { CHAIN_PREFIX, isServiceName, knockedServiceOf, type Protocol } from "./service.ts";
import { UNCONFIRMED_PREFIX, unconfirmedServiceOf } from "./unconfirmed.ts";

/** How often a rule matched. */
export interface Counters {
  /** Packets since the rule was added or its counters were zeroed. */
  readonly packets: number;
  /** Their bytes, IP headers included. */
  readonly bytes: number;
}

/** A rule as it is in the kernel. */
export interface ObservedRule extends Counters {
  /** Its meaning, as far as this tool understands it. */
  readonly rule: Rule;
  /** The words behind `-A CHAIN` as iptables-save printed them: what `-D` takes to find the rule. */
  readonly text: string;
  /** Equal for two rules that are the same to the kernel; a foreign rule's key is its text. */
  readonly key: string;
  /** Whether it matches on something that its text does not show: a rule of nft(8). */
  readonly isNative?: boolean;
  /** From here on it is a foreign rule that its text does not fully show. */
  markNative?(): void;
}

/** A rule as printed; it is only parsed on demand, which most never are. */
export class PrintedRule implements ObservedRule {
  #rule: Rule | null = null;
  /** Whether it is a rule of nft whose text does not show all its matches. */
  isNative = false;

  /**
   * Keeps what was printed.
   *
   * @param text the words behind `-A CHAIN`, as iptables-save prints them
   */
  constructor(
    readonly family: Family,
    readonly text: string,
    readonly packets: number,
    readonly bytes: number,
  ) {}

  /** Its meaning; `foreign` if its text does not show all of it. */
  get rule(): Rule {
    return this.#rule ??= this.isNative
      ? readNative(this.text, this.family)
      : readRule(this.text, this.family);
  }

  /** Equal for two rules that are the same to the kernel. */
  get key(): string {
    const { rule } = this;
    return rule.kind === "foreign" || rule.kind === "jump" && rule.match === null
      ? `foreign ${this.text}`
      : ruleKey(rule);
  }

  /** From here on it is a foreign rule that its text does not fully show. */
  markNative(): void {
    this.isNative = true;
    this.#rule = null;
  }
}

/** Only the target of a rule of nft is certain. */
function readNative(text: string, family: Family): Rule {
  const rule = readRule(text, family);
  return rule.kind === "jump" ? { ...rule, match: null } : { kind: "foreign" };
}

/** Jumps within jumps that are followed; nft allows 16 (NFT_JUMP_STACK_SIZE), legacy any number. */
const MAX_DEPTH = 64;

/** Table `filter` of one family, read from iptables-save. Rules are parsed on demand. */
export class FilterTable {
  readonly #chains: ReadonlyMap<string, readonly ObservedRule[]>;
  /** The rules of INPUT by the chain that they jump to; for all services, built on first use. */
  #jumps: ReadonlyMap<string, readonly ObservedRule[]> | null = null;
  readonly #ends = new Map<string, ChainEnd | null>();
  /** Whether every rule that matches on more than its text shows is marked. */
  isVerified = false;
  /** Whether that cannot be determined: then no existing rule may be rewritten. */
  isFrozen = false;
  /** The depth of the search for the end of a chain, in chains that jump to each other. */
  #depth = 0;
  /** The texts of all rules that jump or go to a chain, by that chain. */
  #jumpTexts: ReadonlyMap<string, readonly string[]> | null = null;

  /**
   * Keeps the rules of each chain.
   *
   * @param family whose table it is
   * @param chains the rules of each chain, from top to bottom; an empty list is an empty chain
   */
  constructor(readonly family: Family, chains: ReadonlyMap<string, readonly ObservedRule[]>) {
    this.#chains = chains;
  }

  /** All chains, in the order in which iptables-save printed them. */
  get chainNames(): string[] {
    return [...this.#chains.keys()];
  }

  /** The services that have a chain here, in name order, even under names that no command accepts. */
  get serviceNames(): string[] {
    return this.chainNames
      .filter((name) => name.startsWith(CHAIN_PREFIX) && knockedServiceOf(name) === null)
      .map((name) => name.slice(CHAIN_PREFIX.length)).sort();
  }

  /** Those of them that commands can name and remove. */
  get ownNames(): string[] {
    return this.serviceNames.filter(isServiceName);
  }

  /** Whether a chain may hold unconfirmed rules, by its name alone: checked by every hook. */
  get mayBeUnconfirmed(): boolean {
    for (const chain of this.#chains.keys()) if (chain.startsWith(UNCONFIRMED_PREFIX)) return true;
    return false;
  }

  /** The chains that may hold unconfirmed rules, by their names alone. */
  get unconfirmedChains(): string[] {
    return this.chainNames.filter((chain) => unconfirmedServiceOf(chain) !== null);
  }

  /** Whether the chain exists; it may be empty. */
  hasChain(chain: string): boolean {
    return this.#chains.has(chain);
  }

  /** How many rules a chain holds; 0 for a chain that does not exist. */
  countRules(chain: string): number {
    return this.#chains.get(chain)?.length ?? 0;
  }

  /** The rules of a chain, from top to bottom; empty for a chain that does not exist. */
  rules(chain: string): readonly ObservedRule[] {
    return this.#chains.get(chain) ?? [];
  }

  /** The jumps in INPUT to a chain, from top to bottom, understood or not. */
  jumpsTo(chain: string): readonly ObservedRule[] {
    this.#jumps ??= Map.groupBy(
      this.rules("INPUT"),
      ({ rule }) => rule.kind === "jump" ? rule.chain : "",
    );
    return this.#jumps.get(chain) ?? [];
  }

  /**
   * The first rule of a chain that no packet gets past.
   *
   * @returns `null` if packets may fall through the chain, or if it does not exist
   */
  endOf(chain: string): ChainEnd | null {
    const known = this.#ends.get(chain);
    if (known !== undefined) return known;
    if (this.#depth === MAX_DEPTH) return null;
    this.#ends.set(chain, null); // while it is looked for: chains may jump to each other
    this.#depth++;
    const end = findEnd(this, chain);
    this.#depth--;
    this.#ends.set(chain, end);
    return end;
  }

  /** The same with other jumps to the chain in INPUT than now; `jumps` are their texts. */
  endWith(
    chain: string,
    jumps: readonly string[],
    to: { readonly protocol: Protocol; readonly removed: readonly string[] },
  ): ChainEnd | null {
    const now = new Set(this.jumpsTo(chain).map(({ text }) => text));
    const elsewhere = this.jumpTextsTo(chain).filter((text) => !now.has(text));
    return findEnd(this, chain, { jumps: [...elsewhere, ...jumps], ...to });
  }

  /** The texts of the rules of all chains that jump or go to a chain. */
  jumpTextsTo(chain: string): readonly string[] {
    this.#jumpTexts ??= this.#groupJumps();
    return this.#jumpTexts.get(chain) ?? [];
  }

  #groupJumps(): Map<string, string[]> {
    const groups = new Map<string, string[]>();
    for (const rules of this.#chains.values()) {
      for (const { text } of rules) {
        if (text.endsWith(" -j ACCEPT") || text.endsWith(" -j DROP")) continue;
        const target = targetOf(text);
        if (target === null || !this.#chains.has(target)) continue;
        const group = groups.get(target);
        if (group === undefined) groups.set(target, [text]);
        else group.push(text);
      }
    }
    return groups;
  }

  /** The rules of a chain that packets reach: from its top to its end, that one included. */
  reachedRules(chain: string): readonly ObservedRule[] {
    const end = this.endOf(chain);
    return end === null ? this.rules(chain) : this.rules(chain).slice(0, end.at + 1);
  }

  /**
   * Marks rules of a chain that match on more than their text shows (see `readNativeRules`).
   *
   * @param places their indexes in the chain
   */
  markNative(chain: string, places: Iterable<number>): void {
    for (const at of places) this.#chains.get(chain)?.[at]?.markNative?.();
    this.#ends.clear();
    this.#jumps = null;
  }
}
