import type { Family } from "../../firewall/address.ts";
import type { Rule } from "../rule.ts";
import { type Hook, type Stage, stagesOf, unknownStage } from "../stage.ts";
import type { Chain, Ruleset, Table } from "../tables.ts";
import type { Verdict } from "../target.ts";
import { type Json, type JsonObject, listOf, objectOf, partsOf, textOf } from "./json.ts";
import { isNative } from "./native.ts";
import { printRule } from "./print.ts";
import { type NftTableContext, readNftRule } from "./rule.ts";

/** A chain of nft's JSON. */
class NftChain implements Chain {
  readonly statements: (readonly Json[])[] = [];
  #rules: { rule: Rule; number: number }[] | null = null;

  constructor(
    readonly name: string,
    readonly policy: Verdict | null,
    readonly of: NftTableContext,
  ) {}

  get length(): number {
    return this.#all.length;
  }

  rule(index: number): Rule {
    return this.#all[index]?.rule ?? { conditions: [], target: { kind: "none" } };
  }

  number(index: number): number {
    return this.#all[index]?.number ?? index + 1;
  }

  text(index: number): string {
    return printRule(this.statements[this.number(index) - 1] ?? []);
  }

  /** Read on demand: most tables are never entered. */
  get #all(): { rule: Rule; number: number }[] {
    return this.#rules ??= this.statements.flatMap((statements, at) =>
      readNftRule(statements, this.of).map((rule) => ({ rule, number: at + 1 }))
    );
  }
}

/** A chain as iptables prints it, except some rules of nft, which are read from its output. */
class MixedChain implements Chain {
  constructor(readonly printed: Chain, readonly native: ReadonlyMap<number, NftChain>) {}

  get name(): string {
    return this.printed.name;
  }

  get policy(): Verdict | null {
    return this.printed.policy;
  }

  get length(): number {
    return this.printed.length;
  }

  number(index: number): number {
    return index + 1;
  }

  rule(index: number): Rule {
    const chain = this.native.get(index);
    if (chain === undefined) return this.printed.rule(index);
    // If a map has several verdicts, none of them is shown here.
    return chain.length === 1 ? chain.rule(0) : UNCLEAR;
  }

  text(index: number): string {
    return this.native.get(index)?.text(0) ?? this.printed.text(index);
  }
}

const UNCLEAR: Rule = { conditions: [], target: { kind: "verdict", verdict: "unknown" } };

interface BaseChain {
  readonly chain: NftChain;
  readonly hook: string;
  readonly priority: number;
  readonly nat: boolean;
}

/** A table of nft. */
class NftTable implements Table {
  readonly chains = new Map<string, NftChain>();
  readonly base: BaseChain[] = [];
  readonly sets = new Map<string, Json>();
  readonly problem = null;

  constructor(readonly family: string, readonly key: string, readonly isDormant: boolean) {}

  /** Its name for people; for tables of iptables without the family. */
  get name(): string {
    return `${this.family} ${this.key}`;
  }

  addChain({ name, hook, prio, policy, type }: JsonObject, family: Family): void {
    const isChain = (wanted: string) => this.chains.has(wanted);
    const verdict = hook === undefined ? null : policy === "drop" ? "dropped" : "accepted";
    const chain = new NftChain(textOf(name), verdict, { family, isChain, sets: this.sets });
    this.chains.set(chain.name, chain);
    if (hook === undefined) return;
    const priority = typeof prio === "number" ? prio : 0;
    this.base.push({ chain, hook: textOf(hook), priority, nat: type === "nat" });
  }
}

/** Families of nft's tables that an incoming packet of one family passes. */
const MEETS: Readonly<Record<Family, readonly string[]>> = {
  ipv4: ["ip", "inet", "netdev"],
  ipv6: ["ip6", "inet", "netdev"],
};

/**
 * Reads the output of `nft -j list ruleset`.
 *
 * @returns its tables that a packet of the family passes, or `null` if it is not such output
 */
