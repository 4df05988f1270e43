import type { Family } from "../firewall/address.ts";
import { Glance } from "./peek.ts";
import { readRule, type Rule } from "./rule.ts";
import type { State } from "./state.ts";
import type { Verdict } from "./target.ts";

/** A chain, from iptables or nft. */
export interface Chain {
  /** Its name in its table. */
  readonly name: string;
  /** What becomes of a packet at its end; `null` for a chain that is only jumped to, or if unknown. */
  readonly policy: Verdict | null;
  /** How many rules it has. */
  readonly length: number;
  /** The conditions and action of rule `index` (from 0); parsed on demand. */
  rule(index: number): Rule;
  /** The text of rule `index`, for people. */
  text(index: number): string;
  /** Its number, from 1. */
  number(index: number): number;
  /** Whether rule `index` certainly does not match, as far as that is cheaper than parsing it. */
  skips?(index: number, state: State): boolean;
}

/** A table of one family. */
export interface Table {
  /** For instance `filter`; `inet firewalld` for one that only nft has. */
  readonly name: string;
  /** Its chains by name. */
  readonly chains: ReadonlyMap<string, Chain>;
  /** Why the table may be incomplete; `null` if it is complete. */
  readonly problem: string | null;
}

/** The tables of one family from iptables-save. */
export interface Ruleset {
  /** The family of the tables. */
  readonly family: Family;
  /** Which iptables printed them; shown if there are two. */
  readonly backend: string;
  /** The existing tables by name. */
  readonly tables: ReadonlyMap<string, Table>;
  /** Why they may be incomplete as a whole; `null` if they are complete. */
  readonly problem: string | null;
}

/** A chain as iptables-save printed it. */
class PrintedChain implements Chain {
  readonly #lines: string[] = [];
  readonly #rules: (Rule | undefined)[] = [];
  #glance: Glance | null = null;

  constructor(
    readonly name: string,
    readonly policy: Verdict | null,
    readonly context: { family: Family; isChain: (name: string) => boolean },
  ) {}

  get length(): number {
    return this.#lines.length;
  }

  add(text: string): void {
    this.#lines.push(text);
  }

  text(index: number): string {
    return this.#lines[index] ?? "";
  }

  number(index: number): number {
    return index + 1;
  }

  skips(index: number, state: State): boolean {
    return (this.#glance ??= new Glance(this.#lines)).cannotHold(index, state);
  }

  rule(index: number): Rule {
    return this.#rules[index] ??= readRule(this.text(index), this.context);
  }
}

class PrintedTable implements Table {
  readonly chains = new Map<string, PrintedChain>();
  problem: string | null = "it has no COMMIT";

  constructor(readonly name: string, readonly family: Family) {}

  declare(line: string): void {
    const [name = "", policy = ""] = line.slice(1).split(" ");
    if (this.chains.has(name)) this.problem = `chain ${name} appears in it twice`;
    this.#make(name, policyOf(policy));
  }

  append(line: string): void {
    const end = line.indexOf(" ", 3);
    const name = end < 0 ? line.slice(3) : line.slice(3, end);
    // A file written by hand may leave declarations out: then a policy is unknown.
    const chain = this.chains.get(name) ?? this.#make(name, null);
    chain.add(end < 0 ? "" : line.slice(end + 1));
  }

  #make(name: string, policy: Verdict | null): PrintedChain {
    const isChain = (wanted: string) => this.chains.has(wanted);
    const chain = new PrintedChain(name, policy, { family: this.family, isChain });
    this.chains.set(name, chain);
    return chain;
  }
}

function policyOf(word: string): Verdict | null {
  if (word === "ACCEPT") return "accepted";
  return word === "DROP" ? "dropped" : null;
}

/**
 * Reads the output of `iptables-save`, of all tables or some, with or without counters. Nothing is refused:
 * a rule that is not understood is kept as one that may do anything.
 *
 * @param text the whole output
 * @param of the family, and which iptables printed it
 */
export function readTables(
  text: string,
  { family, backend = "" }: { family: Family; backend?: string },
): Ruleset {
  const tables = new Map<string, Table>();
  let table: PrintedTable | null = null;
  let problem: string | null = null;
  for (let start = 0; start < text.length;) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    let line = text.slice(start, end);
    start = end + 1;
    if (line.startsWith("[")) line = line.slice(line.indexOf("] ") + 2);
    if (line.startsWith("-A ")) {
      if (table === null) problem ??= "a rule is outside of a table";
      else table.append(line);
    } else if (line === "" || line.startsWith("#")) {
      const name = /^# Table `(.*)' is incompatible/.exec(line)?.[1];
      if (name !== undefined) tables.set(name, incompatible(name));
    } else if (line.startsWith("*")) {
      table = new PrintedTable(line.slice(1), family);
      tables.set(table.name, table);
    } else if (line.startsWith(":") && table !== null) table.declare(line);
    else if (line === "COMMIT" && table !== null) {
      if (table.problem === "it has no COMMIT") table.problem = null;
      table = null;
    } else if (table === null) problem ??= "it is not the output of iptables-save";
    else table.problem = "a line of it is not a rule";
  }
  return { family, backend, tables, problem };
}

function incompatible(name: string): Table {
  return { name, chains: new Map(), problem: "iptables cannot show it: it was made by nft" };
}
