import type { Family } from "../firewall/address.ts";
import { readRule, type Rule } from "./rule.ts";
import type { Stage } from "./stage.ts";
import type { State } from "./state.ts";
import type { Chain } from "./tables.ts";

/** One step of a planned change of table `filter`. */
export type ChainEdit =
  | { readonly op: "create-chain" | "flush-chain" | "delete-chain"; readonly chain: string }
  | {
    readonly op: "insert" | "delete";
    readonly chain: string;
    /** The place of the rule, planned or current, from 1. */
    readonly index: number;
    /** The words behind `-A CHAIN`. */
    readonly text: string;
  };

/** A rule that stays in place, or a new one. */
type Entry =
  | { readonly of: Chain; readonly at: number }
  | { readonly text: string; rule: Rule | null };

/** A chain after a change. */
class EditedChain implements Chain {
  readonly entries: Entry[];

  constructor(
    readonly name: string,
    readonly policy: Chain["policy"],
    readonly given: {
      readonly was: Chain | null;
      readonly family: Family;
      readonly isChain: (name: string) => boolean;
    },
  ) {
    const { was } = given;
    this.entries = was === null ? [] : Array.from({ length: was.length }, (_, at) => (
      { of: was, at }
    ));
  }

  get length(): number {
    return this.entries.length;
  }

  number(index: number): number {
    return index + 1;
  }

  text(index: number): string {
    const entry = this.entries[index];
    if (entry === undefined) return "";
    return "text" in entry ? entry.text : entry.of.text(entry.at);
  }

  skips(index: number, state: State): boolean {
    const entry = this.entries[index];
    if (entry === undefined || "text" in entry) return false;
    return entry.of.skips?.(entry.at, state) ?? false;
  }

  rule(index: number): Rule {
    const entry = this.entries[index];
    if (entry === undefined) return { conditions: [], target: { kind: "none" } };
    if (!("text" in entry)) return entry.of.rule(entry.at);
    return entry.rule ??= readRule(entry.text, this.given);
  }

  insert(index: number, text: string): void {
    this.entries.splice(index - 1, 0, { text, rule: null });
  }

  /** Removes a rule; returns whether it was there. */
  delete(index: number, text: string): boolean {
    const found = this.text(index - 1) === text
      ? index - 1
      : this.entries.findIndex((_, at) => this.text(at) === text);
    if (found >= 0) this.entries.splice(found, 1);
    return found >= 0;
  }
}

/** The chains of a table while they are edited; those without an edit stay as they are. */
class EditedChains {
  readonly chains: Map<string, Chain>;

  constructor(chains: ReadonlyMap<string, Chain>, readonly family: Family) {
    this.chains = new Map(chains);
  }

  open(name: string): EditedChain | null {
    const known = this.chains.get(name);
    if (known === undefined) return null;
    return known instanceof EditedChain ? known : this.#put(name, known);
  }

  /** Applies an edit; returns whether that was possible. */
  apply(edit: ChainEdit): boolean {
    if (edit.op === "create-chain") {
      if (this.chains.has(edit.chain)) return false;
      this.#put(edit.chain, null);
      return true;
    }
    const chain = this.open(edit.chain);
    if (chain === null) return false;
    if (edit.op === "insert") chain.insert(edit.index, edit.text);
    else if (edit.op === "delete") return chain.delete(edit.index, edit.text);
    else if (edit.op === "flush-chain") chain.entries.length = 0;
    else return this.chains.delete(edit.chain);
    return true;
  }

  #put(name: string, was: Chain | null): EditedChain {
    const isChain = (wanted: string) => this.chains.has(wanted);
    const edited = new EditedChain(name, was?.policy ?? null, {
      was,
      family: this.family,
      isChain,
    });
    this.chains.set(name, edited);
    return edited;
  }
}

/**
 * The stages after a transaction has changed table `filter`.
 *
 * @param stages all of one family, as they are
 * @param change the transaction, in order, and its backend, as the stages name it
 * @returns the stages, or `null` if the table is not the one that was planned for
 */
export function editStages(
  stages: readonly Stage[],
  { edits, family, backend }: {
    readonly edits: readonly ChainEdit[];
    readonly family: Family;
    readonly backend: string;
  },
): Stage[] | null {
  if (edits.length === 0) return [...stages];
  const input = stages.find((stage) =>
    stage.backend === backend && stage.table.name === "filter" && stage.chain?.name === "INPUT"
  );
  if (input === undefined) return null;
  const edited = new EditedChains(input.table.chains, family);
  if (!edits.every((edit) => edited.apply(edit))) return null;
  const { name, problem } = input.table;
  const after: Stage = {
    ...input,
    table: { name, problem, chains: edited.chains },
    chain: edited.chains.get("INPUT") ?? null,
  };
  return stages.map((stage) => stage === input ? after : stage);
}
