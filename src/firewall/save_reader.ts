import type { Family } from "./address.ts";
import { LASTING, shapeOf } from "./chain_end.ts";
import { endsInQuotes } from "./quote.ts";
import { bad, good, type Result } from "./result.ts";
import { CHAIN_PREFIX } from "./service.ts";
import { FilterTable, PrintedRule } from "./table.ts";

/** Why an output of iptables-save cannot be relied on. */
export interface SaveProblem {
  /** One sentence without a full stop. */
  readonly message: string;
  /** The line that shows it; empty if one is missing. */
  readonly line: string;
}

/** Table `filter` as printed, and what its text may hide. */
export interface SavedTable {
  /** The table. */
  readonly table: FilterTable;
  /**
   * Of each service chain the indexes of the rules ahead of its last that decide packets whatever their
   * source: iptables-nft prints a rule of nft(8) with a set so, without what it matches on.
   */
  readonly unclear: ReadonlyMap<string, readonly number[]>;
}

/**
 * Reads table `filter` from what `iptables-save [-c]` prints, either backend. Other tables and comments
 * are passed over.
 *
 * @param printed the whole output; rules may stand with or without `[packets:bytes]`
 * @param family which family's iptables-save printed it
 * @returns the table, empty where the output holds no table `filter`; or why the output is not wholly a
 * save, for a rule that is read wrongly or not at all would be lost by the next write
 */
export function readSave(printed: string, family: Family): Result<SavedTable, SaveProblem> {
  const reader = new SaveReader(family);
  const hasQuotes = printed.includes('"');
  // In place: a list of 65,000 lines would cost as much as reading them.
  for (let at = 0; at < printed.length;) {
    let end = endOfLine(printed, at);
    while (hasQuotes && reader.isRule(printed, at) && endsInQuotes(printed, at, end)) {
      if (end >= printed.length) return bad({ message: UNCLOSED, line: firstLine(printed, at) });
      end = endOfLine(printed, end + 1);
    }
    const problem = reader.readLine(printed, at, end);
    if (problem !== null) return bad({ message: problem, line: firstLine(printed, at) });
    at = end + 1;
  }
  const { chains, unclear, isOpen } = reader;
  if (isOpen) return bad({ message: "iptables-save ended ahead of COMMIT", line: "" });
  for (const [chain, places] of unclear) {
    if (places.at(-1) === (chains.get(chain)?.length ?? 0) - 1) places.pop();
    if (places.length === 0) unclear.delete(chain);
  }
  return good({ table: new FilterTable(family, chains), unclear });
}

const UNCLOSED = "iptables-save printed a quote that nothing closes";
const NOT_A_SAVE = "iptables-save printed a line that is no part of a save";

function endOfLine(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  return newline < 0 ? text.length : newline;
}

function firstLine(text: string, at: number): string {
  return text.slice(at, endOfLine(text, at));
}

/** How a rule of a service's chain starts. */
const CHAIN_START = `-A ${CHAIN_PREFIX}`;

/** iptables-save (nft) prints this on standard output, with status 0. */
const INCOMPATIBLE = /^# Table `[^']*' is incompatible/;

/** Takes the lines of iptables-save one by one. */
class SaveReader {
  readonly chains: Map<string, PrintedRule[]> = new Map();
  /** Of each service chain the indexes of the rules that may take every packet. */
  readonly unclear: Map<string, number[]> = new Map();
  /** Whether a table was begun and not ended. */
  isOpen = false;
  #isFilter = false;
  /** The chain that the last rule stands in, as it was printed: the next one mostly does, too. */
  #start = "";
  #rules: PrintedRule[] | undefined;

  constructor(readonly family: Family) {}

  /** Whether a line is a rule, whose comment may go on in the next. */
  isRule(text: string, at: number): boolean {
    return this.isOpen && "-[".includes(text.charAt(at));
  }

  /** Takes the line that stands in `text` from `at` to `end`; returns what is wrong with it. */
  readLine(text: string, at: number, end: number): string | null {
    if (at === end) return null;
    switch (text.charAt(at)) {
      case "#": {
        if (!INCOMPATIBLE.test(text.slice(at, end))) return null;
        return "a table holds rules of nft that iptables cannot show or change";
      }
      case "*":
        if (this.isOpen) return NOT_A_SAVE;
        this.isOpen = true;
        this.#isFilter = text.slice(at, end) === "*filter";
        return null;
      case "C":
        if (!this.isOpen || text.slice(at, end) !== "COMMIT") return NOT_A_SAVE;
        this.isOpen = false;
        return null;
      case ":":
        if (!this.isOpen) return NOT_A_SAVE;
        if (this.#isFilter) this.#declare(text.slice(at + 1, end));
        return null;
      case "-":
      case "[":
        if (!this.isOpen) return NOT_A_SAVE;
        return !this.#isFilter || this.#readRule(text, at, end) ? null : NOT_A_SAVE;
      default:
        return NOT_A_SAVE;
    }
  }

  #declare(words: string): void {
    this.chains.set(words.split(" ")[0] ?? "", []);
    this.#start = "";
  }

  /** Reads `[packets:bytes] -A CHAIN words`; `false` if it is not that, of a chain that was declared. */
  #readRule(text: string, at: number, end: number): boolean {
    const start = text.charAt(at) === "[" ? text.indexOf("-A ", at) : at;
    if (start < 0 || start >= end || !text.startsWith("-A ", start)) return false;
    if (start > at && !/^\[\d+:\d+\] $/.test(text.slice(at, start))) return false;
    if (this.#start === "" || !text.startsWith(this.#start, start)) {
      const space = text.indexOf(" ", start + 3);
      const behind = space < 0 || space > end ? end : space;
      const chain = text.slice(start + 3, behind);
      this.#start = behind < end ? `-A ${chain} ` : "";
      this.#rules = this.chains.get(chain);
    }
    if (this.#rules === undefined) return false;
    const counted = start > at && !text.startsWith("[0:0]", at);
    const packets = counted ? parseInt(text.slice(at + 1, start), 10) : 0;
    const bytes = counted ? parseInt(text.slice(text.indexOf(":", at) + 1, start), 10) : 0;
    const words = this.#start === "" ? "" : text.slice(start + this.#start.length, end);
    this.#rules.push(new PrintedRule(this.family, words, packets, bytes));
    if (this.#start.startsWith(CHAIN_START) && !words.startsWith("-s ")) this.#noteUnclear(words);
    return true;
  }

  #noteUnclear(words: string): void {
    const chain = this.#start.slice(3, -1);
    if (!mayTakeAll(words)) return;
    const places = this.unclear.get(chain) ?? [];
    places.push((this.#rules?.length ?? 1) - 1);
    this.unclear.set(chain, places);
  }
}

/** Targets after which a packet goes on. */
const PASSING = new Set(["LOG", "NFLOG"]);

/** Whether a rule may be taken for one that decides every packet, or that lets everybody in. */
function mayTakeAll(words: string): boolean {
  const shape = shapeOf(words);
  if (shape === null || PASSING.has(shape.target ?? "")) return false;
  return shape.matches.every((match) => LASTING.test(match) && !/^(! )?-s /.test(match));
}
