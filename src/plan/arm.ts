import { rewriteRule } from "../firewall/quote.ts";
import type { JumpMatch, Rule } from "../firewall/rule.ts";
import { chainOf, isServiceName, serviceOf } from "../firewall/service.ts";
import { type FilterTable, type ObservedRule, PrintedRule } from "../firewall/table.ts";
import {
  jumpAfter,
  jumpBeside,
  jumpInMoment,
  type JumpText,
  jumpUntil,
  readUndatedJump,
  unconfirmedChainOf,
} from "../firewall/unconfirmed.ts";
import { editChain, type Placed } from "./arrange.ts";
import type { Edit } from "./edit.ts";
import { type PlannedRule, PlannedTable } from "./planned_table.ts";

const NONE = { packets: 0, bytes: 0 };

/** A transaction that the kernel takes back by itself. */
export interface Armed {
  /** Its edits. */
  readonly edits: readonly Edit[];
  /** Rules of copied chains that must not match on more than their text shows. */
  readonly copied: ReadonlySet<string>;
  /** A foreign chain with the name that the new rules need, and a rule that jumps to it; `null` for none. */
  readonly taken: { readonly chain: string; readonly text: string | null } | null;
}

/**
 * Turns a plan into one whose effect expires. The chain of each service that changes stays as it is, except
 * for a last rule, the marker by which `add` and `delete` find the new chain; no packet reaches it if the
 * chain has an end. Its new rules are in `pk.NAME`; jumps to that, which expire after `until`, are ahead of
 * the old ones. An old jump that the new ones do not cover starts after `until`.
 *
 * @param table what the edits were planned for: nothing in it is unconfirmed
 * @param plan the edits, and the last second in which packets are to meet what they make
 */
export function arm(
  table: FilterTable,
  { edits, until }: { edits: readonly Edit[]; until: number },
): Armed {
  const names = changedServices(edits);
  const planned = new PlannedTable(table, edits);
  const view = planned.read();
  const armed: Edit[] = [];
  const copied = new Set<string>();
  for (const name of names) {
    const chain = unconfirmedChainOf(name);
    const [text = null] = table.jumpTextsTo(chain);
    if (table.countRules(chain) > 0 || text !== null) {
      return { edits: [], copied, taken: { chain, text } };
    }
    // An empty one without a jump to it is a leftover of `iptables -F`.
    if (!table.hasChain(chain)) armed.push({ op: "create-chain", chain });
  }
  for (const name of names) {
    const rules = planned.rules(chainOf(name));
    const native = nativeTexts(table, chainOf(name));
    const isSure = (rule: PlannedRule) => !native.has(rule.text) && !isDoubtful(rule, table);
    if (rules.some((rule) => rule.isPrinted && !isSure(rule))) copied.add(chainOf(name));
    for (const edit of fillChain(name, { rules, names })) armed.push(edit);
    const marker = readUndatedJump(`-j ${chainOf(name)}`)!;
    const at = table.countRules(chainOf(name));
    if (!table.hasChain(chainOf(name))) continue;
    const text = jumpUntil(marker, until);
    armed.push(
      { op: "insert", chain: chainOf(name), index: at + 1, last: true, text, isOwn: true, ...NONE },
    );
  }
  for (const chain of table.chainNames) {
    const service = serviceOf(chain);
    if (service !== null && names.has(service)) continue;
    const observed = table.rules(chain);
    const wanted = planned.rules(chain);
    const over = overlay({ observed, wanted }, { names, until, view });
    if (over === null) continue;
    if (over.copies) copied.add(chain);
    for (const edit of editChain(chain, { observed, placed: over.placed })) armed.push(edit);
  }
  return { edits: armed, copied, taken: null };
}

/** The services that a transaction creates, changes or removes. */
function changedServices(edits: readonly Edit[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const edit of edits) {
    const name = serviceOf(edit.chain);
    if (name !== null && isServiceName(name)) names.add(name);
    else if ("text" in edit) {
      const jump = readUndatedJump(edit.text);
      if (jump !== null && !jump.isNew) names.add(jump.name);
    }
  }
  return names;
}

/** The texts of a chain's rules that are known to be more than iptables shows of them. */
function nativeTexts(table: FilterTable, chain: string): ReadonlySet<string> {
  const native = table.rules(chain).filter(({ isNative }) => isNative === true);
  return new Set(native.map(({ text }) => text));
}

/** A rule that may match on more than its text shows, if nft wrote it; chain ends read by this tool do not. */
function isDoubtful({ text }: PlannedRule, { family }: FilterTable): boolean {
  const { kind } = new PrintedRule(family, text, 0, 0).rule;
  return kind === "door" || kind === "foreign" || kind === "jump";
}

function fillChain(
  name: string,
  { rules, names }: { rules: readonly PlannedRule[]; names: ReadonlySet<string> },
): Edit[] {
  const chain = unconfirmedChainOf(name);
  return rules.map(({ line }, at) => {
    const jump = readUndatedJump(line);
    const text = jump !== null && names.has(jump.name) ? jumpBeside(jump) : line;
    return { op: "insert", chain, index: at + 1, last: true, text, isOwn: true, ...NONE };
  });
}

/** A jump that is or will be in a chain. */
interface Jump {
  /** Its target. */
  readonly text: JumpText;
  /** Its matches; `null` if they are not understood. */
  readonly match: JumpMatch | null;
}

/** The current place of an old jump. */
interface OldJump extends Jump {
  readonly at: number;
  readonly rule: ObservedRule;
}

/** What the overlay of a chain is made from. */
interface Overlay {
  /** The services that change. */
  readonly names: ReadonlySet<string>;
  /** The last second of their new rules. */
  readonly until: number;
  /** The table once the plan is carried out. */
  readonly view: FilterTable;
}

