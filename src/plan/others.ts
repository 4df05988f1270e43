import { type Address, coversAddress, parseAddress } from "../firewall/address.ts";
import { shapeOf } from "../firewall/chain_end.ts";
import { chainOf } from "../firewall/service.ts";
import { type FilterTable, type ObservedRule, PrintedRule } from "../firewall/table.ts";
import type { Edit } from "./edit.ts";
import type { NamedRule } from "./overrule.ts";

/**
 * The rules of a service's chain that this tool does not understand: neither doors, allowed addresses,
 * established, logs nor a policy.
 */
export function rulesOfOthers(table: FilterTable, name: string): readonly ObservedRule[] {
  return table.rules(chainOf(name)).filter(({ rule }) =>
    rule.kind === "foreign" || rule.kind === "jump"
  );
}

/** Targets that never let a packet in. */
const CLOSING = new Set(["DROP", "REJECT", "TARPIT", "LOG", "NFLOG"]);

/**
 * The rules of a service's chain that may let in an address without a door: foreign rules that a packet
 * reaches, that accept it or pass it on, and whose source does not exclude it; and an end of the chain that
 * accepts everyone.
 *
 * @returns their numbers in the chain and their texts, from top to bottom
 */
export function rulesThatMayLetIn(
  table: FilterTable,
  { name, address }: { name: string; address: Address },
): NamedRule[] {
  return table.reachedRules(chainOf(name)).flatMap(({ rule, text, isNative }, at) => {
    const isOpenEnd = rule.kind === "policy" && rule.policy === "accept";
    if (rule.kind !== "foreign" && rule.kind !== "jump" && !isOpenEnd) return [];
    const mayMatch = isNative === true || mayLetIn(text, address);
    return mayMatch ? [{ at: at + 1, text }] : [];
  });
}

/** Targets that never keep a packet out by themselves. */
const PASSING = new Set(["ACCEPT", "LOG", "NFLOG"]);

/**
 * The foreign rules in a service's chain that will be ahead of the door of an address and may decide its
 * packets, so that the door may open nothing.
 *
 * @param edits what will be done to the chain, after which the door is there
 * @returns their numbers in the chain as it is and their texts, from top to bottom
 */
export function rulesThatMayKeepOut(
  table: FilterTable,
  { name, address, edits }: { name: string; address: Address; edits: readonly Edit[] },
): NamedRule[] {
  const rules = table.rules(chainOf(name));
  const planned = [...rules];
  for (const edit of edits) {
    if (edit.op === "delete") planned.splice(edit.index - 1, 1);
    if (edit.op !== "insert") continue;
    planned.splice(edit.index - 1, 0, new PrintedRule(table.family, edit.text, 0, 0));
  }
  const door = planned.findIndex(({ rule }) =>
    rule.kind === "door" && rule.address.key === address.key
  );
  return planned.slice(0, door).flatMap((one) => {
    const { rule, text, isNative } = one;
    if (rule.kind !== "foreign" && rule.kind !== "jump") return [];
    const shape = shapeOf(text);
    const target = shape?.target ?? null;
    const hides = isNative === true && (target === null || !PASSING.has(target));
    const may = hides || shape === null ||
      shape.target !== null && !PASSING.has(shape.target) &&
        shape.matches.every((match) => mayBeFrom(match, address));
    return may ? [{ at: rules.indexOf(one) + 1, text }] : [];
  });
}

function mayLetIn(text: string, address: Address): boolean {
  const shape = shapeOf(text);
  if (shape === null) return true;
  if (shape.target === null || CLOSING.has(shape.target)) return false;
  return shape.matches.every((match) => mayBeFrom(match, address));
}

/** Whether a match may include packets from an address; one without a source does. */
function mayBeFrom(match: string, address: Address): boolean {
  const isNegated = match.startsWith("! ");
  const [option, value] = match.slice(isNegated ? 2 : 0).split(" ");
  if (option === "-s" && value !== undefined) {
    const source = parseAddress(value);
    // A mask with holes is not a network; another family's rule cannot be in this table.
    if (!source.ok) return true;
    if (isNegated) return !coversAddress(source.value, address);
    return coversAddress(source.value, address) || coversAddress(address, source.value);
  }
  if (option !== "--src-range" || value === undefined || isNegated) return true;
  const [from, to] = value.split("-").map(parseAddress);
  if (from?.ok !== true || to?.ok !== true) return true;
  return lastOf(address) >= from.value.key.slice(0, -1) &&
    address.key.slice(0, -1) <= to.value.key.slice(0, -1);
}

/** The bytes of the last host of a network, as in `Address.key`. */
function lastOf({ key, prefix }: Address): string {
  return [...key.slice(0, -1)].map((char, index) => {
    const free = 8 - Math.min(8, Math.max(0, prefix - index * 8));
    return String.fromCharCode(char.charCodeAt(0) | ((1 << free) - 1));
  }).join("");
}