function readNft(text: string, family: Family): NftTable[] | null {
  let all: Json;
  try {
    all = JSON.parse(text);
  } catch {
    return null;
  }
  const list = objectOf(all)["nftables"];
  if (!Array.isArray(list)) return null;
  const tables = new Map<string, NftTable>();
  for (const entry of listOf(list)) {
    const [tag, content] = partsOf(entry);
    const inside = objectOf(content);
    const of = textOf(inside["family"]);
    if (!MEETS[family].includes(of)) continue;
    if (tag === "table") {
      const key = textOf(inside["name"]);
      // nft 1.0.6 prints no flag correctly in JSON; any but `owner` means that no chain takes effect.
      const { flags } = inside;
      const isDormant = flags !== undefined && flags !== "owner";
      tables.set(`${of} ${key}`, new NftTable(of, key, isDormant));
    }
    const table = tables.get(`${of} ${textOf(inside["table"])}`);
    if (tag === "set") table?.sets.set(textOf(inside["name"]), { set: listOf(inside["elem"]) });
    if (tag === "chain") table?.addChain(inside, family);
    if (tag === "rule") {
      table?.chains.get(textOf(inside["chain"]))?.statements.push(listOf(inside["expr"]));
    }
  }
  return [...tables.values()];
}

/**
 * All chains that a packet passes: iptables' own, those that only nft has, and rules of nft in iptables'
 * tables, as nft shows them.
 *
 * @param rulesets of the packet's family, as iptables-save printed them
 * @param nft the output of `nft -j list ruleset`; `null` without nft
 */
export function allStages(rulesets: readonly Ruleset[], nft: string | null): Stage[] {
  const [first] = rulesets;
  const printed = rulesets.flatMap(stagesOf);
  if (nft === null || first === undefined) return printed;
  const tables = readNft(nft, first.family);
  if (tables === null) return [...printed, unreadable()];
  const own = rulesets.find(({ backend }) => backend !== "legacy");
  return [
    ...printed.flatMap((stage) => correct(stage, { tables, own })),
    ...tables.filter((table) => !isPrinted(table, own)).flatMap(nftStages),
    ...tables.filter(({ isDormant }) => isDormant).map(dormant),
  ];
}

/** A dormant table: its rules have no effect. */
function dormant({ name, chains }: NftTable): Stage {
  return unknownStage({ name, chains, problem: "it is dormant: its rules have no effect" });
}

function unreadable(): Stage {
  return unknownStage({
    name: "nft",
    chains: new Map(),
    problem: "nft's output cannot be read",
  });
}

/** Whether iptables-save showed a table of nft, completely or not. */
function isPrinted({ family, key }: NftTable, own: Ruleset | undefined): boolean {
  const table = family === (own?.family === "ipv4" ? "ip" : "ip6")
    ? own?.tables.get(key)
    : undefined;
  return table !== undefined && table.problem === null;
}

/** A stage of iptables, completed from nft's output; none if nft shows the table instead. */
function correct(
  stage: Stage,
  { tables, own }: { tables: readonly NftTable[]; own: Ruleset | undefined },
): Stage[] {
  if (own === undefined || own.tables.get(stage.table.name) !== stage.table) return [stage];
  const family = own.family === "ipv4" ? "ip" : "ip6";
  const shown = tables.find((table) => table.family === family && table.key === stage.table.name);
  if (shown === undefined) return [stage];
  // What iptables cannot show is among nft's own tables.
  if (stage.table.problem !== null) return [];
  const table = mixed(stage.table, shown);
  if (table === null) {
    const problem = "it changed while it was read";
    return [{ ...stage, table: { ...stage.table, problem } }];
  }
  return [{ ...stage, table, chain: table.chains.get(stage.chain?.name ?? "") ?? null }];
}

/** A table whose rules of nft are read as nft shows them; `null` if the two do not agree. */
function mixed(printed: Table, shown: NftTable): Table | null {
  const chains = new Map<string, Chain>();
  for (const [name, chain] of printed.chains) {
    const other = shown.chains.get(name);
    if ((other?.statements.length ?? 0) !== chain.length) return null;
    const native = new Map<number, NftChain>();
    other?.statements.forEach((statements, at) => {
      if (!isNative(statements)) return;
      const single = new NftChain(name, null, other.of);
      single.statements.push(statements);
      native.set(at, single);
    });
    chains.set(name, native.size === 0 ? chain : new MixedChain(chain, native));
  }
  return { name: printed.name, chains, problem: printed.problem };
}

function nftStages(table: NftTable): Stage[] {
  return table.base.flatMap(({ chain, hook, priority, nat }): Stage[] => {
    if (hook === "ingress") {
      if (chain.statements.length === 0 && chain.policy === "accepted") return [];
      const problem = `chain ${chain.name} sees packets of some interfaces ahead of all others`;
      const known = { name: table.name, chains: table.chains, problem };
      return [{ ...unknownStage(known), priority: -500 }];
    }
    if (hook !== "prerouting" && hook !== "input" || nat && hook === "input") return [];
    return [{ backend: "nft", table, chain, hook: hook satisfies Hook, priority, nat }];
  });
}
