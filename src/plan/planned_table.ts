import { rewriteRule } from "../firewall/quote.ts";
import { type Counters, FilterTable, PrintedRule } from "../firewall/table.ts";
import type { Edit } from "./edit.ts";

/** A rule of a table as it will be. */
export interface PlannedRule extends Counters {
  /** The words behind `-A CHAIN`, as iptables-save prints them or as this tool writes them. */
  readonly text: string;
  /** The same as iptables-restore reads it. */
  readonly line: string;
  /** Whether it already exists, with this `text`. */
  readonly isPrinted: boolean;
}

/** The chains of a family's table once a transaction is carried out; the kernel is not touched. */
export class PlannedTable {
  readonly #chains = new Map<string, PlannedRule[]>();

  /**
   * Carries edits out on a copy of a table.
   *
   * @param table what they were planned for
   * @param edits in order
   * @throws {RangeError} if they were planned for another table
   */
  constructor(readonly table: FilterTable, edits: readonly Edit[]) {
    for (const edit of edits) this.#apply(edit);
  }

  /** Whether the chain will exist. */
  hasChain(chain: string): boolean {
    return this.#chains.get(chain)?.at(-1) !== GONE &&
      (this.#chains.has(chain) || this.table.hasChain(chain));
  }

  /** The rules that a chain will have. */
  rules(chain: string): readonly PlannedRule[] {
    const changed = this.#chains.get(chain);
    if (changed?.at(-1) === GONE) return [];
    return changed ?? this.table.rules(chain).map(printed);
  }

  /** The same as a table that other plans can be made for. */
  read(): FilterTable {
    const names = new Set([...this.table.chainNames, ...this.#chains.keys()]);
    const chains = [...names].filter((name) => this.hasChain(name)).map((name) =>
      [name, this.#chains.has(name) ? this.#read(name) : this.table.rules(name)] as const
    );
    return new FilterTable(this.table.family, new Map(chains));
  }

  #read(chain: string): PrintedRule[] {
    const { family } = this.table;
    return this.rules(chain).map((rule) =>
      new PrintedRule(family, rule.text, rule.packets, rule.bytes)
    );
  }

  #apply(edit: Edit): void {
    const { chain } = edit;
    switch (edit.op) {
      case "create-chain":
      case "flush-chain":
        this.#chains.set(chain, []);
        return;
      case "delete-chain":
        this.#chains.set(chain, [GONE]);
        return;
      case "insert": {
        const { text, packets, bytes, isOwn = false } = edit;
        const line = isOwn ? text : rewriteRule(text);
        const rule = { text, line, packets, bytes, isPrinted: !isOwn };
        this.#open(chain).splice(edit.index - 1, 0, rule);
        return;
      }
      case "delete": {
        const rules = this.#open(chain);
        if (rules[edit.index - 1]?.text !== edit.text) throw new RangeError(`${chain} is not so`);
        rules.splice(edit.index - 1, 1);
      }
    }
  }

  #open(chain: string): PlannedRule[] {
    const known = this.#chains.get(chain);
    if (known !== undefined) return known;
    const rules = this.table.rules(chain).map(printed);
    this.#chains.set(chain, rules);
    return rules;
  }
}

/** Marks a chain that will be removed. */
const GONE: PlannedRule = { text: "", line: "", packets: 0, bytes: 0, isPrinted: false };

function printed(
  { text, packets, bytes }: { readonly text: string } & Counters,
): PlannedRule {
  return { text, line: rewriteRule(text), packets, bytes, isPrinted: true };
}