/**
 * Adds the new jumps of a chain to its old ones.
 *
 * No packet may slip through in the second of the switch, which may happen while it is between two rules. A
 * new jump is therefore ahead of the old one of its service. An old one that starts later and is ahead
 * of a new one that matches the same packets is repeated behind that: otherwise such a packet could find
 * the old one not yet active, and the new one no longer.
 *
 * @returns `null` if the chain has nothing to do with the services that change
 */
function overlay(
  { observed, wanted }: { observed: readonly ObservedRule[]; wanted: readonly PlannedRule[] },
  { names, until, view }: Overlay,
): { placed: Placed[]; copies: boolean } | null {
  const gaps = gapsOf({ observed, wanted }, names);
  if (gaps.every(({ old, fresh }) => old.length + fresh.length === 0)) return null;
  const placed: Placed[] = [];
  const standing: Jump[] = [];
  const late: OldJump[] = [];
  const copyOf = ({ text }: OldJump): Placed => ({ text: jumpInMoment(text, until), ...NONE });
  const putFresh = (jump: Jump) => {
    placed.push({ text: jumpUntil(jump.text, until), ...NONE });
    standing.push(jump);
    for (const old of late) if (mayShare(old, jump)) placed.push(copyOf(old));
  };
  for (const { old, fresh, shared } of gaps) {
    const waiting = [...fresh];
    for (const jump of old) {
      let own = waiting.findLastIndex(({ text }) => text.name === jump.text.name);
      for (; own >= 0; own--) putFresh(waiting.shift()!);
      const ahead = standing.filter(({ text }) => text.name === jump.text.name);
      if (isCovered(jump, ahead) && decidesAll(view, jump.text.name)) placed.push(jump.at);
      else {
        const { packets, bytes } = jump.rule;
        placed.push({ text: jumpAfter(jump.text, until), packets, bytes });
        late.push(jump);
      }
    }
    waiting.forEach(putFresh);
    if (shared !== null) placed.push(shared);
  }
  const copies = gaps.some(({ old }) => old.some(({ match }) => match === null));
  return { placed, copies };
}

/** What is between two rules that a chain keeps, before and after, and the rule behind it. */
interface Gap {
  readonly old: OldJump[];
  readonly fresh: Jump[];
  /** Index of the rule behind it; `null` at the end of the chain. */
  readonly shared: number | null;
}

/**
 * @throws {RangeError} if a plan moves a rule that is not a jump to a service which it changes: no plan does
 */
function gapsOf(
  { observed, wanted }: { observed: readonly ObservedRule[]; wanted: readonly PlannedRule[] },
  names: ReadonlySet<string>,
): Gap[] {
  const of = (text: string) => {
    const jump = readUndatedJump(text);
    return jump !== null && !jump.isNew && names.has(jump.name) ? jump : null;
  };
  const gaps: Gap[] = [{ old: [], fresh: [], shared: null }];
  observed.forEach((rule, at) => {
    const text = of(rule.text);
    if (text === null) {
      gaps[gaps.length - 1] = { ...gaps.at(-1)!, shared: at };
      gaps.push({ old: [], fresh: [], shared: null });
    } else {
      const written = of(rewriteRule(rule.text)) ?? text;
      gaps.at(-1)!.old.push({ text: written, match: matchOf(rule.rule), at, rule });
    }
  });
  let gap = 0;
  for (const { text, line, isPrinted } of wanted) {
    const jump = of(line);
    if (jump === null) {
      const at = gaps[gap]?.shared ?? null;
      if (at === null || observed[at]?.text !== text) throw new RangeError("a foreign rule moved");
      gap++;
      continue;
    }
    gaps[gap]!.fresh.push({ text: jump, match: readMatch(text, isPrinted) });
  }
  return gaps;
}

function matchOf(rule: Rule): JumpMatch | null {
  return rule.kind === "jump" ? rule.match : null;
}

/** Any family will do: jumps that this tool writes have no addresses. */
function readMatch(text: string, isPrinted: boolean): JumpMatch | null {
  // Only text that is written here has a name in quotes.
  if (!isPrinted && text.includes('"')) return null;
  return matchOf(new PrintedRule("ipv4", text, 0, 0).rule);
}

/**
 * Whether new jumps to the same service match every packet of a jump. With further matches, such as a
 * limit, that is never certain: evaluated twice, they may give two results.
 */
function isCovered({ match }: Jump, fresh: readonly Jump[]): boolean {
  if (match === null) return false;
  const wide = fresh.flatMap((one) => one.match ?? []).filter((one) =>
    one.protocol === match.protocol && (!one.syn || match.syn) &&
    (one.interface === null || one.interface === match.interface)
  ).flatMap(({ ports }) => ports).sort((a, b) => a.from - b.from);
  return match.ports.every(({ from, to }) => {
    let next = from;
    for (const port of wide) if (port.from <= next && port.to >= next) next = port.to + 1;
    return next > to;
  });
}

/** Whether two jumps may match the same packet. */
function mayShare({ match: a }: Jump, { match: b }: Jump): boolean {
  if (a === null || b === null) return true;
  return a.protocol === b.protocol &&
    a.ports.some(({ from, to }) => b.ports.some((port) => port.from <= to && from <= port.to));
}

/** Rules after which a packet continues in the chain or is decided: it never leaves the chain undecided. */
const OWN: ReadonlySet<Rule["kind"]> = new Set(["established", "allow", "door", "log", "policy"]);

/** Whether no packet returns from a service's chain. */
function decidesAll(table: FilterTable, name: string): boolean {
  const chain = chainOf(name);
  const end = table.endOf(chain);
  if (end === null || !end.isPolicy) return false;
  return table.rules(chain).slice(0, end.at).every(({ rule }) => OWN.has(rule.kind));
}
